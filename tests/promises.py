"""Reservations as they stand in the database, without asking whether they can be kept."""

from datetime import timedelta
from typing import Any

from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, new_code
from rental.foundation.database import transaction
from rental.reservations.models import Reservation
from rental.reservations.policy import Fulfilment, ReservationState
from tests.cast import Cast


def promise(
    cast: Cast,
    at: Moment,
    who: str = "wang-guilan",
    *,
    starts: int = 0,
    days: int = 30,
    kind: str = "lightweight-wheelchair",
    **more: Any,
) -> str:
    """Put a promise there and return its code.

    Args:
        cast: Who and what there is.
        at: When it is made.
        who: For whom.
        starts: In how many days it starts.
        days: How long it lasts.
        kind: What is promised.
        more: Columns that differ.
    """
    starts_on = at.on + timedelta(days=starts)
    row = Reservation(
        code=new_code(CodeKind.RESERVATION),
        kind_id=cast.kind[kind],
        site_id=cast.site_id,
        resident_id=cast.resident[who].id,
        made_by=cast.account["clerk"],
        state=ReservationState.CONFIRMED,
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=days - 1),
        blocked_until=starts_on + timedelta(days=days),
        hold_until=starts_on + timedelta(days=2),
        fulfilment=Fulfilment.PICKUP,
        created_at=at.at,
    )
    for name, value in more.items():
        setattr(row, name, value)
    with transaction() as session:
        session.add(row)
        session.flush()
        return row.code
