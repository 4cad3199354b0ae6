"""The period of a reservation: what may be wished for, and what else can be offered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rental.foundation.errors import Invalid
from rental.foundation.words import N_
from rental.places.policy import OpeningCalendar
from rental.reservations.policy.availability import Change, can_promise, next_free

_DAY = timedelta(days=1)


class PeriodInvalid(Invalid):
    """The period wished for can't be reserved."""

    sentence = N_("预约的日期不合适，请重新选择。")


class StartsTooEarly(PeriodInvalid):
    """The first day lies in the past, or before what the site can prepare."""

    field = "starts_on"
    sentence = N_("最早可以从 %(earliest_on)s 开始，请选这一天或以后的日期。")


class StartsTooLate(PeriodInvalid):
    """The first day lies too far ahead."""

    field = "starts_on"
    sentence = N_("现在最远只能预约到 %(latest_on)s 开始，请选这一天或以前的日期。")


class EndsBeforeStart(PeriodInvalid):
    """The last day lies before the first."""

    field = "ends_on"
    sentence = N_("归还日期要在开始日期 %(starts_on)s 当天或以后，请重新选择。")


class PeriodTooLong(PeriodInvalid):
    """The period has more days than the kind allows."""

    field = "ends_on"
    sentence = N_(
        "这种器具一次最多借 %(max_days)s 天，请选 %(latest_end)s 或以前归还；到期可以续借。"
    )


