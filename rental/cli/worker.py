"""`flask worker`: runs due jobs, one at a time, each under a lease."""

import importlib.util
import signal
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from time import monotonic
from types import FrameType

import click
import structlog
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from rental.foundation import clock, idempotency, jobs
from rental.foundation.clock import Moment
from rental.foundation.database import db, transaction
from rental.foundation.errors import Busy
from rental.foundation.jobs import Handler, Taken

_log = structlog.get_logger("rental.worker")

PAUSE_S = 2.0
BEAT_EVERY_S = 20.0
TIDY = timedelta(hours=12)


class _Beaten:
    """When this process last said that it lives, by the clock that nobody sets."""

    at = float("-inf")


@click.command("worker")
@click.option("--once", is_flag=True, help="Run what is due now, then stop.")
@with_appcontext
def worker(*, once: bool) -> None:
    """Run due jobs until stopped."""
    stop = threading.Event()

    def leave(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    if not once:
        signal.signal(signal.SIGTERM, leave)
        signal.signal(signal.SIGINT, leave)
    handlers, recurring = collect()
    while not stop.is_set():
        busy = _turn(handlers, recurring)
        if not busy and once:
            return
        if not busy:
            stop.wait(PAUSE_S)


def _turn(handlers: Mapping[str, Handler], recurring: Mapping[str, timedelta]) -> bool:
    """Say that the worker lives and run one job; tell whether there was one."""
    try:
        beat(recurring)
        return run_next(handlers)
    except (SQLAlchemyError, Busy) as error:
        _log.warning("database_unavailable", error=type(error).__name__)
        return False
    finally:
        db.session.remove()


def collect() -> tuple[dict[str, Handler], dict[str, timedelta]]:
    """Return every slice's handlers and recurring jobs."""
    handlers: dict[str, Handler] = {"tidy": _tidy}
    recurring: dict[str, timedelta] = {"tidy": TIDY}
    for slice_ in current_app.extensions["rental_slices"]:
        if importlib.util.find_spec(f"rental.{slice_}.worker"):
            module = importlib.import_module(f"rental.{slice_}.worker")
            handlers.update(module.HANDLERS)
            recurring.update(module.RECURRING)
    return handlers, recurring


def beat(recurring: Mapping[str, timedelta]) -> None:
    """Say that the worker lives, and enqueue the recurring jobs of this stretch of time."""
    if monotonic() - _Beaten.at < BEAT_EVERY_S:
        return
    _Beaten.at, at = monotonic(), clock.now()
    with transaction() as session:
        jobs.beat(session, "worker", at=at)
        for name, every in recurring.items():
            jobs.enqueue(session, name, key=_stretch(at.at, every), at=at)


def _stretch(at: datetime, every: timedelta) -> str:
    """Return the number of the stretch of time the instant lies in: one job for each."""
    return str(int(at.timestamp() // every.total_seconds()))


def run_next(handlers: Mapping[str, Handler]) -> bool:
    """Run one due job; tell whether there was one."""
    at = clock.now()
    with transaction() as session:
        taken = jobs.take(session, at=at)
    if taken is None:
        return False
    try:
        with transaction() as session:
            handlers[taken.name](session, taken.payload, at)
            jobs.finish(session, taken, at=clock.now())
    except Exception as error:  # ruff: ignore[blind-except] - one bad job must not stop the others
        _failed(taken, error, at)
    return True


def _failed(taken: Taken, error: Exception, at: Moment) -> None:
    """Note the failure by type only: messages may quote personal data."""
    name = type(error).__name__
    _log.error("job_failed", job=taken.name, id=taken.id, tries=taken.tries, error=name)
    with transaction() as session:
        jobs.fail(session, taken, at=at, error=name)


def _tidy(session: Session, payload: Mapping[str, object], at: Moment) -> None:
    """Forget old idempotency keys and finished jobs."""
    del payload
    idempotency.forget_old(session, at=at)
    jobs.forget_done(session, at=at)
