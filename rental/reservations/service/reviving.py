"""A promise that was kept by a hand-over which never happened waits for its resident again."""

from sqlalchemy.orm import Session

from rental.catalogue import queries as catalogue
from rental.foundation.actor import Actor
from rental.foundation.clock import Moment
from rental.journal import record
from rental.reservations import queries
from rental.reservations.models import Reservation
from rental.reservations.policy import (
    ReservationState,
    can_promise,
    can_wait_again,
    ensure_can_move,
)
from rental.reservations.queries import ReservationView
from rental.reservations.service import visits


def revive(session: Session, found: ReservationView, *, by: Actor, at: Moment) -> bool:
    """Let the promise wait again, with its visit; tell whether it can.

    It stays as it is when its days are over, the resident has another promise of the kind by now,
    its unit was promised to somebody else, or its half day is full.

    Args:
        session: The open use-case transaction; the stock of the promise's kind is locked in it, and
            the unit is back already.
        found: The promise that the undone hand-over had kept.
        by: Who undid it.
        at: When.
    """
    row = session.get_one(Reservation, found.id, with_for_update=True, populate_existing=True)
    if not _is_possible(session, row, at=at) or not _has_its_visit(session, found, at=at):
        return False
    ensure_can_move(row.state, ReservationState.CONFIRMED)
    row.state, row.unit_id, row.ended_at = ReservationState.CONFIRMED, None, None
    record(session, row, act="revived", by=by, at=at, resident_id=row.resident_id)
    return True


def _is_possible(session: Session, row: Reservation, *, at: Moment) -> bool:
    waits = can_wait_again(
        row.state,
        row.fulfilment,
        hold_until=row.hold_until,
        ends_on=row.ends_on,
        today=at.on,
    )
    if not waits or queries.for_issue(
        session, resident_id=row.resident_id, kind_id=row.kind_id, site_id=row.site_id
    ):
        return False
    free = queries.changes(session, kind_id=row.kind_id, site_id=row.site_id, today=at.on)
    return can_promise(free, max(row.starts_on, at.on), row.blocked_until)


def _has_its_visit(session: Session, found: ReservationView, *, at: Moment) -> bool:
    """Take the place again that a hand-over before the agreed day had given back."""
    if found.slot is None or found.slot.on <= at.on:
        return True
    kind = catalogue.kind_by_id(session, kind_id=found.kind_id)
    offer = queries.offer(session, kind=kind, site_id=found.site_id, at=at)
    try:
        visits.take(session, site_id=found.site_id, slot=found.slot, capacity=offer.slot_capacity)
    except visits.SlotFull:
        return False
    return True
