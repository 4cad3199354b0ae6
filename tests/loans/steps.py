"""What tests of loans do first."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, new_code
from rental.foundation.database import transaction
from rental.loans import service
from rental.loans.policy.acts import Issue, Return
from rental.reservations.models import Reservation
from rental.reservations.policy import Fulfilment, ReservationState
from tests.cast import Cast

DAY = timedelta(days=1)


def wish(cast: Cast, unit: str = "available", who: str = "wang-guilan", **more: Any) -> Issue:
    plain = Issue(unit_code=cast.unit[unit].code, resident_code=cast.resident[who].code)
    return replace(plain, **more)


def issue(cast: Cast, at: Moment, asked: Issue, login: str = "clerk") -> service.Issued:
    with transaction() as session:
        return service.issue(session, asked, by=cast.actor(login), at=at)


def take_back(cast: Cast, at: Moment, unit: str, **more: Any) -> service.TakenBack:
    back = replace(Return(unit_code=cast.unit[unit].code), **more)
    with transaction() as session:
        return service.take_back(session, back, by=cast.actor("clerk"), at=at)


def later(at: Moment, days: int) -> Moment:
    return Moment.of(at.at + days * DAY)


def reserve(
    cast: Cast, at: Moment, who: str, *, starts: int = 0, days: int = 30, kind: str = ""
) -> str:
    """Put a promise there without asking whether it can be kept."""
    starts_on = at.on + starts * DAY
    row = Reservation(
        code=new_code(CodeKind.RESERVATION),
        kind_id=cast.kind[kind or "lightweight-wheelchair"],
        site_id=cast.site_id,
        resident_id=cast.resident[who].id,
        made_by=cast.account["clerk"],
        state=ReservationState.CONFIRMED,
        starts_on=starts_on,
        ends_on=starts_on + (days - 1) * DAY,
        blocked_until=starts_on + days * DAY,
        hold_until=starts_on + 2 * DAY,
        fulfilment=Fulfilment.PICKUP,
        created_at=at.at,
    )
    with transaction() as session:
        session.add(row)
        session.flush()
        return row.code
