"""What the worker does for this slice."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from rental.foundation.clock import Moment
from rental.foundation.jobs import Handler
from rental.people import service


def forget_attempts(session: Session, payload: Mapping[str, Any], at: Moment) -> None:
    """Delete failed sign-ins that no longer count."""
    del payload
    service.forget_attempts(session, at=at)


def anonymise_old(session: Session, payload: Mapping[str, Any], at: Moment) -> None:
    """Anonymise residents after the retention period."""
    del payload
    service.anonymise_old(session, at=at)


HANDLERS: dict[str, Handler] = {
    "people.forget_attempts": forget_attempts,
    "people.anonymise_old": anonymise_old,
}
RECURRING: dict[str, timedelta] = {
    "people.forget_attempts": timedelta(hours=1),
    "people.anonymise_old": timedelta(hours=12),
}
