"""What a change of the calendar moves: higher slices add their part when they are imported."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from rental.foundation import jobs
from rental.foundation.clock import Moment
from rental.foundation.words import Sentence

#: Jobs that bring due dates, promises and visits in line with the calendar.
FOLLOWERS: list[str] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """Things that fall on a day which is about to be closed.

    Attributes:
        said: How many, and what becomes of them.
        endpoint: Where one of them is shown, by its ``code``.
        codes: The first of them.
    """

    said: Sentence
    endpoint: str
    codes: tuple[str, ...]


#: Each takes a site and a day, and says what falls on it; None when nothing does.
AFFECTED: list[Callable[[Session, int, date], Affected | None]] = []


#: Each takes a site, a day and today, and says what can't be kept once things have moved off the
#: day; None when all can.
AT_RISK: list[Callable[[Session, int, date, date], Affected | None]] = []


def affected(session: Session, *, site_id: int, on: date, today: date) -> tuple[Affected, ...]:
    """Return what falls on the day at the site, and what can't be kept when it is closed."""
    found = [ask(session, site_id, on) for ask in AFFECTED]
    found += [ask(session, site_id, on, today) for ask in AT_RISK]
    return tuple(one for one in found if one is not None)


def follow(session: Session, *, at: Moment) -> None:
    """Have everything follow the calendar, which has just been changed in this transaction."""
    for name in FOLLOWERS:
        jobs.enqueue(session, name, key=at.at.isoformat(), at=at)
