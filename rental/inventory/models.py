"""Rows of stock and units."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rental.foundation.database import Base, Instant, stored_by_value
from rental.inventory.policy import UnitState
from rental.journal import Journalled


class Stock(Base):
    """One kind at one site: the row that is locked before anything is promised of it."""

    __tablename__ = "stock"
    __table_args__ = (UniqueConstraint("site_id", "kind_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    kind_id: Mapped[int] = mapped_column(ForeignKey("kind.id"), index=True)


class Unit(Journalled, Base):
    """One physical piece with its own QR code.

    ``due_on`` is set exactly while the unit is on loan. ``free_from`` is the first civil day on
    which the unit is expected to be lendable: None means now when lendable, never otherwise.
    ``missing`` is a JSON list of accessories that did not come back.
    """

    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint("(state = 'on_loan') = (due_on IS NOT NULL)", name="due_while_on_loan"),
        CheckConstraint("load_limit_kg IS NULL OR load_limit_kg > 0", name="load_limit_positive"),
        Index("ix_unit_site_id_kind_id_state", "site_id", "kind_id", "state"),
        Index("ix_unit_site_id_state", "site_id", "state"),
        UniqueConstraint("site_id", "serial_number"),
    )
    journal_subject: ClassVar[str] = "unit"
    journal_columns: ClassVar[tuple[str, ...]] = (
        "state",
        "kind_id",
        "site_id",
        "due_on",
        "free_from",
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    kind_id: Mapped[int] = mapped_column(ForeignKey("kind.id"), index=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"))
    state: Mapped[UnitState] = mapped_column(stored_by_value(UnitState, "state"))
    due_on: Mapped[date | None]
    free_from: Mapped[date | None]
    serial_number: Mapped[str | None] = mapped_column(String(60))
    maker: Mapped[str] = mapped_column(String(80), default="")
    load_limit_kg: Mapped[int | None]
    registration_number: Mapped[str | None] = mapped_column(String(60))
    udi: Mapped[str | None] = mapped_column(String(60))
    bought_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    electrical_test_due_on: Mapped[date | None]
    missing: Mapped[str] = mapped_column(Text, default="[]")
    note: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
