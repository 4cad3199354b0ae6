"""Where a device was delivered goes with the person; that it was promised stays."""

from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, update
from sqlalchemy.orm import Session

from rental.foundation.clock import Moment
from rental.people.service import anonymising
from rental.reservations.models import IS_ACTIVE, RESERVATION

_c = RESERVATION.c


def _keeps(resident_id: Any, since: date) -> ColumnElement[bool]:
    """Tell of a promise that is active, or was made since then."""
    made = _c.created_at >= datetime.combine(since, time(), UTC)
    return exists().where(_c.resident_id == resident_id, or_(IS_ACTIVE, made))


def _wipe(session: Session, resident_id: int, _at: Moment) -> None:
    wiped = update(RESERVATION).where(_c.resident_id == resident_id).values(address=None)
    session.connection().execute(wiped)


anonymising.KEEPS.append(_keeps)
anonymising.WIPES.append(_wipe)
