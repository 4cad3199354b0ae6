"""What a change of the calendar moves: higher slices add their part when they are imported."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from rental.foundation import jobs
from rental.foundation.clock import Moment
from rental.foundation.words import Sentence
from rental.places.policy import Change

#: How many of the things that a change touches are named; all are counted.
NAMED = 20

#: Jobs that bring due dates, promises and visits in line with the calendar.
FOLLOWERS: list[str] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """Things that a change of the calendar touches.

    Attributes:
        said: How many, and what becomes of them.
        endpoint: Where one of them is shown, by its ``code``.
        codes: The first of them.
    """

    said: Sentence
    endpoint: str
    codes: tuple[str, ...]


#: Each says what falls on hours that the change takes away, or can't be kept once things have
#: moved off them; None when nothing does.
AFFECTED: list[Callable[[Session, Change], Affected | None]] = []


def affected(session: Session, change: Change) -> tuple[Affected, ...]:
    """Return what the change of the calendar touches."""
    found = (ask(session, change) for ask in AFFECTED)
    return tuple(one for one in found if one is not None)


def follow(session: Session, *, at: Moment) -> None:
    """Have everything follow the calendar, which has just been changed in this transaction."""
    for name in FOLLOWERS:
        jobs.enqueue(session, name, key=at.at.isoformat(), at=at)
