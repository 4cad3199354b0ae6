"""A unit moves along the table of transitions: one UPDATE, one journal line."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from rental.foundation.actor import Actor
from rental.foundation.clock import Moment
from rental.foundation.memo import Memo
from rental.inventory.models import Unit
from rental.inventory.policy import (
    UnitState,
    ensure_can_move,
    zone_kind_after,
)
from rental.inventory.queries import UNIT, UnitView
from rental.inventory.queries import lock_unit as lock_unit
from rental.inventory.service.stock import StaleUnit
from rental.journal import Entry, Line, line
from rental.places import queries as places
from rental.places.policy import ZoneKind

_MOVE = (
    update(UNIT)
    .where(UNIT.c.id == bindparam("unit_id"), UNIT.c.journal_seq == bindparam("expected_seq"))
    .values(
        state=bindparam("to"),
        due_on=bindparam("new_due_on"),
        free_from=bindparam("new_free_from"),
        zone_id=bindparam("new_zone_id"),
        missing=bindparam("new_missing"),
        journal_seq=bindparam("new_seq"),
        journal_hash=bindparam("new_hash"),
    )
)


_zone_ids: Memo[dict[ZoneKind, int]] = Memo()


def move(  # ruff: ignore[too-many-arguments] - one act changes every column that says where the unit's life stands
    session: Session,
    unit: UnitView,
    *,
    to: UnitState,
    act: str,
    by: Actor,
    at: Moment,
    due_on: date | None = None,
    free_from: date | None = None,
    resident_id: int | None = None,
    details: Mapping[str, Any] | None = None,
    missing: Sequence[str] | None = None,
    forced: bool = False,
) -> Line:
    """Move the locked unit to another state with one UPDATE; return the line of its history.

    The caller writes the line with ``journal.write``, together with those of the loan, the
    reservation and the upkeep. The zone follows the state: dirty units stand in the dirty zone,
    released ones in the clean zone, units on loan in none.

    Args:
        session: The open use-case transaction.
        unit: As ``lock_unit`` returned it in this transaction.
        to: The new state.
        act: The verb, e.g. ``issued``.
        by: Who did it; the table of transitions says who may.
        at: When.
        due_on: Civil date on which the loan ends; given exactly when ``to`` is on loan.
        free_from: First civil day on which the unit is expected lendable; None when lendable
            now, or when nobody can say.
        resident_id: The resident concerned.
        details: More facts for the history; no personal data.
        missing: Accessories that are lacking now; None leaves them as they were.
        forced: The physical fact has happened already: skip the table of transitions.

    Raises:
        UnitCannotMove: If the table has no such arrow.
        NotYourStep: If the actor may not take it.
        StaleUnit: If the unit changed since it was read.
    """
    if not forced:
        ensure_can_move(unit.state, to, by=by)
    lacking = unit.missing if missing is None else tuple(missing)
    after = replace(
        unit,
        state=to,
        due_on=due_on if to is UnitState.ON_LOAN else None,
        free_from=free_from,
        zone_id=_zone_after(session, unit, to),
        missing=lacking,
    )
    return put(session, after, act=act, by=by, at=at, resident_id=resident_id, details=details)


def log(
    session: Session,
    unit: UnitView,
    *,
    act: str,
    by: Actor,
    at: Moment,
    free_from: date | Literal["stays"] | None = "stays",
    details: Mapping[str, Any] | None = None,
    missing: Sequence[str] | None = None,
) -> Line:
    """Add an act that leaves the state as it is to the locked unit's history.

    The caller writes the line, as with ``move``. Without ``free_from`` the day from which it is
    expected lendable stays as it was; None says that nobody can name it any more.

    Raises:
        StaleUnit: If the unit changed since it was read.
    """
    after = replace(
        unit,
        free_from=unit.free_from if free_from == "stays" else free_from,
        missing=unit.missing if missing is None else tuple(missing),
    )
    return put(session, after, act=act, by=by, at=at, details=details)


def put(
    session: Session,
    after: UnitView,
    *,
    act: str,
    by: Actor,
    at: Moment,
    resident_id: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> Line:
    """Write the unit as it is after the act; its ``journal_head`` is still the one before."""
    entry = Entry(
        subject=f"unit:{after.code}",
        act=act,
        at=at.at,
        actor_id=by.account_id,
        resident_id=resident_id,
        row=_journal_row(after),
        details=details or {},
    )
    written = line(entry, after=after.journal_head)
    result = session.connection().execute(
        _MOVE,
        {
            "unit_id": after.id,
            "expected_seq": after.journal_head.seq,
            "to": after.state,
            "new_due_on": after.due_on,
            "new_free_from": after.free_from,
            "new_zone_id": after.zone_id,
            "new_missing": json.dumps(list(after.missing), ensure_ascii=False),
            "new_seq": written.head.seq,
            "new_hash": written.head.hash,
        },
    )
    if result.rowcount != 1:
        raise StaleUnit(code=after.code)
    return written


def _journal_row(unit: UnitView) -> dict[str, Any]:
    return {name: getattr(unit, name) for name in Unit.journal_columns}


def _zone_after(session: Session, unit: UnitView, to: UnitState) -> int | None:
    """Return the key of the zone where the unit stands after the move."""
    kind = zone_kind_after(unit.state, to)
    if kind == "stays":
        return unit.zone_id
    if kind is None:
        return None
    found = _zone_ids.get(session, unit.site_id, lambda: first_zones(session, unit.site_id))
    return found.get(kind)


def first_zones(session: Session, site_id: int) -> dict[ZoneKind, int]:
    """Return the first zone of each kind at the site."""
    zones: dict[ZoneKind, int] = {}
    for zone in places.zones(session, site_id=site_id):
        zones.setdefault(zone.kind, zone.id)
    return zones
