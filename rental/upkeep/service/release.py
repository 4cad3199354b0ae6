"""The signed act that makes a unit lendable again."""

from sqlalchemy.orm import Session

from rental.foundation.actor import AT_BENCH, Actor
from rental.foundation.clock import Moment
from rental.inventory import service as inventory
from rental.inventory.policy import IN_UPKEEP, NotYourStep, UnitState, ensure_can_move
from rental.journal import record, write
from rental.upkeep import queries
from rental.upkeep.policy import UpkeepState, ensure_release
from rental.upkeep.service.turns import locked_turn


def release(session: Session, *, unit_code: str, by: Actor, at: Moment) -> None:
    """Release the unit: every step is done, the kit is complete, nothing is broken or overdue.

    Raises:
        UnitNotFound: If there is no such unit.
        NotYourStep: If the actor's roles may not release.
        UnitCannotMove: If the unit is not in the wash room.
        NotReleasable: If anything stands against it; carries all blockers.
    """
    if not by.has(*AT_BENCH):
        raise NotYourStep
    unit = inventory.lock_unit(session, code=unit_code)
    if unit.state not in IN_UPKEEP | {UnitState.NEW}:
        ensure_can_move(unit.state, UnitState.INSPECTED, by=by)
    facts = queries.release_facts(session, unit, by=by.account_id, today=at.on)
    ensure_release(facts, code=unit.code)
    line = inventory.move(session, unit, to=UnitState.AVAILABLE, act="released", by=by, at=at)
    write(session, [line])
    row = locked_turn(session, unit.id)
    if row is not None:
        row.state = UpkeepState.RELEASED
        row.released_at, row.released_by = at.at, by.account_id
        record(session, row, act="released", by=by, at=at, details={"unit": unit.code})
