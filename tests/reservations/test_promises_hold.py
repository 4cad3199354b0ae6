"""Whatever people reserve, move and cancel: never more promises than units."""

import contextlib
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest
from apiflask import APIFlask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from rental.foundation.clock import Moment
from rental.foundation.database import transaction
from rental.foundation.errors import DomainError
from rental.reservations import queries, service
from rental.reservations.models import Reservation, VisitSlot
from rental.reservations.policy import ACTIVE, Half
from rental.reservations.policy.offer import Slot
from rental.reservations.service import Move, Wish
from tests.cast import Cast

TODAY = date(2026, 12, 1)
DAY = timedelta(days=1)
KINDS = ("lightweight-wheelchair", "quad-stick")
PEOPLE = ("wang-guilan", "li-jianguo", "zhao-min")


class Undo(Exception):
    """Ends a try, so that the next one starts from the same database."""


class Step(NamedTuple):
    act: str
    who: str
    kind: str
    ahead: int
    days: int
    half: Half | None


STEPS = st.lists(
    st.builds(
        Step,
        act=st.sampled_from(["reserve", "reserve", "cancel", "change"]),
        who=st.sampled_from(PEOPLE),
        kind=st.sampled_from(KINDS),
        ahead=st.integers(0, 20),
        days=st.integers(1, 30),
        half=st.sampled_from([None, *Half]),
    ),
    min_size=3,
    max_size=14,
)


@pytest.fixture
def capacity(cast: Cast) -> dict[int, list[date]]:
    """By kind: the days from which each unit is there, as the cast says."""
    return {
        cast.kind["lightweight-wheelchair"]: [TODAY, TODAY, TODAY + DAY, TODAY + 11 * DAY],
        cast.kind["quad-stick"]: [TODAY],
    }


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_promises_never_exceed_units(
    app: APIFlask, cast: Cast, at: Moment, capacity: dict[int, list[date]], steps: list[Step]
) -> None:
    with contextlib.suppress(Undo), transaction() as session:
        for step in steps:
            with contextlib.suppress(DomainError), session.begin_nested():
                _do(session, step, cast, at)
            _check(session, capacity)
        raise Undo


def _do(session: Session, step: Step, cast: Cast, at: Moment) -> None:
    by, start = cast.actor(step.who), TODAY + step.ahead * DAY
    dates: dict[str, Any] = {"starts_on": start, "ends_on": start + (step.days - 1) * DAY}
    resident_id, kind_id = cast.resident[step.who].id, cast.kind[step.kind]
    mine = queries.for_issue(
        session, resident_id=resident_id, kind_id=kind_id, site_id=cast.site_id
    )
    if step.act == "reserve":
        wish = Wish(
            kind_id=kind_id,
            site_id=cast.site_id,
            resident_id=resident_id,
            slot_on=start if step.half else None,
            slot_half=step.half,
            **dates,
        )
        service.reserve(session, wish, by=by, at=at)
    elif mine is not None and step.act == "cancel":
        service.cancel(session, code=mine.code, by=by, at=at)
    elif mine is not None:
        move = Move(slot=Slot(start, step.half) if step.half else None, **dates)
        service.change(session, code=mine.code, move=move, by=by, at=at)


def _check(session: Session, capacity: dict[int, list[date]]) -> None:
    active = session.execute(
        select(
            Reservation.kind_id,
            Reservation.starts_on,
            Reservation.blocked_until,
            Reservation.slot_on,
            Reservation.slot_half,
        ).where(Reservation.state.in_(ACTIVE))
    ).all()
    for kind_id, units in capacity.items():
        for ahead in range(60):
            day = TODAY + ahead * DAY
            promised = sum(
                one.kind_id == kind_id and one.starts_on <= day <= one.blocked_until
                for one in active
            )
            assert promised <= sum(free_from <= day for free_from in units)
    for slot in session.execute(select(VisitSlot.slot_on, VisitSlot.half, VisitSlot.booked)):
        booked = [(one.slot_on, one.slot_half) for one in active]
        assert slot.booked == booked.count((slot.slot_on, slot.half))
