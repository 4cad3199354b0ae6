"""Calendar rules of a place. Pure: days in, days out; no Flask, no SQL, no clock."""

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import Self, TypeAlias

from rental.foundation.errors import Conflict, Invalid
from rental.foundation.words import N_, Named

Hours: TypeAlias = tuple[tuple[time, time], ...]
"""Opening times of one day: (opens, closes) pairs, local time, in order."""

SEARCH_DAYS = 60
"""How many days ahead an open day is looked for; longer than any statutory holiday."""

#: The statutory days by the names under which they are kept.
_HOLIDAYS: dict[str, str] = {
    "元旦": "New Year's Day",
    "农历除夕": "Chinese New Year's Eve",
    "春节": "Spring Festival",
    "清明节": "Tomb-Sweeping Day",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
    "调休放假": "Day off in lieu",
    "调休上班": "Working day in lieu",
}

MORNING_ENDS = time(12)
AFTERNOON_STARTS = time(13)

_DAY = timedelta(days=1)
_NO_DAYS: Mapping[date, Hours] = MappingProxyType({})


class Half(StrEnum):
    """Half a day: the window in which somebody comes or is visited."""

    MORNING = "morning"
    AFTERNOON = "afternoon"


HALF_WORDS: dict[Half, str] = {Half.MORNING: N_("上午"), Half.AFTERNOON: N_("下午")}


class SpansOverlap(Invalid):
    """Two spans of one weekday overlap, or one ends before it begins."""

    sentence = N_("开门时间要早于关门时间，下午要从上午关门以后开始。请核对后再保存。")


class PlaceStaysClosed(Conflict):
    """The place has no open day in the coming weeks."""

    sentence = N_("从 %(day)s 起 %(days)s 天内这里都不开放，请打电话给我们另约时间。")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHalf:
    """Half a day on which the place is open; times are local, `opens` before `closes`."""

    half: Half
    opens: time
    closes: time


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningCalendar:
    """When a place is open.

    Attributes:
        weekly: Hours by weekday, Monday 0 to Sunday 6; a missing weekday is closed.
        closed: Civil dates on which the place is closed in any case.
        special: Hours of single dates in place of the weekly ones, such as a working Sunday that
            makes up for a holiday. `closed` wins over `special`.
    """

    weekly: Mapping[int, Hours]
    closed: frozenset[date] = frozenset()
    special: Mapping[date, Hours] = field(default_factory=lambda: _NO_DAYS)

    def hours(self, day: date) -> Hours:
        """Return the day's opening times, empty when closed."""
        if day in self.closed:
            return ()
        return self.special.get(day, self.weekly.get(day.weekday(), ()))

    def is_open(self, day: date, half: Half | None = None) -> bool:
        """Tell whether the place opens at all on the day, or in the half of it that is named."""
        if half is None:
            return bool(self.hours(day))
        return any(each.half is half for each in self.halves(day))

    def first_open(self, day: date) -> date | None:
        """Return the day itself when open, else the first open day after it.

        None when none of the 60 days from `day` on is open: nobody can say.
        """
        days = (day + ahead * _DAY for ahead in range(SEARCH_DAYS))
        return next(filter(self.is_open, days), None)

    def next_open(self, day: date) -> date:
        """Return the day itself when open, else the first open day after it.

        Due dates and ends of offers that fall on a closed day move here.

        Raises:
            PlaceStaysClosed: If none of the 60 days from `day` on is open.
        """
        found = self.first_open(day)
        if found is None:
            raise PlaceStaysClosed(day=day, days=SEARCH_DAYS)
        return found

    def open_or_same(self, day: date) -> date:
        """Return the first open day from `day` on, `day` itself while nobody can say which."""
        return self.first_open(day) or day

    def add_open_days(self, day: date, n: int) -> date:
        """Return the n-th open day after `day`, which itself isn't counted; `day` when n is 0.

        Raises:
            PlaceStaysClosed: If 60 days in a row are closed.
        """
        for _ in range(n):
            day = self.next_open(day + _DAY)
        return day

    def after_open_days(self, day: date, n: int) -> date | None:
        """Return the day of `add_open_days`, None when nobody can say.

        For facts, which are recorded while the place stays closed; only a wish is refused then.
        """
        try:
            return self.add_open_days(day, n)
        except PlaceStaysClosed:
            return None

    def halves_left(self, day: date, clock: time) -> tuple["OpenHalf", ...]:
        """Return the halves of the day that aren't over at the local time."""
        return tuple(half for half in self.halves(day) if half.closes > clock)

    def opens_from(self, today: date, clock: time) -> date | None:
        """Return the first day on which somebody can still come: today until the last closing.

        None while nobody can say when the place opens again.
        """
        return today if self.halves_left(today, clock) else self.first_open(today + _DAY)

    def closing(self, day: date) -> Self:
        """Return the calendar with one more closed day."""
        return replace(self, closed=self.closed | {day})

    def halves(self, day: date) -> tuple[OpenHalf, ...]:
        """Return the halves of the day that are open: until 12:00 and from 13:00 on.

        Several spans in one half count as one, from the first opening to the last closing.
        """
        hours = self.hours(day)
        morning = ((opens, min(closes, MORNING_ENDS)) for opens, closes in hours)
        afternoon = ((max(opens, AFTERNOON_STARTS), closes) for opens, closes in hours)
        return (*_half(Half.MORNING, morning), *_half(Half.AFTERNOON, afternoon))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of a site's calendar that is about to be made.

    Attributes:
        before: When the site is open so far.
        after: When it will be.
        today: The civil day; nothing before it changes.
    """

    site_id: int
    before: OpeningCalendar
    after: OpeningCalendar
    today: date

    def closes(self, day: date, half: Half | None = None) -> bool:
        """Tell whether the day, or the half of it that is named, is no longer open."""
        return self.before.is_open(day, half) and not self.after.is_open(day, half)


def in_order(spans: Iterable[tuple[time, time]]) -> Hours:
    """Return the spans as hours of a day, the first one first.

    Raises:
        SpansOverlap: If one ends before it begins, or two overlap.
    """
    hours = tuple(sorted(spans))
    times = [moment for span in hours for moment in span]
    if any(earlier >= later for earlier, later in pairwise(times)):
        raise SpansOverlap
    return hours


def _half(half: Half, spans: Iterable[tuple[time, time]]) -> tuple[OpenHalf, ...]:
    """Return the half that the spans cover, or nothing when none lasts."""
    lasting = [(opens, closes) for opens, closes in spans if opens < closes]
    if not lasting:
        return ()
    opens = min(opens for opens, _ in lasting)
    closes = max(closes for _, closes in lasting)
    return (OpenHalf(half=half, opens=opens, closes=closes),)


def months_after(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last day when it is shorter.

    Source: 民法典 (Civil Code) art. 202: a period of months or years ends on the corresponding
    day of its last month; without such a day, on that month's last day.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def years_after(day: date, years: int) -> date:
    """Return the same day of a later year; 29 February becomes 28 February in a common year.

    Source: 民法典 (Civil Code) art. 202, as in `months_after`.
    """
    return months_after(day, 12 * years)


class ZoneKind(StrEnum):
    """The colour of a zone: what may stand in it (domain.md, section 2)."""

    DIRTY = "dirty"
    CLEAN = "clean"
    SHOWROOM = "showroom"
    VEHICLE = "vehicle"


def holiday_said(name: str) -> Named:
    """Return a statutory day's name in both languages; other names are the site's own words."""
    return Named(name, _HOLIDAYS.get(name, name))
