"""A return that was none: its turn through the wash room never began, nor was anything broken."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental.foundation.actor import Actor
from rental.foundation.clock import Moment
from rental.inventory.queries import UnitView
from rental.journal import record
from rental.upkeep.models import Fault
from rental.upkeep.policy import FaultState
from rental.upkeep.service.turns import abandon

_ANSWER = "归还记错了，已经撤销。"
"""What the closed report says, in the language in which staff write their answers."""


def withdraw_return(
    session: Session, unit: UnitView, *, fault_code: str | None, by: Actor, at: Moment
) -> None:
    """Give up the turn that the return opened, and close the report that it made.

    The caller writes the unit's own line. A report that somebody has answered stays answered.

    Args:
        session: The open use-case transaction; the unit's row is locked in it.
        unit: The unit that didn't come back after all.
        fault_code: The report that the return made by itself, None when it made none.
        by: Who undid the return.
        at: When.
    """
    abandon(session, unit_id=unit.id, by=by, at=at)
    if fault_code is None:
        return
    row = session.scalar(
        select(Fault)
        .where(Fault.code == fault_code, Fault.state == FaultState.OPEN)
        .with_for_update()
    )
    if row is not None:
        row.state, row.answer = FaultState.CLOSED, _ANSWER
        row.closed_at, row.closed_by = at.at, by.account_id
        record(session, row, act="closed", by=by, at=at, details={"unit": unit.code})
