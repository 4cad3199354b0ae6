"""Work that is done later: a table with a lease, taken by one worker at a time.

A job is enqueued in the transaction of the act that wants it. A worker takes it by moving its
lease; when the worker dies, the lease runs out and another takes the job again, so every handler
must be safe to repeat.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index, String, Text, delete, func, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from rental.foundation.clock import Moment
from rental.foundation.database import Base, Instant, insert_ignoring

LEASE = timedelta(minutes=5)
MAX_TRIES = 8

Handler = Callable[[Session, Mapping[str, Any], Moment], None]


class Job(Base):
    """One piece of work to be done once, at or after ``run_at``."""

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "ix_job_open",
            "run_at",
            postgresql_where=text("done_at IS NULL"),
            sqlite_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    unique_key: Mapped[str] = mapped_column(String(160), unique=True)
    payload: Mapped[str] = mapped_column(Text)
    run_at: Mapped[datetime] = mapped_column(Instant)
    leased_until: Mapped[datetime | None] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(200))
    done_at: Mapped[datetime | None] = mapped_column(Instant)


class Heartbeat(Base):
    """When a long-running process last said that it lives."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    beat_at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class Taken:
    """A job under lease."""

    id: int
    name: str
    payload: Mapping[str, Any]
    tries: int


_INSERT = insert_ignoring(Job)


def enqueue(
    session: Session, name: str, *, key: str, at: Moment, payload: Mapping[str, Any] | None = None
) -> None:
    """Add the job unless one with the key exists."""
    values = {
        "name": name,
        "unique_key": f"{name}:{key}",
        "payload": json.dumps(payload or {}),
        "run_at": at.at,
        "tries": 0,
    }
    session.execute(_INSERT, values)


def take(session: Session, *, at: Moment) -> Taken | None:
    """Lease the next due job, or return None."""
    due = (
        select(Job)
        .where(
            Job.done_at.is_(None),
            Job.run_at <= at.at,
            Job.tries < MAX_TRIES,
            or_(Job.leased_until.is_(None), Job.leased_until < at.at),
        )
        .order_by(Job.run_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    job = session.scalar(due)
    if job is None:
        return None
    job.leased_until = at.at + LEASE
    job.tries += 1
    session.flush()
    return Taken(job.id, job.name, json.loads(job.payload), job.tries)


def finish(session: Session, taken: Taken, *, at: Moment) -> None:
    """Mark the job done."""
    session.execute(update(Job).where(Job.id == taken.id).values(done_at=at.at, error=None))


def fail(session: Session, taken: Taken, *, at: Moment, error: str) -> None:
    """Try again later: 1, 2, 4 … minutes after the failure; the error's type is kept, no data."""
    again = at.at + timedelta(minutes=2 ** min(taken.tries - 1, 6))
    session.execute(
        update(Job)
        .where(Job.id == taken.id)
        .values(leased_until=None, run_at=again, error=error[:200])
    )


def beat(session: Session, name: str, *, at: Moment) -> None:
    """Note that the process lives; when it lived ahead of its time, undo what that did to jobs."""
    last = last_beat(session, name)
    if last is not None and last > at.at + LEASE:
        _come_back(session, at)
    session.merge(Heartbeat(name=name, beat_at=at.at))


def _come_back(session: Session, at: Moment) -> None:
    """The clock was ahead and is right again: nothing was done, or is put off to, after now."""
    session.execute(delete(Job).where(Job.done_at > at.at))
    session.execute(update(Job).where(Job.run_at > at.at).values(run_at=at.at))
    session.execute(update(Job).where(Job.leased_until > at.at + LEASE).values(leased_until=None))


def last_beat(session: Session, name: str) -> datetime | None:
    """Return when the process last said that it lives."""
    return session.scalar(select(Heartbeat.beat_at).where(Heartbeat.name == name))


def count_given_up(session: Session) -> int:
    """Return how many jobs failed so often that nobody tries any more."""
    given_up = select(func.count()).where(Job.done_at.is_(None), Job.tries >= MAX_TRIES)
    return session.scalar(given_up) or 0


def forget_done(session: Session, *, at: Moment) -> None:
    """Delete jobs that were done more than a month ago."""
    session.execute(delete(Job).where(Job.done_at < at.at - timedelta(days=31)))
