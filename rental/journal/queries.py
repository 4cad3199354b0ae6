"""Reading the journal, and proving that nobody edited it."""

import json
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ScalarResult, Select, func, inspect, select
from sqlalchemy.orm import Session

from rental.foundation.database import Base
from rental.journal.chain import BEGINNING, Head, as_text, hash_of
from rental.journal.models import Journalled, JournalLine

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One line of a subject's history, for a page."""

    act: str
    at: datetime
    actor_id: int | None
    row: Mapping[str, Any]
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where a chain does not hold."""

    subject: str
    seq: int
    why: str


def history(session: Session, *, subject: str, limit: int = 100) -> tuple[Happening, ...]:
    """Return the newest lines of a subject, newest first."""
    lines = session.execute(
        select(
            JournalLine.act,
            JournalLine.at,
            JournalLine.actor_id,
            JournalLine.row,
            JournalLine.details,
        )
        .where(JournalLine.subject == subject)
        .order_by(JournalLine.seq.desc())
        .limit(limit)
    )
    return tuple(
        Happening(act=act, at=at, actor_id=actor, row=json.loads(row), details=json.loads(details))
        for act, at, actor, row, details in lines
    )


def having(act: str, *, of: str) -> Select[tuple[str]]:
    """Return the statement of the public codes of a kind's subjects to which the act happened."""
    code = func.substr(JournalLine.subject, len(of) + 2)
    return select(code).where(JournalLine.act == act, JournalLine.subject.startswith(f"{of}:"))


def verify(session: Session) -> Generator[Break]:
    """Recompute every chain and yield each break found: at most one per subject.

    Checks that each line's hash follows from its content and the line before, that no line is
    missing, that the subject's row holds the chain's head, and that the row's journalled columns
    are what the last line says.

    Args:
        session: Of a ``snapshot`` while others write: lines and rows are read one after the other.
    """
    lasts: dict[str, _Last] = {}
    broken: set[str] = set()
    before: JournalLine | None = None
    with closing(_all(session, JournalLine, JournalLine.subject, JournalLine.seq)) as lines:
        for current in lines:
            last = before if before is not None and before.subject == current.subject else None
            why = _wrong_with(current, after=last)
            if why and current.subject not in broken:
                broken.add(current.subject)
                yield Break(current.subject, current.seq, why)
            lasts[current.subject] = _Last(Head(current.seq, current.hash), current.row)
            before = current
    yield from _wrong_rows(session, lasts, broken)


class _Last(NamedTuple):
    """What is kept of a subject's last line: its number and hash, and the row it tells of."""

    head: Head
    row: str


def _all(session: Session, kind: type[T], *order: Any) -> ScalarResult[T]:
    """Stream every row of the kind, without keeping what was read."""
    return session.scalars(select(kind).order_by(*order).execution_options(yield_per=1000))


def _wrong_with(current: JournalLine, *, after: JournalLine | None) -> str | None:
    """Return what is wrong with the line, or None."""
    if current.seq != (after.seq + 1 if after else 1):
        return "a line before it is missing"
    values = {column.key: getattr(current, column.key) for column in inspect(JournalLine).columns}
    if current.hash != hash_of(values, before=after.hash if after else BEGINNING):
        return "the line was altered"
    return None


def _wrong_rows(session: Session, lasts: dict[str, _Last], broken: set[str]) -> Generator[Break]:
    """Yield subjects whose row and last line disagree, and subjects whose row is gone."""
    gone = set(lasts)
    for kind in journalled_kinds():
        with closing(_all(session, kind)) as rows:
            for row in rows:
                gone.discard(row.journal_name)
                why = _wrong_row(row, lasts.get(row.journal_name))
                if why and row.journal_name not in broken:
                    yield Break(row.journal_name, row.journal_seq, why)
    for name in sorted(gone - broken):
        yield Break(name, lasts[name].head.seq, "the row is gone")


def _wrong_row(row: Journalled, last: _Last | None) -> str | None:
    if last is None:
        return None if row.journal_seq == 0 else "its lines are gone"
    if Head(row.journal_seq, row.journal_hash) != last.head:
        return "the last lines are missing"
    if as_text(row.journal_row()) != last.row and _differs(row, json.loads(last.row)):
        return "the row was edited by hand"
    return None


def _differs(row: Journalled, said: Mapping[str, object]) -> bool:
    """Tell whether a column isn't what the line says.

    A line of an older release may tell of columns that are no longer journalled, or lack one.
    """
    now = json.loads(as_text(row.journal_row()))
    return any(now[name] != said[name] for name in now.keys() & said.keys())


def journalled_kinds() -> list[type[Journalled]]:
    """Return the mapped classes whose rows are journalled."""
    return [
        mapper.class_
        for mapper in sorted(Base.registry.mappers, key=lambda mapper: mapper.class_.__name__)
        if issubclass(mapper.class_, Journalled)
    ]
