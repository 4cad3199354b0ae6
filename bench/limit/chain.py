"""History lines by hand: the same text and the same keyed hash as the service's."""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bench.limit.connections import connection, kept_as, sql

BEGINNING = "0" * 64

_COLUMNS = ("subject", "seq", "act", "at", "actor_id", "resident_id", "row", "details", "hash")
_KEY = base64.urlsafe_b64decode(os.environ.get("RENTAL_JOURNAL_KEY", ""))


@dataclass(frozen=True, slots=True)
class Line:
    """One line, ready to be inserted."""

    values: Mapping[str, Any]

    @property
    def head(self) -> dict[str, Any]:
        """The subject's new head as parameters."""
        return {"seq": self.values["seq"], "hash": self.values["hash"]}


def line(
    subject: str,
    act: str,
    *,
    at: datetime,
    actor_id: int,
    resident_id: int | None,
    row: Mapping[str, Any],
    details: Mapping[str, Any],
    after: tuple[int, str] = (0, BEGINNING),
) -> Line:
    """Return the line that follows the head; dates in ``row`` and ``details`` are ISO text."""
    seq, before = after
    texts = [_text(row), _text(details)]
    instant = at.isoformat(timespec="microseconds")
    said = [before, subject, seq + 1, act, instant, actor_id, resident_id, *texts]
    whole = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    signed = hmac.digest(_KEY, whole.encode(), hashlib.sha256).hex()
    stored = kept_as(at)
    values = (subject, seq + 1, act, stored, actor_id, resident_id, *texts, signed)
    return Line(dict(zip(_COLUMNS, values, strict=True)))


def write(lines: Sequence[Line]) -> None:
    """Insert the lines with one statement."""
    values = {f"{k}{n}": v for n, one in enumerate(lines) for k, v in one.values.items()}
    connection().execute(_INSERT[len(lines)], values)


def _text(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _insert(count: int) -> str:
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    rows = ", ".join(
        "(" + ", ".join(f":{name}{n}" for name in _COLUMNS) + ")" for n in range(count)
    )
    return sql(f"INSERT INTO journal_line ({names}) VALUES {rows}")


_INSERT = {count: _insert(count) for count in (1, 2, 3)}
