"""When a loan is due and how late it is: the only place that compares a due date with today."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from rental.foundation.words import N_, Sentence
from rental.loans.policy.states import LoanState

DUE_SOON_DAYS = 3
"""How many days before the due date a loan counts as due soon."""

REMINDER_DAYS: tuple[int, ...] = (-3, 0, 1, 7)
"""Days after the due date on which a reminder goes out; negative before it."""

_DAY = timedelta(days=1)


class LatenessKind(StrEnum):
    """How a loan stands to its due date."""

    NOT_DUE = "not_due"
    DUE_SOON = "due_soon"
    DUE_TODAY = "due_today"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """How a loan stands to its due date.

    Attributes:
        kind: Not due, due soon (1 to 3 days left), due today, overdue.
        days: Whole days past the due date when overdue, else whole days left; 0 when the loan is
            no longer open.
    """

    kind: LatenessKind
    days: int


def lateness(state: LoanState, due_on: date, today: date) -> Lateness:
    """Return how the loan stands to its due date; a loan that isn't open is never late.

    Args:
        state: The loan's state.
        due_on: Last civil date of the loan, included.
        today: Civil date.
    """
    if state is not LoanState.OPEN:
        return Lateness(kind=LatenessKind.NOT_DUE, days=0)
    left = (due_on - today).days
    return Lateness(kind=_kind(left), days=abs(left))


def look_of(late: Lateness) -> tuple[Sentence, str, str]:
    """Return how it is said and shown: words, colour and icon of the status component."""
    match late.kind:
        case LatenessKind.OVERDUE:
            return Sentence(N_("已过期 %(n)s 天"), n=late.days), "red", "warn"
        case LatenessKind.DUE_TODAY:
            return Sentence(N_("今天到期")), "yellow", "clock"
        case LatenessKind.DUE_SOON:
            return Sentence(N_("还有 %(n)s 天到期"), n=late.days), "yellow", "clock"
        case LatenessKind.NOT_DUE:
            return Sentence(N_("租借中")), "green", "check"


def _kind(left: int) -> LatenessKind:
    """Return the kind for the days left, negative when past."""
    if left < 0:
        return LatenessKind.OVERDUE
    if left == 0:
        return LatenessKind.DUE_TODAY
    return LatenessKind.DUE_SOON if left <= DUE_SOON_DAYS else LatenessKind.NOT_DUE


def due_date(issued_on: date, loan_days: int, next_open: Callable[[date], date]) -> date:
    """Return the last day of a loan; on a closed day it moves to the next open day.

    The day of the hand-over isn't counted: 30 days from 1 June end on 1 July.

    Args:
        issued_on: Civil date of the hand-over.
        loan_days: How many days the kind is lent.
        next_open: The site's calendar: the day itself when open, else the next open day.

    Source: 民法典 (Civil Code) art. 201 and 203.
    """
    return next_open(issued_on + loan_days * _DAY)


def within_expiry(day: date, expires_on: date | None, next_open: Callable[[date], date]) -> date:
    """Return the day, else the last open day on which the unit may be used when that is earlier.

    Args:
        day: An open day.
        expires_on: Last day on which the unit may be used, None when it doesn't expire.
        next_open: The site's calendar: the day itself when open, else the next open day.
    """
    if expires_on is None or day <= expires_on:
        return day
    last = expires_on
    while next_open(last) != last:
        last -= _DAY
    return last


def moved_due_date(
    next_open: date, expires_on: date | None, *, today: date, opening: Callable[[date], date]
) -> date | None:
    """Return the last day of a loan whose own is closed: the next open one, within the expiry.

    None when there is none from today on: then the loan is left as it is.

    Args:
        next_open: The first open day after the closed one.
        expires_on: Last day on which the unit may be used, None when it doesn't expire.
        today: Civil date.
        opening: The site's calendar: the day itself when open, else the next open day.
    """
    due_on = within_expiry(next_open, expires_on, opening)
    return due_on if due_on >= today else None


def reminders_due(due_on: date, today: date, *, since: date | None = None) -> tuple[int, ...]:
    """Return which reminders fall on today, as days after the due date: of −3, 0, 1 and 7.

    Args:
        due_on: Last civil date of the loan, included.
        today: Civil date.
        since: Day on which reminders last went out; those of the days after it are included, so
            that a pause loses none. Yesterday when None.
    """
    after = since if since is not None else today - _DAY
    return tuple(days for days in REMINDER_DAYS if after < due_on + days * _DAY <= today)
