"""How long the production server takes from its start to the first page."""

import statistics
from typing import Any

from bench.filled import Filled
from bench.measure import OURS


def cold_start(filled: Filled, *, starts: int) -> dict[str, Any]:
    """Start the server several times; return the line to print."""
    seconds = []
    for _ in range(starts):
        with filled.served_by(OURS) as (_, took):
            seconds.append(took)
    return {
        "name": "cold_start",
        "db": filled.kind,
        "starts": starts,
        "seconds": round(statistics.median(seconds), 2),
    }
