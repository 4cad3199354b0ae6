"""Jobs of the wash room."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from rental.foundation.clock import Moment
from rental.foundation.jobs import Handler
from rental.upkeep import service


def _follow_calendar(session: Session, payload: Mapping[str, Any], at: Moment) -> None:
    """Expect units later whose turn has a closed day in it."""
    del payload
    service.follow_calendar(session, at=at)


HANDLERS: dict[str, Handler] = {service.FOLLOW_CALENDAR: _follow_calendar}
RECURRING: dict[str, timedelta] = {service.FOLLOW_CALENDAR: timedelta(hours=1)}
