"""Keys of requests that were already answered.

The key's row is written in the transaction of the act, so that either both exist or neither does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Index, String, Text, UniqueConstraint, bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from rental.foundation import clock
from rental.foundation.clock import Moment
from rental.foundation.database import Base, Instant, table_of, transaction
from rental.foundation.errors import Busy, Conflict
from rental.foundation.words import N_

#: How long an answer is kept for replays.
KEPT_FOR = timedelta(days=14)


class IdempotencyKey(Base):
    """One answered request of one account."""

    __tablename__ = "idempotency_key"
    __table_args__ = (
        UniqueConstraint("account_id", "key"),
        Index("ix_idempotency_key_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int]
    key: Mapped[str] = mapped_column(String(100))
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)


class KeyUsedForSomethingElse(Conflict):
    """The same key came with another body."""

    sentence = N_("这个 Idempotency-Key 已经用于另一个请求，请换一个新的再试。")


@dataclass(frozen=True, slots=True)
class Claim:
    """Who asks, with which key, for what (SHA-256 of method, path and body)."""

    account_id: int
    key: str
    request_hash: str


@dataclass(frozen=True, slots=True)
class Kept:
    """The first answer."""

    status: int
    body: str


_c = table_of(IdempotencyKey).c
_FIND = select(_c.request_hash, _c.status, _c.body).where(
    _c.account_id == bindparam("account"), _c.key == bindparam("key")
)
_KEEP = insert(table_of(IdempotencyKey)).inline()


def once(claim: Claim | None, act: Callable[[Session], Kept]) -> Kept:
    """Run the act in one transaction and keep its answer, or return what its key got before.

    Without a claim the act simply runs.

    Raises:
        KeyUsedForSomethingElse: If the key was used for another request.
        Busy: If the lock could not be had in time.
    """
    try:
        return _act_or_find(claim, act)
    except IntegrityError as error:
        if claim is None or "idempotency_key" not in str(error.orig):
            raise
    with transaction() as session:  # two requests with one key at once: the other one won
        kept = find(session, claim)
    if kept is None:
        raise Busy
    return kept


def _act_or_find(claim: Claim | None, act: Callable[[Session], Kept]) -> Kept:
    with transaction() as session:
        kept = find(session, claim) if claim else None
        if kept is None:
            kept = act(session)
            if claim:
                keep(session, claim, kept, at=clock.now())
    return kept


def find(session: Session, claim: Claim) -> Kept | None:
    """Return the first answer of the key, or None.

    Raises:
        KeyUsedForSomethingElse: If the key was used for another request.
    """
    row = (
        session.connection().execute(_FIND, {"account": claim.account_id, "key": claim.key}).first()
    )
    if row is None:
        return None
    if row.request_hash != claim.request_hash:
        raise KeyUsedForSomethingElse
    return Kept(row.status, row.body)


def keep(session: Session, claim: Claim, kept: Kept, *, at: Moment) -> None:
    """Keep the answer."""
    session.connection().execute(
        _KEEP,
        {
            "account_id": claim.account_id,
            "key": claim.key,
            "request_hash": claim.request_hash,
            "status": kept.status,
            "body": kept.body,
            "at": at.at,
        },
    )


def forget_old(session: Session, *, at: Moment) -> None:
    """Delete answers older than ``KEPT_FOR``."""
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.at < at.at - KEPT_FOR))