class PeriodTooShort(PeriodInvalid):
    """The period has fewer days than the kind allows."""

    field = "ends_on"
    sentence = N_(
        "这种器具一次至少借 %(min_days)s 天，请选 %(earliest_end)s 或以后归还；可以提前还。"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The days on which somebody wants the device, both included."""

    starts_on: date
    ends_on: date

    @property
    def days(self) -> int:
        """How many days; less than 1 when the end lies before the start."""
        return (self.ends_on - self.starts_on).days + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the policy allows.

    Attributes:
        max_days: Most days of a period, both ends counted.
        min_days: Fewest days.
        earliest_on: First day on which a reservation may start: today until the site closes, else
            the next open day.
        latest_on: Last day on which a reservation may start.
    """

    max_days: int
    min_days: int = 1
    earliest_on: date
    latest_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternatives:
    """What can be had when the wish can't be met.

    Attributes:
        other_start: First day on which the whole length can be had, None when there is none.
        shorter_until: Last day of the longest shorter period with the same start, None when there
            is none.
        like_kinds: Keys of kinds that serve as well and are free for the whole wish.
    """

    other_start: date | None = None
    shorter_until: date | None = None
    like_kinds: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether there is anything to offer."""
        return bool(self.other_start or self.shorter_until or self.like_kinds)


def ensure_period(wish: Period, terms: Terms) -> None:
    """Test that the period may be wished for; whether a unit is free is another question.

    Raises:
        StartsTooEarly: If it starts before the first day allowed, such as in the past.
        StartsTooLate: If it starts after the last day allowed.
        EndsBeforeStart: If it ends before it starts.
        PeriodTooLong: If it has too many days.
        PeriodTooShort: If it has too few days.
    """
    if wish.starts_on < terms.earliest_on:
        raise StartsTooEarly(earliest_on=terms.earliest_on)
    if wish.starts_on > terms.latest_on:
        raise StartsTooLate(latest_on=terms.latest_on)
    if wish.ends_on < wish.starts_on:
        raise EndsBeforeStart(starts_on=wish.starts_on)
    if wish.days > terms.max_days:
        latest_end = wish.starts_on + (terms.max_days - 1) * _DAY
        raise PeriodTooLong(max_days=terms.max_days, latest_end=latest_end)
    if wish.days < terms.min_days:
        earliest_end = wish.starts_on + (terms.min_days - 1) * _DAY
        raise PeriodTooShort(min_days=terms.min_days, earliest_end=earliest_end)


def blocked_until(ends_on: date, turnround_open_days: int, calendar: OpeningCalendar) -> date:
    """Return the last day on which the unit isn't lendable again.

    Cleaning and inspection happen on open days only; the day of the return isn't counted. An end on
    a closed day moves to the next open day, as the due date does.

    Raises:
        PlaceStaysClosed: If the place has no open day for 60 days.
    """
    return calendar.add_open_days(calendar.next_open(ends_on), turnround_open_days)


def hold_until(starts_on: date, hold_open_days: int, calendar: OpeningCalendar) -> date:
    """Return the last day on which the promised unit waits for its resident.

    With 0 open days that is the first day itself, or the next open day when it is closed.

    Raises:
        PlaceStaysClosed: If the place has no open day for 60 days.
    """
    return calendar.add_open_days(calendar.next_open(starts_on), hold_open_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How long a promise keeps its unit from everybody else.

    Attributes:
        calendar: When the site is open.
        turnround_open_days: Open days of cleaning after the period.
        hold_open_days: Open days after the first day on which the unit still waits.
    """

    calendar: OpeningCalendar
    turnround_open_days: int
    hold_open_days: int

    def hold_until(self, starts_on: date) -> date:
        """Return the last day on which the promised unit waits for its resident.

        Raises:
            PlaceStaysClosed: If the place has no open day for 60 days.
        """
        return hold_until(starts_on, self.hold_open_days, self.calendar)

    def blocked_until(self, ends_on: date, waits_until: date) -> date:
        """Return the last day on which the unit can't be promised again.

        While it waits it is nobody else's, and who comes on the last day brings it back that day or
        later: one that waits longer than the period is washed after that.

        Raises:
            PlaceStaysClosed: If the place has no open day for 60 days.
        """
        last = max(ends_on, waits_until)
        return blocked_until(last, self.turnround_open_days, self.calendar)


def alternatives(
    changes: Sequence[Change],
    wish: Period,
    terms: Terms,
    *,
    keeping: Keeping,
    like_kinds: tuple[str, ...] = (),
) -> Alternatives:
    """Return what can be had in place of a wish that can't be met.

    Args:
        changes: The kind's change list.
        wish: The period that can't be had; it keeps to the terms.
        terms: What the policy allows.
        keeping: How long a promise keeps its unit; a loan starts on an open day.
        like_kinds: Keys of the like kinds that are free for the whole wish.

    Raises:
        PlaceStaysClosed: If the place has no open day for 60 days.
    """
    return Alternatives(
        other_start=_other_start(changes, wish, terms, keeping),
        shorter_until=_shorter_until(changes, wish, terms, keeping),
        like_kinds=like_kinds,
    )


def _other_start(
    changes: Sequence[Change], wish: Period, terms: Terms, keeping: Keeping
) -> date | None:
    """Return the first open day from the wish on at which the whole length is free."""
    start = next_free(changes, max(wish.starts_on, terms.earliest_on), wish.days, terms.latest_on)
    while start is not None:
        end = start + (wish.days - 1) * _DAY
        blocked = keeping.blocked_until(end, keeping.hold_until(start))
        if keeping.calendar.is_open(start) and can_promise(changes, start, blocked):
            return start
        start = next_free(changes, start + _DAY, wish.days, terms.latest_on)
    return None


def _shorter_until(
    changes: Sequence[Change], wish: Period, terms: Terms, keeping: Keeping
) -> date | None:
    """Return the last day of the longest period that starts as wished, ending on an open day."""
    shortest, waits_until = max(terms.min_days, 1), keeping.hold_until(wish.starts_on)
    for days in range(wish.days - 1, shortest - 1, -1):
        end = wish.starts_on + (days - 1) * _DAY
        if not keeping.calendar.is_open(end):
            continue
        if can_promise(changes, wish.starts_on, keeping.blocked_until(end, waits_until)):
            return end
    return None
