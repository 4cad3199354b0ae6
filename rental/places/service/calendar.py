"""Opening and closing: weekly hours, the site's own closed days, statutory days."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import TypeVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from rental.foundation.actor import Actor
from rental.foundation.clock import Moment
from rental.foundation.constraints import refusing
from rental.foundation.errors import Conflict, Invalid
from rental.foundation.words import N_
from rental.places import queries
from rental.places.models import ClosedDay, ClosedSource, OpeningHours, SpecialDay
from rental.places.policy import in_order
from rental.places.service import ripples
from rental.places.service.statutory import statutory_year

Span = tuple[time, time]
"""Opens, closes; local time, opens before closes."""

_Day = TypeVar("_Day", ClosedDay, SpecialDay)

_MONDAY = 0
_WORKING = "调休上班"


class DayAlreadyClosed(Conflict):
    """The day is on the list already."""

    sentence = N_("%(day)s 已经是休息日了，不用再加。")


class DayPassed(Invalid):
    """The past can't be closed or opened any more."""

    sentence = N_("%(day)s 已经过去，请选今天或以后的日子。")
    field = "on"


class DayTooFar(Invalid):
    """Nobody plans that far ahead."""

    sentence = N_("%(day)s 太远了，最晚可以选到明年年底。")
    field = "on"


class StatutoryDay(Conflict):
    """A statutory day leaves the list by a new statutory arrangement only."""

    sentence = N_("%(day)s 是法定节假日，不能从这里删除。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """What a refresh of the statutory days did.

    Attributes:
        added: How many days came to the list.
        removed: How many left it.
        announced: The years whose arrangement is published.
        awaited: The years whose arrangement is not yet published; days fixed by law only.
    """

    added: int
    removed: int
    announced: tuple[int, ...]
    awaited: tuple[int, ...]


def set_hours(
    session: Session,
    *,
    site_id: int,
    weekdays: Iterable[int],
    spans: Iterable[Span],
    by: Actor,
    at: Moment,
) -> None:
    """Replace the hours of the weekdays (Monday 0); without spans they are closed.

    Raises:
        SpansOverlap: If a span ends before it begins, or two overlap.
    """
    del by
    chosen, hours = sorted(set(weekdays)), in_order(spans)
    session.execute(
        delete(OpeningHours).where(
            OpeningHours.site_id == site_id, OpeningHours.weekday.in_(chosen)
        )
    )
    session.add_all(
        OpeningHours(site_id=site_id, weekday=weekday, opens=opens, closes=closes)
        for weekday in chosen
        for opens, closes in hours
    )
    session.flush()
    _changed(session, at)


def _changed(session: Session, at: Moment) -> None:
    queries.forget(session)
    ripples.follow(session, at=at)


def close_day(
    session: Session, *, site_id: int, on: date, reason: str, by: Actor, at: Moment
) -> None:
    """Put a day of the site's own on the list of closed days.

    Raises:
        DayPassed: If the day is before today.
        DayTooFar: If it is later than next year.
        DayAlreadyClosed: If it is on the list.
    """
    del by
    if on < at.on:
        raise DayPassed(day=on)
    if on.year > at.on.year + 1:
        raise DayTooFar(day=on)
    with refusing(
        "closed_day.site_id", "uq_closed_day_site_id_closed_on", refusal=DayAlreadyClosed(day=on)
    ):
        session.add(ClosedDay(site_id=site_id, closed_on=on, zh=reason, source=ClosedSource.OWN))
        session.flush()
    _changed(session, at)


def open_day(session: Session, *, site_id: int, on: date, by: Actor, at: Moment) -> None:
    """Take a day of the site's own off the list of closed days.

    Raises:
        queries.ClosedDayNotFound: If it isn't on the list.
        StatutoryDay: If the law closes it.
        DayPassed: If it is before today.
    """
    del by
    row = session.scalar(
        select(ClosedDay).where(ClosedDay.site_id == site_id, ClosedDay.closed_on == on)
    )
    if row is None:
        raise queries.ClosedDayNotFound(day=on)
    if row.source is ClosedSource.STATUTORY:
        raise StatutoryDay(day=on)
    if on < at.on:
        raise DayPassed(day=on)
    session.delete(row)
    session.flush()
    _changed(session, at)


def refresh_statutory(session: Session, *, site_id: int, at: Moment) -> Refreshed:
    """Bring the statutory days of this year and the next up to date; the past stays as it was."""
    years = (at.on.year, at.on.year + 1)
    known = [statutory_year(year) for year in years]
    off = {day: name for year in known for day, name in year.off.items()}
    working = dict.fromkeys((day for year in known for day in year.working), _WORKING)
    is_first = not _has_any(session, site_id)
    since = date(at.on.year, 1, 1) if is_first else at.on
    closed = _replace(
        session,
        _closed_days(session, site_id, since),
        _from(off, since),
        lambda day, name: ClosedDay(
            site_id=site_id, closed_on=day, zh=name, source=ClosedSource.STATUTORY
        ),
    )
    special = _replace(
        session,
        _special_days(session, site_id, since),
        _from(working, since),
        lambda day, name: SpecialDay(
            site_id=site_id,
            opens_on=day,
            like_weekday=_MONDAY,
            zh=name,
            source=ClosedSource.STATUTORY,
        ),
    )
    session.flush()
    queries.forget(session)
    if not is_first and any(closed + special):
        ripples.follow(session, at=at)
    announced = tuple(number for number, year in zip(years, known, strict=True) if year.announced)
    return Refreshed(
        added=closed[0] + special[0],
        removed=closed[1] + special[1],
        announced=announced,
        awaited=tuple(year for year in years if year not in announced),
    )


def _has_any(session: Session, site_id: int) -> bool:
    """Tell whether the statutory days were loaded before."""
    found = session.scalar(
        select(ClosedDay.id)
        .where(ClosedDay.site_id == site_id, ClosedDay.source == ClosedSource.STATUTORY)
        .limit(1)
    )
    return found is not None


def _from(days: Mapping[date, str], since: date) -> dict[date, str]:
    return {day: name for day, name in days.items() if day >= since}


def _closed_days(session: Session, site_id: int, since: date) -> dict[date, ClosedDay]:
    rows = session.scalars(
        select(ClosedDay).where(ClosedDay.site_id == site_id, ClosedDay.closed_on >= since)
    )
    return {row.closed_on: row for row in rows}


def _special_days(session: Session, site_id: int, since: date) -> dict[date, SpecialDay]:
    rows = session.scalars(
        select(SpecialDay).where(SpecialDay.site_id == site_id, SpecialDay.opens_on >= since)
    )
    return {row.opens_on: row for row in rows}


def _replace(
    session: Session,
    known: Mapping[date, _Day],
    wanted: Mapping[date, str],
    make: Callable[[date, str], _Day],
) -> tuple[int, int]:
    """Make the statutory days among the known ones the wanted ones; return added, removed.

    A day of the site's own that has become statutory is statutory from now on.
    """
    gone = [
        row
        for day, row in known.items()
        if day not in wanted and row.source is ClosedSource.STATUTORY
    ]
    for row in gone:
        session.delete(row)
    for day in known.keys() & wanted.keys():
        known[day].source, known[day].zh = ClosedSource.STATUTORY, wanted[day]
    new = [make(day, name) for day, name in wanted.items() if day not in known]
    session.add_all(new)
    return len(new), len(gone)
