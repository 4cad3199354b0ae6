"""Our server against the limit's: in turns, on one database; medians of several rounds."""

import statistics
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench.dataset.bulk import open_bulk
from bench.driver import Sample, run
from bench.filled import Filled
from bench.loads import Load

OURS = "wsgi:app"
LIMIT = "bench.limit:app"

_WARM_S = 0.4


class OtherRows(RuntimeError):
    """The limit leaves other rows than the service, so that they can't be compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How long to measure: so many rounds of so many seconds on each side."""

    rounds: int
    seconds: float


@contextmanager
def both(filled: Filled) -> Generator[dict[str, int]]:
    """Serve the database by both; yield their ports."""
    with filled.served_by(OURS) as (ours, _), filled.served_by(LIMIT) as (limit, _):
        yield {OURS: ours, LIMIT: limit}


def compare(
    filled: Filled, name: str, *, ports: dict[str, int], clients: int, plan: Plan
) -> dict[str, Any]:
    """Measure one load on both sides; return the line to print."""
    load = filled.loads[name]
    rows = {side: _warm(filled, load, port, clients) for side, port in ports.items()}
    if rows[OURS] != rows[LIMIT]:
        raise OtherRows(f"{name}: {rows[OURS]} rows an errand, the limit {rows[LIMIT]}")
    rounds: dict[str, list[Sample]] = {side: [] for side in ports}
    for number in range(plan.rounds):
        for side in sorted(ports, reverse=number % 2 == 0):
            rounds[side].append(several(load, ports[side], clients=clients, seconds=plan.seconds))
    ours, limit = (statistics.median(s.per_second for s in rounds[side]) for side in (OURS, LIMIT))
    whole = pooled(rounds[OURS])
    return {
        "name": name,
        "db": filled.kind,
        "clients": clients,
        "ours_rps": round(ours, 1),
        "limit_rps": round(limit, 1),
        "ratio": round(ours / limit, 3),
        "p50_ms": round(whole.median_ms, 2),
        "p95_ms": round(whole.percentile_ms(95), 2),
    }


def several(load: Load, port: int, *, clients: int, seconds: float) -> Sample:
    """Do passes until the time is filled; putting the database back doesn't count."""
    sample = Sample()
    while sample.took_s < seconds:
        left = seconds - sample.took_s
        sample.add(run(port, load.errands(), clients=clients, seconds=left))
        load.reset()
    return sample


def pooled(samples: list[Sample]) -> Sample:
    """Return all samples as one."""
    whole = Sample()
    for sample in samples:
        whole.add(sample)
    return whole


def _warm(filled: Filled, load: Load, port: int, clients: int) -> dict[str, float]:
    """Let the server fill its caches; return how many rows an errand adds to each table."""
    errands = load.errands()
    before = _count(filled, load)
    sample = run(port, errands, clients=clients, seconds=_WARM_S)
    after = _count(filled, load)
    load.reset()
    done = len(sample.latencies_s) / len(errands[0])
    return {table: round((after[table] - before[table]) / done, 6) for table in load.writes}


def _count(filled: Filled, load: Load) -> dict[str, int]:
    bulk = open_bulk(filled.url)
    try:
        return {table: bulk.number(f"SELECT count(*) FROM {table}") for table in load.writes}
    finally:
        bulk.connection.close()
