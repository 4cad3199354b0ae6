"""The measurements as tables for the README."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any


def table(lines: Sequence[dict[str, Any]]) -> str:
    """Return one table for each kind of line."""
    parts = []
    for columns, group in groupby(lines, key=_columns):
        rows = [[str(line[name]) for name in columns] for line in group]
        parts.append("\n".join(map(_row, [list(columns), ["--"] * len(columns), *rows])))
    return "\n\n".join(parts)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _columns(line: dict[str, Any]) -> tuple[str, ...]:
    return tuple(line)
