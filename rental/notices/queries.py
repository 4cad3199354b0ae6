"""Reading notices."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from rental.foundation.words import Named, Sentence, Value
from rental.notices.models import Notice
from rental.notices.policy import TEXTS, NoticeKind, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """A message as the resident reads it."""

    id: int
    kind: NoticeKind
    title: Sentence
    body: Sentence
    created_at: datetime
    read: bool


def of_resident(session: Session, *, resident_id: int, limit: int = 20) -> tuple[NoticeView, ...]:
    """Return the resident's newest notices, newest first."""
    rows = session.execute(
        select(Notice.id, Notice.kind, Notice.params, Notice.created_at, Notice.read_at)
        .where(Notice.resident_id == resident_id)
        .order_by(Notice.created_at.desc(), Notice.id.desc())
        .limit(limit)
    )
    return tuple(
        NoticeView(
            id=row.id,
            kind=row.kind,
            title=Sentence(TEXTS[row.kind].title),
            body=_body(TEXTS[row.kind], json.loads(row.params)),
            created_at=row.created_at,
            read=row.read_at is not None,
        )
        for row in rows
    )


def count_unread(session: Session, *, resident_id: int) -> int:
    """Return how many notices the resident hasn't read."""
    unread = select(func.count()).where(Notice.resident_id == resident_id, Notice.read_at.is_(None))
    return session.scalar(unread) or 0


def _body(text: Text, stored: dict[str, Any]) -> Sentence:
    return Sentence(text.body_for(stored), **_values(stored))


def was_told(session: Session, kind: NoticeKind, *, once: str) -> bool:
    """Tell whether the message was put into the outbox under the key it was sent with."""
    return bool(session.scalar(select(exists().where(Notice.once_key == f"{kind.value}:{once}"))))


def _values(stored: dict[str, Any]) -> dict[str, Value]:
    return {key: _value(value) for key, value in stored.items()}


def _value(stored: Any) -> Value:
    match stored:
        case {"date": text}:
            return date.fromisoformat(text)
        case {"zh": zh, "en": en}:
            return Named(zh, en)
        case {"msgid": msgid, "params": params}:
            return Sentence(msgid, **_values(params))
        case int():
            return stored
        case _:
            return str(stored)
