"""Moving a promise to other days or another visit."""

from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import CursorResult, bindparam, update
from sqlalchemy.orm import Session

from rental.catalogue import queries as catalogue
from rental.foundation.actor import Actor
from rental.foundation.clock import Moment
from rental.foundation.errors import Conflict
from rental.foundation.words import N_
from rental.journal import Entry, Line, line, write
from rental.notices import service as notices
from rental.notices.policy import NoticeKind
from rental.reservations import queries
from rental.reservations.models import IS_ACTIVE, RESERVATION
from rental.reservations.policy import ReservationState
from rental.reservations.policy.offer import Dates, NotEligible, Slot, dates
from rental.reservations.queries import ReservationView
from rental.reservations.service import visits
from rental.reservations.service.end import ReservationChangedMeanwhile
from rental.reservations.service.free import ensure_free
from rental.reservations.service.reserve import Reserved, ensure_lent, visit_said


class ReservationIsPacked(Conflict):
    """The unit stands ready, or the promise is over: the page can't move it any more."""

    sentence = N_("这个预约现在不能在网上改期，请打电话给我们，或重新预约。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """The days and the visit wished for instead; ``ends_on`` None for as long as allowed."""

    starts_on: date
    ends_on: date | None = None
    slot: Slot | None = None


@dataclass(frozen=True, slots=True)
class _New:
    """The reservation as it was, and what it becomes."""

    found: ReservationView
    promise: Dates
    slot: Slot | None


_c = RESERVATION.c
_MOVE = (
    update(RESERVATION)
    .where(_c.id == bindparam("of_id"), _c.journal_seq == bindparam("expected_seq"), IS_ACTIVE)
    .values(
        starts_on=bindparam("new_starts_on"),
        ends_on=bindparam("new_ends_on"),
        blocked_until=bindparam("new_blocked_until"),
        hold_until=bindparam("new_hold_until"),
        slot_on=bindparam("new_slot_on"),
        slot_half=bindparam("new_slot_half"),
        journal_seq=bindparam("new_seq"),
        journal_hash=bindparam("new_hash"),
    )
)


def change(session: Session, *, code: str, move: Move, by: Actor, at: Moment) -> Reserved:
    """Move the promise; when it can't be moved, nothing changes and the old one holds.

    The stock is locked first, then the reservation, then the visit slots. The caller has checked
    that ``by`` may act for the resident.

    Raises:
        ReservationNotFound: If there is none.
        ReservationIsPacked: If it stands ready already or is over.
        ReservationChangedMeanwhile: If somebody else changed it in the meantime.
        KindWithdrawn: If the kind is no longer lent.
        PeriodInvalid: If the period may not be wished for, or starts on a closed day.
        NotEligible: If no decision is valid on the new first day.
        SlotNotOffered, SlotFull: If the visit can't be had.
        NothingFree: If no unit is free throughout; it says what else there is.
    """
    found = queries.reservation(session, code=code)
    if found.state is not ReservationState.CONFIRMED:
        raise ReservationIsPacked
    kind = catalogue.kind_by_id(session, kind_id=found.kind_id)
    ensure_lent(kind)
    offer = queries.offer(session, kind=kind, site_id=found.site_id, at=at)
    promise = dates(offer, move.starts_on, move.ends_on)
    visits.ensure_offered(offer, promise, move.slot, at=at)
    _ensure_eligible(session, found, promise)
    ensure_free(
        session,
        kind=kind,
        site_id=found.site_id,
        offer=offer,
        wish=promise,
        at=at,
        without=found.id,
    )
    moved = _moved(found, promise, by=by, at=at)
    _store(session, _New(found, promise, move.slot), moved)
    visits.exchange(
        session,
        site_id=found.site_id,
        old=found.slot,
        new=move.slot,
        capacity=offer.slot_capacity,
    )
    notices.send(
        session,
        NoticeKind.RESERVATION_CHANGED,
        resident_id=found.resident_id,
        once=f"{found.code}:{moved.head.seq}",
        at=at,
        params={"kind": kind.name, "start": visit_said(promise, move.slot), "code": found.code},
    )
    return Reserved(
        code=found.code,
        kind_id=kind.id,
        site_id=found.site_id,
        starts_on=promise.starts_on,
        ends_on=promise.ends_on,
        hold_until=promise.hold_until,
        fulfilment=found.fulfilment,
        slot=move.slot,
    )


def _ensure_eligible(session: Session, found: ReservationView, promise: Dates) -> None:
    standing = queries.standing(
        session,
        resident_id=found.resident_id,
        kind_id=found.kind_id,
        starts_on=promise.starts_on,
    )
    if standing.eligible_until is None:
        raise NotEligible(day=promise.starts_on)


def _moved(found: ReservationView, promise: Dates, *, by: Actor, at: Moment) -> Line:
    """Return the line that says from when to when the promise moved."""
    return line(
        Entry(
            subject=f"reservation:{found.code}",
            act="changed",
            at=at.at,
            actor_id=by.account_id,
            resident_id=found.resident_id,
            row=found.journal_row(starts_on=promise.starts_on, ends_on=promise.ends_on),
            details={"from": found.starts_on, "to": found.ends_on},
        ),
        after=found.journal_head,
    )


def _store(session: Session, new: _New, moved: Line) -> None:
    slot = new.slot
    values = {
        "of_id": new.found.id,
        "expected_seq": new.found.journal_head.seq,
        "new_starts_on": new.promise.starts_on,
        "new_ends_on": new.promise.ends_on,
        "new_blocked_until": new.promise.blocked_until,
        "new_hold_until": new.promise.hold_until,
        "new_slot_on": slot.on if slot else None,
        "new_slot_half": slot.half if slot else None,
        "new_seq": moved.head.seq,
        "new_hash": moved.head.hash,
    }
    changed = cast("CursorResult[Any]", session.connection().execute(_MOVE, values))
    if changed.rowcount != 1:
        raise ReservationChangedMeanwhile
    write(session, [moved])
