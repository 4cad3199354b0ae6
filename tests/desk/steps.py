"""What tests of the desk do first."""

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient

from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, new_code
from rental.foundation.database import transaction
from rental.reservations.models import Reservation
from rental.reservations.policy import Fulfilment, Half, ReservationState
from tests.cast import Cast

SignIn = Callable[[str], FlaskClient]
DAY = timedelta(days=1)


def reserve(cast: Cast, at: Moment, who: str = "wang-guilan", **more: object) -> str:
    row = Reservation(
        code=new_code(CodeKind.RESERVATION),
        kind_id=cast.kind["lightweight-wheelchair"],
        site_id=cast.site_id,
        resident_id=cast.resident[who].id,
        made_by=cast.account["clerk"],
        state=ReservationState.CONFIRMED,
        starts_on=at.on,
        ends_on=at.on + 29 * DAY,
        blocked_until=at.on + 30 * DAY,
        hold_until=at.on + 2 * DAY,
        fulfilment=Fulfilment.PICKUP,
        slot_on=at.on,
        slot_half=Half.MORNING,
        created_at=at.at,
    )
    for name, value in more.items():
        setattr(row, name, value)
    with transaction() as session:
        session.add(row)
        session.flush()
        return row.code
