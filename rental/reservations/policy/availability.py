"""How many units of a kind are free on each day: one sorted change list answers every question.

Free units on a day = units expected lendable by then − promises that block the day. A unit on loan
or in upkeep counts from the first day on which it is expected back on the shelf.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from rental.places.policy import months_after

_DAY = timedelta(days=1)


class Whereabouts(StrEnum):
    """Where a unit is, as far as availability cares."""

    READY = "ready"
    """Lendable now, on the shelf or packed for a reservation."""
    ON_LOAN = "on_loan"
    IN_UPKEEP = "in_upkeep"
    """Returned, cleaned, repaired, in transit: it comes back."""
    GONE = "gone"
    """Lost, scrapped, in quarantine without end: nobody counts on it."""


@dataclass(frozen=True, slots=True)
class StockGroup:
    """Units of a kind that become lendable on the same day.

    Attributes:
        free_from: First day on which they are expected lendable (today when they are now), None
            when never.
        count: How many units, at least 0.
    """

    free_from: date | None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Commitment:
    """A promise that blocks units of a kind; both days included.

    Attributes:
        starts_on: First day of the promise.
        blocked_until: Last day on which the unit isn't lendable again: turn-round included.
        count: How many units.
    """

    starts_on: date
    blocked_until: date
    count: int = 1


@dataclass(frozen=True, slots=True)
class Change:
    """From `on` to the day before the next change `free` units are free; negative: overpromised."""

    on: date
    free: int


def expected_free_from(
    whereabouts: Whereabouts,
    *,
    due_on: date | None = None,
    free_from: date | None = None,
    today: date,
) -> date | None:
    """Return the first day on which the unit is expected lendable, None when never.

    A late unit is assumed away for another calendar month, rolling; upkeep that is late is assumed
    to end tomorrow, rolling.

    Args:
        whereabouts: Where the unit is.
        due_on: Civil date on which the loan ends; needed on loan.
        free_from: First day after the loan's or the upkeep's own blocked days, as planned.
        today: Civil date.
    """
    if whereabouts is Whereabouts.READY:
        return today
    if whereabouts is Whereabouts.GONE or free_from is None:
        return None
    if whereabouts is Whereabouts.ON_LOAN and due_on is not None and due_on < today:
        return max(free_from, months_after(today, 1))
    return max(free_from, today + _DAY)


def expected_until(blocked_until: date, today: date) -> date:
    """Return until when an active promise keeps a unit.

    A delivery stays promised until it is made; one whose days have passed is assumed to keep its
    unit for another calendar month, rolling, as a late loan does.

    Args:
        blocked_until: Last day on which the promised unit can't be promised again, as planned.
        today: Civil date.
    """
    return blocked_until if blocked_until >= today else months_after(today, 1)


def change_list(
    stock: Iterable[StockGroup], commitments: Iterable[Commitment], *, today: date
) -> tuple[Change, ...]:
    """Return how many units are free from which day on, sorted, the first change being today.

    The last change holds for ever after. Groups and promises in the past count as of today;
    promises that ended before today count for nothing. Neighbouring changes always differ.
    """
    deltas: defaultdict[date, int] = defaultdict(int)
    for group in stock:
        if group.free_from is not None:
            deltas[max(group.free_from, today)] += group.count
    for promise in commitments:
        if promise.blocked_until >= today:
            deltas[max(promise.starts_on, today)] -= promise.count
            deltas[promise.blocked_until + _DAY] += promise.count
    free = deltas.pop(today, 0)
    changes = [Change(today, free)]
    for on in sorted(on for on, delta in deltas.items() if delta):
        free += deltas[on]
        changes.append(Change(on, free))
    return tuple(changes)


def _at(changes: Sequence[Change], day: date) -> int:
    """Return the index of the change that holds on the day, −1 before the first."""
    return bisect_right(changes, day, key=lambda change: change.on) - 1


def free_on(changes: Sequence[Change], day: date) -> int:
    """Return how many units are free on the day; 0 in the past."""
    index = _at(changes, day)
    return changes[index].free if index >= 0 else 0


def lowest(changes: Sequence[Change], first: date, last: date) -> int:
    """Return the least number of free units from `first` to `last`, both included; 0 in the past.

    Args:
        changes: A change list.
        first: First day.
        last: Last day, not before `first`.
    """
    start = _at(changes, first)
    if start < 0:
        return 0
    return min(change.free for change in changes[start : max(_at(changes, last), start) + 1])


def can_promise(changes: Sequence[Change], starts_on: date, blocked_until: date) -> bool:
    """Tell whether one more unit can be promised for every day, both ends included."""
    return lowest(changes, starts_on, blocked_until) >= 1


def next_free(changes: Sequence[Change], first: date, days: int, until: date) -> date | None:
    """Return the first start of a period that is free throughout; one pass over the changes.

    Args:
        changes: A change list.
        first: Earliest start; today when it lies in the past.
        days: Length of the period in days, at least 1, turn-round included.
        until: Latest start, included.
    """
    start = max(first, changes[0].on)
    for change, following in pairwise(changes):
        if following.on <= start:
            continue
        if change.free < 1:
            start = following.on
        elif start + days * _DAY <= following.on:
            break
    else:
        # No closed interval was long enough; the last change holds for ever.
        if changes[-1].free < 1:
            return None
    return start if start <= until else None


def free_days(changes: Sequence[Change], first: date, last: date) -> list[tuple[date, int]]:
    """Return (day, free units) for every day from `first` to `last`, both included."""
    span = (last - first).days + 1
    return [(day, free_on(changes, day)) for day in (first + n * _DAY for n in range(span))]
