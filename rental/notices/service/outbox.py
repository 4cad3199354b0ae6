"""Writing notices into the outbox, and reading marks."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from rental.foundation.clock import Moment
from rental.foundation.database import insert_ignoring
from rental.foundation.words import Named, Sentence
from rental.notices.models import Delivery, Notice, is_spoken_to
from rental.notices.policy import TEXTS, DeliveryState, NoticeKind

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_NEEDED = {
    text: frozenset(_PLACEHOLDER.findall(text))
    for each in TEXTS.values()
    for text in (each.body, *each.bodies.values())
}


def send(
    session: Session,
    kind: NoticeKind,
    *,
    resident_id: int,
    once: str,
    at: Moment,
    params: Mapping[str, str | int | date | Named | Sentence] | None = None,
) -> None:
    """Put a notice into the outbox; it leaves after the transaction, once.

    A resident whose state is quiet or anonymised gets none.

    Args:
        session: The open use-case transaction.
        kind: Which message.
        resident_id: Whom it concerns.
        once: What makes the message unique; a second one with the same kind and key is dropped.
        at: When.
        params: Values of the message's placeholders, and which ``variant`` of its bodies; no
            personal data.

    Raises:
        ValueError: If a placeholder of the message has no value.
    """
    values = params or {}
    lacking = _NEEDED[TEXTS[kind].body_for(values)] - values.keys()
    if lacking:
        msg = f"notice {kind.value} needs {', '.join(sorted(lacking))}"
        raise ValueError(msg)
    session.connection().execute(
        _INSERT,
        {
            "of_resident": resident_id,
            "the_kind": kind,
            "the_params": json.dumps({key: _plain(value) for key, value in values.items()}),
            "the_once_key": f"{kind.value}:{once}",
            "created": at.at,
        },
    )


_ROW = select(
    bindparam("of_resident", type_=Notice.resident_id.type),
    bindparam("the_kind", type_=Notice.kind.type),
    bindparam("the_params", type_=Notice.params.type),
    bindparam("the_once_key", type_=Notice.once_key.type),
    bindparam("created", type_=Notice.created_at.type),
).where(is_spoken_to(bindparam("of_resident", type_=Notice.resident_id.type)))
_INSERT = insert_ignoring(Notice).from_select(
    ["resident_id", "kind", "params", "once_key", "created_at"], _ROW
)


def mark_read(
    session: Session, *, resident_id: int, at: Moment, notice_id: int | None = None
) -> None:
    """Mark one notice of the resident as read, or all of them."""
    unread = update(Notice).where(Notice.resident_id == resident_id, Notice.read_at.is_(None))
    if notice_id is not None:
        unread = unread.where(Notice.id == notice_id)
    session.execute(unread.values(read_at=at.at))


def hush(session: Session, resident_id: int) -> None:
    """Cancel what is still on its way to the resident, who has become quiet."""
    theirs = select(Notice.id).where(Notice.resident_id == resident_id)
    session.execute(
        update(Delivery)
        .where(Delivery.state == DeliveryState.PENDING, Delivery.notice_id.in_(theirs))
        .values(state=DeliveryState.CANCELLED)
        .execution_options(synchronize_session=False)
    )


def forget(session: Session, resident_id: int) -> None:
    """Delete every message of a resident who becomes nobody."""
    theirs = select(Notice.id).where(Notice.resident_id == resident_id)
    session.execute(delete(Delivery).where(Delivery.notice_id.in_(theirs)))
    session.execute(delete(Notice).where(Notice.resident_id == resident_id))


def _plain(value: str | int | date | Named | Sentence) -> Any:
    if isinstance(value, Named):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, Sentence):
        params = {key: _plain(inner) for key, inner in value.params.items()}
        return {"msgid": value.msgid, "params": params}
    return {"date": value.isoformat()} if isinstance(value, date) else value
