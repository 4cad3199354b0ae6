"""Rows of reservations and visit slots."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    bindparam,
    or_,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from rental.foundation.crypto import Encrypted
from rental.foundation.database import Base, Instant, stored_by_value, table_of
from rental.journal import Journalled
from rental.reservations.policy import Fulfilment, Half, ReservationState

_ACTIVE = "state IN ('confirmed', 'packed')"


class Reservation(Journalled, Base):
    """A promise of one unit of a kind for a period (all dates inclusive).

    ``hold_until`` is the last day the unit waits for pick-up. ``blocked_until`` is ``ends_on``, or
    ``hold_until`` where that is later, plus the kind's turn-round in open days: the day until which
    the promised unit cannot be promised again.
    """

    __tablename__ = "reservation"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_not_before_start"),
        CheckConstraint("blocked_until >= ends_on", name="blocked_not_before_end"),
        CheckConstraint("blocked_until >= hold_until", name="blocked_while_held"),
        CheckConstraint("(slot_on IS NULL) = (slot_half IS NULL)", name="whole_slot"),
        Index(
            "ix_reservation_active",
            "kind_id",
            "site_id",
            "blocked_until",
            sqlite_where=text(_ACTIVE),
            postgresql_where=text(_ACTIVE),
        ),
        Index(
            "ix_reservation_active_resident",
            "resident_id",
            sqlite_where=text(_ACTIVE),
            postgresql_where=text(_ACTIVE),
        ),
        Index(
            "ix_reservation_active_site_start",
            "site_id",
            "starts_on",
            sqlite_where=text(_ACTIVE),
            postgresql_where=text(_ACTIVE),
        ),
        Index("ix_reservation_resident_id_created_at", "resident_id", "created_at"),
    )
    journal_subject: ClassVar[str] = "reservation"
    journal_columns: ClassVar[tuple[str, ...]] = (
        "state",
        "kind_id",
        "site_id",
        "resident_id",
        "starts_on",
        "ends_on",
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    kind_id: Mapped[int] = mapped_column(ForeignKey("kind.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    made_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    state: Mapped[ReservationState] = mapped_column(stored_by_value(ReservationState, "state"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    blocked_until: Mapped[date]
    hold_until: Mapped[date]
    fulfilment: Mapped[Fulfilment] = mapped_column(stored_by_value(Fulfilment, "fulfilment"))
    slot_on: Mapped[date | None]
    slot_half: Mapped[Half | None] = mapped_column(stored_by_value(Half, "slot_half"))
    address: Mapped[str | None] = mapped_column(Encrypted("reservation.address"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class VisitSlot(Base):
    """How many visits are booked in one half day at a site; one row per slot that was used."""

    __tablename__ = "visit_slot"
    __table_args__ = (
        UniqueConstraint("site_id", "slot_on", "half"),
        CheckConstraint("booked >= 0 AND booked <= capacity", name="not_over_capacity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    slot_on: Mapped[date]
    half: Mapped[Half] = mapped_column(stored_by_value(Half, "half"))
    booked: Mapped[int]
    capacity: Mapped[int]


# The tables as the scan path's Core statements see them. The condition is written out, so that both
# databases recognise the partial indexes.
RESERVATION = table_of(Reservation)
VISIT_SLOT = table_of(VisitSlot)
IS_ACTIVE = text(f"reservation.{_ACTIVE}")


def keeps_on(day: str) -> ColumnElement[bool]:
    """Return the condition that a promise keeps a unit on the day, a parameter beside ``today``.

    A delivery whose days have passed keeps one until it is made: see ``policy.expected_until``.
    """
    until, way = RESERVATION.c.blocked_until, RESERVATION.c.fulfilment
    late = until < bindparam("today", type_=Date)
    return or_(until >= bindparam(day, type_=Date), and_(way == Fulfilment.DELIVERY, late))
