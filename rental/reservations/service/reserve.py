"""Promising a unit of a kind."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import bindparam, insert
from sqlalchemy.orm import Session

from rental.catalogue import queries as catalogue
from rental.catalogue.queries import KindView
from rental.foundation.actor import Actor
from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, new_code
from rental.foundation.words import N_, Sentence
from rental.journal import Entry, line, write
from rental.journal.chain import EMPTY
from rental.notices import service as notices
from rental.notices.policy import NoticeKind
from rental.people import queries as people
from rental.people.service import RESIDENT, held_resident
from rental.reservations import queries
from rental.reservations.models import RESERVATION
from rental.reservations.policy import Fulfilment, Half, ReservationState
from rental.reservations.policy.offer import (
    AddressMissing,
    Dates,
    KindWithdrawn,
    Slot,
    dates,
    ensure_fulfilment,
    ensure_standing,
)
from rental.reservations.service import visits
from rental.reservations.service.free import ensure_free


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody would like to have.

    Attributes:
        starts_on: First civil day.
        ends_on: Last civil day; None for as long as allowed.
        slot_on: Day of the visit, with ``slot_half``; None to agree on it later.
        address: Where to deliver to; None for the resident's own address.
    """

    kind_id: int
    site_id: int
    resident_id: int
    starts_on: date
    ends_on: date | None = None
    fulfilment: Fulfilment = Fulfilment.PICKUP
    slot_on: date | None = None
    slot_half: Half | None = None
    address: str | None = field(default=None, repr=False)

    @property
    def slot(self) -> Slot | None:
        """The visit wished for."""
        if self.slot_on is None or self.slot_half is None:
            return None
        return Slot(self.slot_on, self.slot_half)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """The promise that was made or moved; all dates inclusive."""

    code: str
    kind_id: int
    site_id: int
    starts_on: date
    ends_on: date
    hold_until: date
    fulfilment: Fulfilment
    slot: Slot | None


_HOLD_RESIDENT = held_resident(RESIDENT.c.id == bindparam("resident_id"))
_INSERT = insert(RESERVATION).inline()


def reserve(session: Session, wish: Wish, *, by: Actor, at: Moment) -> Reserved:
    """Promise a unit of the kind for the period.

    The resident is locked first, then the stock of the kind at the site, then the visit slot.

    Args:
        session: The open use-case transaction.
        wish: What is wanted, for whom; the caller has checked that ``by`` may act for them.
        by: Who reserves.
        at: When.

    Raises:
        KindNotFound: If there is no such kind.
        KindWithdrawn: If it is no longer lent.
        PeriodInvalid: If the period may not be wished for, or starts on a closed day.
        KindNotDelivered: If it is only handed out at the desk.
        AddressMissing: If nobody knows where to deliver to.
        SlotNotOffered, SlotFull: If the visit can't be had.
        ResidentNotFound: If the resident was anonymised a moment ago.
        ConsentMissing, NotEligible, TooManyReservations, AlreadyReservedThisKind: If the resident
            may not have it.
        NothingFree: If no unit is free throughout; it says what else there is.
    """
    kind = catalogue.kind_by_id(session, kind_id=wish.kind_id)
    ensure_lent(kind)
    offer = queries.offer(session, kind=kind, site_id=wish.site_id, at=at)
    promise = dates(offer, wish.starts_on, wish.ends_on)
    ensure_fulfilment(offer, wish.fulfilment)
    visits.ensure_offered(offer, promise, wish.slot, at=at)
    _ensure_resident_may(session, wish, kind)
    ensure_free(session, kind=kind, site_id=wish.site_id, offer=offer, wish=promise, at=at)
    if wish.slot is not None:
        visits.take(session, site_id=wish.site_id, slot=wish.slot, capacity=offer.slot_capacity)
    code = _write(session, wish, promise, by=by, at=at)
    notices.send(
        session,
        NoticeKind.RESERVED,
        resident_id=wish.resident_id,
        once=code,
        at=at,
        params={
            "variant": wish.fulfilment,
            "kind": kind.name,
            "start": visit_said(promise, wish.slot),
            "code": code,
        },
    )
    return Reserved(
        code=code,
        kind_id=kind.id,
        site_id=wish.site_id,
        starts_on=promise.starts_on,
        ends_on=promise.ends_on,
        hold_until=promise.hold_until,
        fulfilment=wish.fulfilment,
        slot=wish.slot,
    )


def visit_said(promise: Dates, slot: Slot | None) -> Sentence:
    """Return when the device changes hands, for a message."""
    if slot is None:
        between = N_("%(first)s 到 %(last)s 之间")
        return Sentence(between, first=promise.starts_on, last=promise.hold_until)
    return slot_said(slot)


def slot_said(slot: Slot) -> Sentence:
    """Return the half day, for a message."""
    half = N_("%(day)s 上午") if slot.half is Half.MORNING else N_("%(day)s 下午")
    return Sentence(half, day=slot.on)


def ensure_lent(kind: KindView) -> None:
    """Test that the kind is still lent.

    Raises:
        KindWithdrawn: If it or its category was withdrawn.
    """
    if kind.withdrawn:
        raise KindWithdrawn(kind=kind.name)


def _ensure_resident_may(session: Session, wish: Wish, kind: KindView) -> None:
    """Let one reservation of a resident after the other through, and test the next one."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_HOLD_RESIDENT, {"resident_id": wish.resident_id})
    standing = queries.standing(
        session, resident_id=wish.resident_id, kind_id=kind.id, starts_on=wish.starts_on
    )
    if not standing.known:
        raise people.ResidentNotFound
    most = queries.most_reservations(session, site_id=wish.site_id)
    ensure_standing(standing, most=most, kind=kind.name, starts_on=wish.starts_on)
    if (
        wish.fulfilment is Fulfilment.DELIVERY
        and not wish.address
        and not people.contact(session, resident_id=wish.resident_id).address
    ):
        raise AddressMissing


def _write(session: Session, wish: Wish, promise: Dates, *, by: Actor, at: Moment) -> str:
    """Insert the reservation and its first line; return its code."""
    code = new_code(CodeKind.RESERVATION)
    journalled = {
        "state": ReservationState.CONFIRMED,
        "kind_id": wish.kind_id,
        "site_id": wish.site_id,
        "resident_id": wish.resident_id,
        "starts_on": promise.starts_on,
        "ends_on": promise.ends_on,
    }
    first = line(
        Entry(
            subject=f"reservation:{code}",
            act="reserved",
            at=at.at,
            actor_id=by.account_id,
            resident_id=wish.resident_id,
            row=journalled,
            details={"fulfilment": wish.fulfilment},
        ),
        after=EMPTY,
    )
    session.connection().execute(
        _INSERT,
        {
            **journalled,
            **first.head.columns,
            "code": code,
            "made_by": by.account_id,
            "blocked_until": promise.blocked_until,
            "hold_until": promise.hold_until,
            "fulfilment": wish.fulfilment,
            "slot_on": wish.slot_on,
            "slot_half": wish.slot_half,
            "address": wish.address,
            "unit_id": None,
            "created_at": at.at,
            "ended_at": None,
        },
    )
    write(session, [first])
    return code
