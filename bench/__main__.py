"""``python -m bench``: every measurement, one JSON object a line."""

import argparse
import json
import signal
import sys
from collections.abc import Generator, Sequence
from types import FrameType
from typing import Any

from bench.cold_start import cold_start
from bench.filled import Cellar, cellar
from bench.labels import labels
from bench.markdown import table
from bench.measure import Plan, both, compare
from bench.scale import grow

DATABASES = ("postgresql", "sqlite")

#: Loads that are compared with the limit, with their numbers of clients.
COMPARED = {
    "issue_return": (1, 16),
    "reserve": (1, 16),
    "unit_page": (16,),
    "catalogue_page": (16,),
    "availability": (16,),
}
NAMES = (*COMPARED, "scale", "labels", "cold_start")

Line = dict[str, Any]


def main() -> None:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _leave)
    lines = []
    with cellar(arguments.db) as databases:
        for line in _lines(databases, arguments):
            lines.append(line)
            if not arguments.markdown:
                print(json.dumps(line), flush=True)
    if arguments.markdown:
        print(table(lines))


def _leave(number: int, _frame: FrameType | None) -> None:
    """End like Ctrl-C does: every server is stopped and every folder deleted on the way out."""
    sys.exit(128 + number)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", default=",".join(NAMES), help=f"some of {', '.join(NAMES)}")
    parser.add_argument("--db", default=",".join(DATABASES), help="postgresql, sqlite or both")
    parser.add_argument("--clients", help="other numbers of clients, such as 1,4,16")
    parser.add_argument("--quick", action="store_true", help="small samples, small scale")
    parser.add_argument("--seconds", type=float, help="of each round on each side")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--scale", type=int, help="how many times the rows (100)")
    parser.add_argument("--markdown", action="store_true", help="one table in the end instead")
    found = parser.parse_args()
    found.only = _chosen(parser, found.only, NAMES)
    found.db = _chosen(parser, found.db, DATABASES)
    found.clients = tuple(int(n) for n in found.clients.split(",")) if found.clients else None
    found.scale = found.scale or (5 if found.quick else 100)
    found.plan = Plan(
        rounds=found.rounds or (2 if found.quick else 3),
        seconds=found.seconds or (0.5 if found.quick else 2.0),
    )
    return found


def _chosen(parser: argparse.ArgumentParser, text: str, known: Sequence[str]) -> tuple[str, ...]:
    wanted = text.split(",")
    if unknown := sorted(set(wanted) - set(known)):
        parser.error(f"unknown: {', '.join(unknown)}")
    return tuple(name for name in known if name in wanted)


def _lines(databases: Cellar, asked: argparse.Namespace) -> Generator[Line]:
    yield from _compared(databases, asked)
    if "scale" in asked.only:
        yield from _scaled(databases, asked)
    first = databases.get(asked.db, 1)
    if "labels" in asked.only:
        yield labels(first[-1])
    if "cold_start" in asked.only:
        for filled in first:
            yield cold_start(filled, starts=1 if asked.quick else 3)


def _compared(databases: Cellar, asked: argparse.Namespace) -> Generator[Line]:
    names = [name for name in asked.only if name in COMPARED]
    for filled in databases.get(asked.db, 1) if names else ():
        with both(filled) as ports:
            for name in names:
                for clients in asked.clients or COMPARED[name]:
                    yield compare(filled, name, ports=ports, clients=clients, plan=asked.plan)


def _scaled(databases: Cellar, asked: argparse.Namespace) -> Generator[Line]:
    small = databases.get(asked.db, 1)
    large = databases.get(asked.db, asked.scale)
    for one, other in zip(small, large, strict=True):
        yield from grow(one, other, times=asked.scale, plan=asked.plan)


if __name__ == "__main__":
    main()
