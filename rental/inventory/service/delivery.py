"""Units arrive, and what is written on them is put right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from rental.foundation.actor import Actor
from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, new_code
from rental.foundation.constraints import refusing
from rental.inventory.models import Unit
from rental.inventory.policy import (
    UnitState,
)
from rental.inventory.queries import UNIT
from rental.inventory.queries import lock_unit as lock_unit
from rental.inventory.service.moving import first_zones
from rental.inventory.service.stock import (
    MOST_AT_ONCE,
    SerialNumberTaken,
    TooManySerialNumbers,
    lock_stock,
)
from rental.journal import Entry, Line, line, record, write
from rental.journal.chain import EMPTY
from rental.places.policy import ZoneKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What is written on a unit and in its papers."""

    maker: str = ""
    load_limit_kg: int | None = None
    registration_number: str | None = None
    udi: str | None = None
    bought_on: date | None = None
    expires_on: date | None = None
    electrical_test_due_on: date | None = None
    note: str = ""

    @property
    def columns(self) -> dict[str, Any]:
        """The unit row's columns."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def add_units(  # ruff: ignore[too-many-arguments] - what a delivery consists of
    session: Session,
    *,
    kind_id: int,
    site_id: int,
    count: int,
    by: Actor,
    at: Moment,
    serial_numbers: Sequence[str] = (),
    papers: Papers | None = None,
    intake_passed: bool = False,
) -> tuple[str, ...]:
    """Add units of a kind and return their fresh codes, in the order of the serial numbers.

    Args:
        session: The open use-case transaction.
        kind_id: What they are.
        site_id: Where they stand.
        count: How many, from 1 to 200.
        by: Who adds them.
        at: When.
        serial_numbers: At most one for each unit; the rest go without.
        papers: What they have in common.
        intake_passed: Whether they were inspected on arrival: then they are lendable at once.

    Raises:
        TooManySerialNumbers: If there are more than units, or one comes twice.
        SerialNumberTaken: If the site knows one already.
    """
    numbers = [number for number in serial_numbers if number]
    if len(numbers) > count or len(set(numbers)) != len(numbers):
        raise TooManySerialNumbers
    rows, lines = [], []
    zone_id = first_zones(session, site_id).get(ZoneKind.CLEAN) if intake_passed else None
    for number in [*numbers, *[None] * (min(count, MOST_AT_ONCE) - len(numbers))]:
        row = {
            **(papers or Papers()).columns,
            "code": new_code(CodeKind.UNIT),
            "kind_id": kind_id,
            "site_id": site_id,
            "zone_id": zone_id,
            "due_on": None,
            "free_from": None,
            "serial_number": number,
            "missing": "[]",
            "created_at": at.at,
        }
        written = _intake(row, passed=intake_passed, by=by, at=at)
        rows.append({**row, **written[-1].head.columns})
        lines += written
    with refusing("serial_number", refusal=SerialNumberTaken()):
        session.execute(insert(UNIT), rows)
    write(session, lines)
    lock_stock(session, site_id=site_id, kind_id=kind_id)
    return tuple(str(row["code"]) for row in rows)


def _intake(row: dict[str, Any], *, passed: bool, by: Actor, at: Moment) -> list[Line]:
    """Set the row's state; return the first lines of its history."""
    acts = [("added", UnitState.NEW)]
    if passed:
        acts += [("intake_inspected", UnitState.INSPECTED), ("released", UnitState.AVAILABLE)]
    head, lines = EMPTY, []
    for act, state in acts:
        row["state"] = state
        entry = Entry(
            subject=f"unit:{row['code']}",
            act=act,
            at=at.at,
            actor_id=by.account_id,
            resident_id=None,
            row={name: row[name] for name in Unit.journal_columns},
            details={},
        )
        lines.append(line(entry, after=head))
        head = lines[-1].head
    return lines


def edit_unit(
    session: Session,
    *,
    code: str,
    serial_number: str | None,
    papers: Papers,
    by: Actor,
    at: Moment,
) -> None:
    """Correct what is written on the unit and in its papers; the changed fields are journalled.

    Raises:
        UnitNotFound: If there is no such unit.
        SerialNumberTaken: If another unit of the site has the serial number.
    """
    locked = lock_unit(session, code=code)
    row = session.get_one(Unit, locked.id)
    wanted = {**papers.columns, "serial_number": serial_number or None}
    changed = sorted(name for name, value in wanted.items() if getattr(row, name) != value)
    if not changed:
        return
    for name in changed:
        setattr(row, name, wanted[name])
    with refusing("serial_number", refusal=SerialNumberTaken()):
        record(session, row, act="edited", by=by, at=at, details={"fields": changed})
