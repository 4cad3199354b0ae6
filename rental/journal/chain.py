"""How one line of the journal is computed from the one before. Pure."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

from rental.foundation.crypto import ring

#: The hash before the first line.
BEGINNING = "0" * 64


@dataclass(frozen=True, slots=True)
class Head:
    """Where a subject's chain ends: the number and the hash of its last line."""

    seq: int
    hash: str

    @property
    def columns(self) -> dict[str, object]:
        """The subject row's columns that hold the head."""
        return {"journal_seq": self.seq, "journal_hash": self.hash}


EMPTY = Head(0, BEGINNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What happened.

    Attributes:
        subject: Kind and public code, e.g. ``unit:7K3M9QXA``.
        act: The verb, e.g. ``issued``.
        at: When, UTC.
        actor_id: The account that did it; None for the system.
        resident_id: The resident concerned, if any; never the actor's own words.
        row: The subject's journalled columns after the act.
        details: More facts; no personal data.
    """

    subject: str
    act: str
    at: datetime
    actor_id: int | None
    resident_id: int | None
    row: Mapping[str, Any]
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """An entry bound to its chain, ready to be written."""

    values: Mapping[str, Any]
    head: Head


def line(entry: Entry, *, after: Head) -> Line:
    """Return the entry as the line that follows the head."""
    values = {
        "subject": entry.subject,
        "seq": after.seq + 1,
        "act": entry.act,
        "at": entry.at,
        "actor_id": entry.actor_id,
        "resident_id": entry.resident_id,
        "row": as_text(entry.row),
        "details": as_text(entry.details),
    }
    values["hash"] = hash_of(values, before=after.hash)
    return Line(values, Head(after.seq + 1, str(values["hash"])))


def hash_of(values: Mapping[str, Any], *, before: str) -> str:
    """Return the keyed hash of a line's values and the hash before it (HMAC-SHA-256, hex)."""
    said = [
        before,
        values["subject"],
        values["seq"],
        values["act"],
        values["at"].astimezone(UTC).isoformat(timespec="microseconds"),
        values["actor_id"],
        values["resident_id"],
        values["row"],
        values["details"],
    ]
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(ring().journal, text.encode(), hashlib.sha256).hexdigest()


def as_text(facts: Mapping[str, Any]) -> str:
    """Return the facts as canonical JSON: sorted keys, ISO dates, enums by value."""
    plain = {key: _plain(value) for key, value in facts.items()}
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(part) for part in value]
    return value
