"""Is the process up, can it do its work, and what has it done: for machines, not for people."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import prometheus_client
from alembic.migration import MigrationContext
from flask import Blueprint, Flask, Response, g, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy.exc import SQLAlchemyError

from rental.foundation import clock, jobs
from rental.foundation.database import db, reading
from rental.web.access import public

bp = Blueprint("health", __name__)

#: A worker that has not said anything for so long, or speaks from so far ahead, is taken for dead.
WORKER_SILENCE = timedelta(minutes=2)

_REQUESTS = Counter("rental_requests", "Answered requests", ("endpoint", "method", "status"))
_SECONDS = Histogram(
    "rental_request_seconds",
    "Time to answer",
    ("endpoint",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """Say that the process answers."""
    return {"status": "ok"}


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Say whether database, migrations and worker are in order; 503 names what is not."""
    checks = {name: check() for name, check in _CHECKS.items()}
    ready = all(checks.values())
    words = {name: "ok" if fine else "failed" for name, fine in checks.items()}
    return {"status": "ok" if ready else "failed", "checks": words}, 200 if ready else 503


@bp.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """Return counters and timings by endpoint; nothing about any person."""
    registry: CollectorRegistry = prometheus_client.REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library's own
    text = prometheus_client.generate_latest(registry)
    text += prometheus_client.generate_latest(_of_the_database())
    return Response(text, content_type=prometheus_client.CONTENT_TYPE_LATEST)


def _of_the_database() -> CollectorRegistry:
    """Return what the database counts; nothing while it does not answer."""
    registry = CollectorRegistry()
    try:
        given_up = jobs.count_given_up(reading())
    except SQLAlchemyError:
        return registry
    Gauge("rental_jobs_given_up", "Jobs that failed too often", registry=registry).set(given_up)
    return registry


def _database_answers() -> bool:
    try:
        with db.engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
    except SQLAlchemyError:
        return False
    return True


def _migrations_are_current() -> bool:
    head = (Path(__file__).parents[2] / "migrations" / "HEAD").read_text(encoding="utf-8").strip()
    try:
        with db.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() == head
    except SQLAlchemyError:
        return False


def _worker_lives() -> bool:
    try:
        beat = jobs.last_beat(reading(), "worker")
    except SQLAlchemyError:
        return False
    return beat is not None and abs(clock.now().at - beat) < WORKER_SILENCE


_CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database_answers,
    "migrations": _migrations_are_current,
    "worker": _worker_lives,
}


def register_health(app: Flask) -> None:
    """Add the three addresses and count requests."""
    app.register_blueprint(bp)

    @app.after_request
    def count(response: Response) -> Response:
        endpoint: Any = request.endpoint or "(none)"
        _REQUESTS.labels(endpoint, request.method, str(response.status_code)).inc()
        began = g.get("began")
        if began is not None:
            _SECONDS.labels(endpoint).observe(time.perf_counter() - began)
        return response
