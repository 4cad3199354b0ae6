"""Rows of upkeep, its steps, why units were set aside, and fault reports."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from rental.catalogue.policy import Hygiene
from rental.foundation.database import Base, Instant, stored_by_value
from rental.journal import Journalled
from rental.upkeep.policy import FaultState, StepKind, UpkeepReason, UpkeepState


class Upkeep(Journalled, Base):
    """One turn of a unit through the wash room, from return (or intake) to release.

    ``expected_on`` is the civil day on which it is expected to end, none while nobody can say
    because the site stays closed.
    """

    __tablename__ = "upkeep"
    __table_args__ = (
        Index(
            "uq_upkeep_open_unit",
            "unit_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        CheckConstraint("(state = 'released') = (released_at IS NOT NULL)", name="released_when"),
    )
    journal_subject: ClassVar[str] = "upkeep"
    journal_columns: ClassVar[tuple[str, ...]] = ("unit_id", "state", "released_by")

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    reason: Mapped[UpkeepReason] = mapped_column(stored_by_value(UpkeepReason, "reason"))
    hygiene: Mapped[Hygiene] = mapped_column(stored_by_value(Hygiene, "hygiene"))
    state: Mapped[UpkeepState] = mapped_column(stored_by_value(UpkeepState, "state"))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    expected_on: Mapped[date | None]
    released_at: Mapped[datetime | None] = mapped_column(Instant)
    released_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class UpkeepStep(Base):
    """One step that was done: what, with what, by whom, when, and whether it passed.

    ``dose`` is in mg/m³ for ozone and in mJ/cm² for ultraviolet light.
    """

    __tablename__ = "upkeep_step"
    __table_args__ = (
        CheckConstraint("contact_minutes IS NULL OR contact_minutes > 0", name="contact_positive"),
        CheckConstraint("concentration_mg_l IS NULL OR concentration_mg_l > 0", name="strength"),
        CheckConstraint("dose IS NULL OR dose > 0", name="dose_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    upkeep_id: Mapped[int] = mapped_column(ForeignKey("upkeep.id"), index=True)
    step: Mapped[StepKind] = mapped_column(stored_by_value(StepKind, "step"))
    passed: Mapped[bool]
    agent: Mapped[str] = mapped_column(String(40), default="")
    concentration_mg_l: Mapped[int | None]
    contact_minutes: Mapped[int | None]
    dose: Mapped[int | None]
    separate_tools: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(String(200), default="")
    done_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    done_at: Mapped[datetime] = mapped_column(Instant)


class SetAside(Base):
    """Why a unit was taken out of service; the history of the unit names the record by its key.

    ``ended_at`` is set when it came back to the wash room, or was set aside for another reason.
    """

    __tablename__ = "set_aside"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    reason: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime] = mapped_column(Instant)
    set_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class Fault(Journalled, Base):
    """Something is wrong with a unit; an open one keeps it from being released.

    ``resident_id`` is whose loan the report came from: it may tell of that person.
    """

    __tablename__ = "fault"
    __table_args__ = (
        Index(
            "ix_fault_open_unit",
            "unit_id",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )
    journal_subject: ClassVar[str] = "fault"
    journal_columns: ClassVar[tuple[str, ...]] = ("unit_id", "state", "closed_by")

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    state: Mapped[FaultState] = mapped_column(stored_by_value(FaultState, "state"))
    what: Mapped[str] = mapped_column(String(500))
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    reported_at: Mapped[datetime] = mapped_column(Instant)
    reported_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    answer: Mapped[str] = mapped_column(String(200), default="")
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
