"""Beginning a turn, and giving one up."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental.catalogue import queries as catalogue
from rental.catalogue.policy import Hygiene
from rental.foundation.actor import Actor
from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, new_code
from rental.foundation.database import insert_ignoring
from rental.inventory.policy import IN_UPKEEP
from rental.inventory.queries import UnitView
from rental.inventory.service import StaleUnit
from rental.journal import Entry, Line, line, record
from rental.journal.chain import EMPTY
from rental.places import queries as places
from rental.upkeep import queries
from rental.upkeep.models import Upkeep
from rental.upkeep.policy import UpkeepReason, UpkeepState

_COUNTED = {"preserve_rowcount": True}
_INSERT = insert_ignoring(Upkeep)


def begin_turn(
    session: Session,
    unit: UnitView,
    *,
    reason: UpkeepReason,
    hygiene: Hygiene,
    expected_on: date | None,
    at: Moment,
    by: Actor,
) -> Line:
    """Begin the unit's turn with one INSERT; return the line of its history for the caller.

    A turn that is still open (the unit was handed over by force before its release) is given up.

    Args:
        session: The open use-case transaction; the unit's row is locked in it.
        unit: The unit.
        reason: Why it is in the wash room.
        hygiene: The class of its category: decides the steps.
        expected_on: Civil day on which it is expected lendable again, None when nobody can say.
        at: When.
        by: Who brought it there.
    """
    code = new_code(CodeKind.UPKEEP)
    entry = Entry(
        subject=f"upkeep:{code}",
        act="opened",
        at=at.at,
        actor_id=by.account_id,
        resident_id=None,
        row={"unit_id": unit.id, "state": UpkeepState.OPEN, "released_by": None},
        details={"unit": unit.code, "reason": reason},
    )
    written = line(entry, after=EMPTY)
    values = {
        "code": code,
        "unit_id": unit.id,
        "site_id": unit.site_id,
        "reason": reason,
        "hygiene": hygiene,
        "state": UpkeepState.OPEN,
        "opened_at": at.at,
        "expected_on": expected_on,
        "released_at": None,
        "released_by": None,
        **written.head.columns,
    }
    if not _inserted(session, values):
        abandon(session, unit_id=unit.id, by=by, at=at)
        if not _inserted(session, values):
            raise StaleUnit(code=unit.code)
    return written


def _inserted(session: Session, values: dict[str, Any]) -> bool:
    result = session.connection().execute(_INSERT, values, execution_options=_COUNTED)
    return result.rowcount == 1


def abandon(session: Session, *, unit_id: int, by: Actor, at: Moment) -> None:
    """Give up the unit's open turn, if there is one: it is journalled and never counts again."""
    row = locked_turn(session, unit_id)
    if row is not None:
        row.state = UpkeepState.ABANDONED
        record(session, row, act="abandoned", by=by, at=at)


def locked_turn(session: Session, unit_id: int) -> Upkeep | None:
    """Return the unit's open turn, locked."""
    return session.scalar(
        select(Upkeep)
        .where(Upkeep.unit_id == unit_id, Upkeep.state == UpkeepState.OPEN)
        .with_for_update()
    )


def foreseen(session: Session, unit: UnitView) -> date | None:
    """Return the day from which the unit may be promised, None when nobody can say.

    Nobody can of a unit outside the wash room, with an open fault, or without all its parts, nor
    while the site stays closed.
    """
    row = locked_turn(session, unit.id) if unit.state in IN_UPKEEP else None
    if row is None or unit.missing or queries.count_open_faults(session, unit_id=unit.id):
        return None
    return row.expected_on


def expected_on(session: Session, unit: UnitView, *, today: date) -> date | None:
    """Return the day on which a turn that begins today is expected to end: open days count.

    None when nobody can say, because the site stays closed.
    """
    kind = catalogue.kind_by_id(session, kind_id=unit.kind_id)
    calendar = places.calendar(session, site_id=unit.site_id)
    return calendar.after_open_days(today, kind.category.turnround_open_days)
