"""Loan jobs."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from rental.foundation.clock import Moment
from rental.foundation.jobs import Handler
from rental.loans import service


def _remind(session: Session, payload: Mapping[str, Any], at: Moment) -> None:
    """Send the day's reminders."""
    del payload
    service.remind(session, at=at)


def _follow_calendar(session: Session, payload: Mapping[str, Any], at: Moment) -> None:
    """Move due dates off closed days."""
    del payload
    service.follow_calendar(session, at=at)


HANDLERS: dict[str, Handler] = {
    "loans.remind": _remind,
    service.FOLLOW_CALENDAR: _follow_calendar,
}
RECURRING: dict[str, timedelta] = {
    "loans.remind": timedelta(hours=1),
    service.FOLLOW_CALENDAR: timedelta(hours=1),
}
