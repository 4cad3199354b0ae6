"""Journal rows, the mixin of journalled rows, and the two ways to write a line."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from rental.foundation.actor import Actor
from rental.foundation.clock import Moment
from rental.foundation.database import Base, Instant, table_of
from rental.journal.chain import BEGINNING, Entry, Head, Line, line


class JournalLine(Base):
    """One thing that happened to one subject."""

    __tablename__ = "journal_line"
    __table_args__ = (
        UniqueConstraint("subject", "seq"),
        Index("ix_journal_line_resident_id", "resident_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int]
    act: Mapped[str] = mapped_column(String(48))
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    row: Mapped[str] = mapped_column(Text)
    details: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64))


class Journalled:
    """Mixin of rows whose changes are journalled.

    A class names its subject kind, the column with its public code, and the columns that only the
    journal's acts may change.
    """

    journal_subject: ClassVar[str]
    journal_key: ClassVar[str] = "code"
    journal_columns: ClassVar[tuple[str, ...]]

    journal_seq: Mapped[int] = mapped_column(default=0)
    journal_hash: Mapped[str] = mapped_column(String(64), default=BEGINNING)

    @property
    def journal_name(self) -> str:
        """The subject's name in the journal."""
        return f"{self.journal_subject}:{getattr(self, self.journal_key)}"

    def journal_row(self) -> dict[str, Any]:
        """Return the journalled columns as they are now."""
        return {name: getattr(self, name) for name in self.journal_columns}


def record(
    session: Session,
    row: Journalled,
    *,
    act: str,
    by: Actor,
    at: Moment,
    resident_id: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Append one line for the row as it is now, and move its head.

    Args:
        session: The open use-case transaction; the row must be locked or new in it.
        row: The changed row; flushed first, so that its keys are known.
        act: The verb in the past tense, e.g. ``issued``.
        by: Who did it.
        at: When.
        resident_id: The resident concerned, when the act concerns one.
        details: More facts; never personal data.
    """
    session.flush()
    entry = Entry(
        subject=row.journal_name,
        act=act,
        at=at.at,
        actor_id=by.account_id,
        resident_id=resident_id,
        row=row.journal_row(),
        details=details or {},
    )
    written = line(entry, after=Head(row.journal_seq, row.journal_hash))
    write(session, [written])
    row.journal_seq, row.journal_hash = written.head.seq, written.head.hash
    session.flush()


def write(session: Session, lines: Sequence[Line]) -> None:
    """Insert lines whose heads the caller stores in the subjects' rows in the same transaction."""
    session.connection().execute(_INSERT, [dict(written.values) for written in lines])


_INSERT = insert(table_of(JournalLine)).inline()
