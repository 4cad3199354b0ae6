"""Reads of visit slots."""

from dataclasses import dataclass
from datetime import date, time, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from rental.places import queries as places
from rental.policies import queries as policies
from rental.policies.policy import Policy
from rental.reservations.models import VISIT_SLOT
from rental.reservations.policy import Half
from rental.reservations.policy.offer import Slot

_c = VISIT_SLOT.c
_BOOKED = select(_c.slot_on, _c.half, _c.booked).where(
    _c.site_id == bindparam("site_id"),
    _c.slot_on >= bindparam("first"),
    _c.slot_on <= bindparam("last"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotView:
    """Half an open day with the places left in it; times are local."""

    on: date
    half: Half
    opens: time
    closes: time
    left: int

    @property
    def slot(self) -> Slot:
        """The half day itself."""
        return Slot(self.on, self.half)


def booked(session: Session, *, site_id: int, first: date, last: date) -> dict[Slot, int]:
    """Return how many visits are booked in each slot that was used."""
    wanted = {"site_id": site_id, "first": first, "last": last}
    rows = session.connection().execute(_BOOKED, wanted)
    return {Slot(row.slot_on, row.half): row.booked for row in rows}


def free_slots(session: Session, *, site_id: int, first: date, last: date) -> tuple[SlotView, ...]:
    """Return every half open day from first to last with the places left, full ones too."""
    capacity: int = policies.value(session, Policy.SLOT_CAPACITY, site_id=site_id)
    calendar = places.calendar(session, site_id=site_id)
    taken = booked(session, site_id=site_id, first=first, last=last)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return tuple(
        SlotView(
            on=day,
            half=half.half,
            opens=half.opens,
            closes=half.closes,
            left=max(capacity - taken.get(Slot(day, half.half), 0), 0),
        )
        for day in days
        for half in calendar.halves(day)
    )
