"""What a hundred times the rows cost: the same load on both sizes, in turns, one client."""

import statistics
from collections.abc import Generator
from contextlib import ExitStack
from typing import Any

from bench.filled import Filled
from bench.measure import OURS, Plan, several

NAMES = ("issue_return", "availability")


def grow(small: Filled, large: Filled, *, times: int, plan: Plan) -> Generator[dict[str, Any]]:
    """Yield a line for each load."""
    with ExitStack() as stack:
        ports = [stack.enter_context(one.served_by(OURS))[0] for one in (small, large)]
        for name in NAMES:
            loads = [one.loads[name] for one in (small, large)]
            medians: tuple[list[float], list[float]] = ([], [])
            for number in range(plan.rounds + 1):
                for load, port, kept in zip(loads, ports, medians, strict=True):
                    sample = several(load, port, clients=1, seconds=plan.seconds)
                    if number:  # the first round warms up
                        kept.append(sample.median_ms)
            before, after = (statistics.median(kept) for kept in medians)
            yield {
                "name": "scale",
                "db": small.kind,
                "load": name,
                "times": times,
                "clients": 1,
                "p50_ms": round(before, 2),
                "p50_ms_scaled": round(after, 2),
                "ratio": round(after / before, 3),
            }
