"""Outbox rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Exists,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    column,
    exists,
    table,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.elements import SQLCoreOperations

from rental.foundation.database import Base, Instant, stored_by_value
from rental.notices.policy import Channel, DeliveryState, NoticeKind


class Notice(Base):
    """A message to one resident; also what the resident reads on the own page."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_resident_id_created_at", "resident_id", "created_at"),
        Index(
            "ix_notice_undispatched",
            "id",
            sqlite_where=text("dispatched_at IS NULL"),
            postgresql_where=text("dispatched_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    kind: Mapped[NoticeKind] = mapped_column(stored_by_value(NoticeKind, "kind"))
    params: Mapped[str] = mapped_column(Text)
    once_key: Mapped[str] = mapped_column(String(120), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    dispatched_at: Mapped[datetime | None] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)


class Delivery(Base):
    """One notice on its way through one channel."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("notice_id", "channel"),
        Index(
            "ix_delivery_pending",
            "not_before",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
    channel: Mapped[Channel] = mapped_column(stored_by_value(Channel, "channel"))
    state: Mapped[DeliveryState] = mapped_column(stored_by_value(DeliveryState, "state"))
    not_before: Mapped[datetime] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)


#: Residents belong to a slice above this one. All that is known of them here is the key that a
#: notice holds, and whether they are still spoken to.
_RESIDENT = table("resident", column("id"), column("state"))


def is_spoken_to(resident_id: SQLCoreOperations[Any]) -> Exists:
    """Return the SQL condition that the resident gets messages: neither quiet nor anonymised."""
    return exists().where(_RESIDENT.c.id == resident_id, _RESIDENT.c.state == "active")
