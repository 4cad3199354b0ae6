"""The ends of a promise: cancelled, expired, fulfilled."""

from typing import Any, cast

from sqlalchemy import CursorResult, bindparam, update
from sqlalchemy.orm import Session

from rental.catalogue import queries as catalogue
from rental.foundation.actor import SYSTEM, Actor
from rental.foundation.clock import Moment
from rental.foundation.errors import Conflict
from rental.foundation.words import N_
from rental.journal import Entry, Line, line, write
from rental.notices import service as notices
from rental.notices.policy import NoticeKind
from rental.reservations import queries
from rental.reservations.models import IS_ACTIVE, RESERVATION
from rental.reservations.policy import Fulfilment, ReservationState, ensure_can_move
from rental.reservations.queries import ReservationView
from rental.reservations.queries.promises import VIEW, view_of
from rental.reservations.service import visits

MOST_AT_ONCE = 500

_NOTICE = {
    ReservationState.CANCELLED: NoticeKind.RESERVATION_CANCELLED,
    ReservationState.EXPIRED: NoticeKind.RESERVATION_EXPIRED,
}


class ReservationChangedMeanwhile(Conflict):
    """Somebody else changed the reservation in the meantime."""

    sentence = N_("这个预约刚刚被别人办理过，请刷新页面看看现在的情况，再决定下一步。")


_c = RESERVATION.c
_END = (
    update(RESERVATION)
    .where(_c.id == bindparam("of_id"), _c.journal_seq == bindparam("expected_seq"), IS_ACTIVE)
    .values(
        state=bindparam("to"),
        unit_id=bindparam("bound_unit_id"),
        ended_at=bindparam("ended"),
        journal_seq=bindparam("new_seq"),
        journal_hash=bindparam("new_hash"),
    )
)
_RUN_OUT = (
    VIEW
    .where(_c.hold_until < bindparam("today"), _c.fulfilment == Fulfilment.PICKUP, IS_ACTIVE)
    .order_by(_c.slot_on, _c.slot_half, _c.id)
    .limit(MOST_AT_ONCE)
    .with_for_update(skip_locked=True)
)


def fulfil(
    session: Session, reservation: ReservationView, *, unit_id: int, by: Actor, at: Moment
) -> Line:
    """Bind the unit that was handed over; the promise has been kept.

    The caller writes the returned line with ``journal.write``. A visit agreed for a later day is
    given back.

    Raises:
        ReservationCannotMove: If it is no longer active.
        ReservationChangedMeanwhile: If somebody else changed it in the meantime.
    """
    if reservation.slot is not None and reservation.slot.on > at.on:
        visits.give_back(session, site_id=reservation.site_id, slot=reservation.slot)
    return _end(session, reservation, to=ReservationState.FULFILLED, unit_id=unit_id, by=by, at=at)


def cancel(session: Session, *, code: str, by: Actor, at: Moment) -> ReservationView:
    """Give the promise back, and its visit slot; return it as it is then.

    Cancelling what is cancelled already changes nothing. The caller has checked that ``by`` may act
    for the resident.

    Raises:
        ReservationNotFound: If there is none.
        ReservationCannotMove: If it was fulfilled or has expired.
        ReservationChangedMeanwhile: If somebody else changed it in the meantime.
    """
    found = queries.reservation(session, code=code)
    if found.state is not ReservationState.CANCELLED:
        _let_go(session, found, to=ReservationState.CANCELLED, by=by, at=at)
        found = queries.reservation(session, code=code)
    return found


def expire_held(session: Session, *, at: Moment) -> int:
    """Let go of promises that nobody came for; return how many, at most ``MOST_AT_ONCE``.

    A delivery is the desk's own duty: it stays until it is made or cancelled.
    """
    rows = session.connection().execute(_RUN_OUT, {"today": at.on})
    held = [view_of(row) for row in rows]
    for found in held:
        _let_go(session, found, to=ReservationState.EXPIRED, by=SYSTEM, at=at)
    return len(held)


def _let_go(
    session: Session, found: ReservationView, *, to: ReservationState, by: Actor, at: Moment
) -> None:
    """End the promise without a loan: the slot is free again and the resident is told."""
    written = _end(session, found, to=to, unit_id=found.unit_id, by=by, at=at)
    write(session, [written])
    if found.slot is not None:
        visits.give_back(session, site_id=found.site_id, slot=found.slot)
    kind = catalogue.kind_by_id(session, kind_id=found.kind_id)
    notices.send(
        session,
        _NOTICE[to],
        resident_id=found.resident_id,
        once=found.code,
        at=at,
        params={"kind": kind.name},
    )


def _end(
    session: Session,
    found: ReservationView,
    *,
    to: ReservationState,
    unit_id: int | None,
    by: Actor,
    at: Moment,
) -> Line:
    ensure_can_move(found.state, to)
    ended = line(
        Entry(
            subject=f"reservation:{found.code}",
            act=to.value,
            at=at.at,
            actor_id=by.account_id,
            resident_id=found.resident_id,
            row=found.journal_row(state=to),
            details={} if unit_id is None else {"unit_id": unit_id},
        ),
        after=found.journal_head,
    )
    values = {
        "of_id": found.id,
        "expected_seq": found.journal_head.seq,
        "to": to,
        "bound_unit_id": unit_id,
        "ended": at.at,
        "new_seq": ended.head.seq,
        "new_hash": ended.head.hash,
    }
    changed = cast("CursorResult[Any]", session.connection().execute(_END, values))
    if changed.rowcount != 1:
        raise ReservationChangedMeanwhile
    return ended
