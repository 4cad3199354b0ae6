"""Jobs of reservations."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from rental.foundation.clock import Moment
from rental.foundation.jobs import Handler
from rental.reservations import service

EXPIRE_HELD = "reservations.expire_held"
FOLLOW_CALENDAR = service.FOLLOW_CALENDAR


def expire_held(session: Session, payload: Mapping[str, Any], at: Moment) -> None:
    """Let go of promises that nobody came for."""
    del payload
    service.expire_held(session, at=at)


def follow_calendar(session: Session, payload: Mapping[str, Any], at: Moment) -> None:
    """Keep promises past closed days."""
    del payload
    service.follow_calendar(session, at=at)


HANDLERS: dict[str, Handler] = {EXPIRE_HELD: expire_held, FOLLOW_CALENDAR: follow_calendar}
RECURRING: dict[str, timedelta] = {
    EXPIRE_HELD: timedelta(minutes=30),
    FOLLOW_CALENDAR: timedelta(hours=1),
}
