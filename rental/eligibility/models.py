"""Rows of applications, claims, evidence and decisions."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from rental.eligibility.policy import ApplicationState, EvidenceKind, Ground
from rental.foundation.crypto import Encrypted
from rental.foundation.database import Base, Instant, stored_by_value
from rental.journal import Journalled

_OPEN = "state IN ('submitted', 'papers_requested')"


class Application(Journalled, Base):
    """Asking for eligibility; at most one open per resident."""

    __tablename__ = "application"
    __table_args__ = (
        Index(
            "uq_application_open_resident",
            "resident_id",
            unique=True,
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        Index("ix_application_state_submitted_at", "state", "submitted_at"),
    )
    journal_subject: ClassVar[str] = "application"
    journal_columns: ClassVar[tuple[str, ...]] = ("state", "resident_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    state: Mapped[ApplicationState] = mapped_column(stored_by_value(ApplicationState, "state"))
    submitted_at: Mapped[datetime] = mapped_column(Instant)
    submitted_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(Instant)


class Claim(Base):
    """One ground that an application names, with what its papers say."""

    __tablename__ = "claim"
    __table_args__ = (Index("uq_claim_ground", "application_id", "ground", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    ground: Mapped[Ground] = mapped_column(stored_by_value(Ground, "ground"))
    certificate_number: Mapped[str | None] = mapped_column(Encrypted("claim.certificate_number"))
    expires_on: Mapped[date | None]
    difficulties: Mapped[str] = mapped_column(String(200), default="")
    noted_on: Mapped[date | None]


class Evidence(Base):
    """A paper that was declared, and who saw it when (no picture is kept)."""

    __tablename__ = "evidence"
    __table_args__ = (
        Index("uq_evidence_kind", "application_id", "kind", unique=True),
        CheckConstraint("(seen_by IS NULL) = (seen_at IS NULL)", name="seen_by_and_when"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    kind: Mapped[EvidenceKind] = mapped_column(stored_by_value(EvidenceKind, "kind"))
    declared_at: Mapped[datetime] = mapped_column(Instant)
    seen_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(String(200), default="")


class Decision(Journalled, Base):
    """The approval of one ground, with its validity (both dates inclusive)."""

    __tablename__ = "decision"
    __table_args__ = (
        CheckConstraint("valid_until >= valid_from", name="validity"),
        Index("ix_decision_resident_id_valid_until", "resident_id", "valid_until"),
    )
    journal_subject: ClassVar[str] = "decision"
    journal_columns: ClassVar[tuple[str, ...]] = (
        "resident_id",
        "ground",
        "valid_from",
        "valid_until",
        "revoked_at",
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    ground: Mapped[Ground] = mapped_column(stored_by_value(Ground, "ground"))
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    reason: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
