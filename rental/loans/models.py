"""Loan rows."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from rental.foundation.database import Base, Instant, stored_by_value
from rental.journal import Journalled
from rental.loans.policy import Condition, LoanState

_OPEN = "state = 'open'"


class Loan(Journalled, Base):
    """One unit in one home, from hand-over to return.

    ``forced_reason`` is set when a clerk recorded a hand-over against a blocker. ``missing`` is a
    JSON list of accessories that did not come back, ``lacking`` one of those that the unit lacked
    before: at the hand-over, and once it came back, right before that.
    """

    __tablename__ = "loan"
    __table_args__ = (
        CheckConstraint("due_on >= issued_on", name="due_not_before_issued"),
        CheckConstraint("(state = 'returned') = (returned_at IS NOT NULL)", name="returned_when"),
        CheckConstraint("renewals >= 0", name="renewals_not_negative"),
        CheckConstraint(
            "state <> 'void' OR (reservation_id IS NULL AND renewals = 0)",
            name="void_holds_nothing",
        ),
        Index(
            "uq_loan_open_unit",
            "unit_id",
            unique=True,
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        Index(
            "ix_loan_open_resident",
            "resident_id",
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        Index(
            "ix_loan_open_site_due",
            "site_id",
            "due_on",
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        Index("ix_loan_unit_id_issued_at", "unit_id", "issued_at"),
        Index("ix_loan_resident_id_issued_at", "resident_id", "issued_at"),
    )
    journal_subject: ClassVar[str] = "loan"
    journal_columns: ClassVar[tuple[str, ...]] = (
        "state",
        "unit_id",
        "resident_id",
        "issued_on",
        "due_on",
        "returned_on",
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    kind_id: Mapped[int] = mapped_column(ForeignKey("kind.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    reservation_id: Mapped[int | None] = mapped_column(ForeignKey("reservation.id"), unique=True)
    state: Mapped[LoanState] = mapped_column(stored_by_value(LoanState, "state"))
    issued_on: Mapped[date]
    issued_at: Mapped[datetime] = mapped_column(Instant)
    issued_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    due_on: Mapped[date]
    renewals: Mapped[int] = mapped_column(default=0)
    forced_reason: Mapped[str | None] = mapped_column(String(200))
    returned_on: Mapped[date | None]
    returned_at: Mapped[datetime | None] = mapped_column(Instant)
    received_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    condition: Mapped[Condition | None] = mapped_column(stored_by_value(Condition, "condition"))
    missing: Mapped[str] = mapped_column(Text, default="[]")
    return_note: Mapped[str] = mapped_column(String(200), default="")
    lacking: Mapped[str] = mapped_column(Text, default="[]", server_default="[]")
