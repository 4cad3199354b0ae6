"""Reports that something is wrong with a unit, and their answers."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental.foundation.actor import HANDLES_UNITS, SYSTEM, Actor
from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, new_code
from rental.foundation.errors import Conflict
from rental.foundation.words import N_
from rental.inventory import queries as units
from rental.inventory import service as inventory
from rental.inventory.policy import IN_UPKEEP, NotYourStep
from rental.journal import record, write
from rental.upkeep import queries
from rental.upkeep.models import Fault
from rental.upkeep.policy import FaultState
from rental.upkeep.service.turns import foreseen

LONGEST_REPORT = 500
LONGEST_ANSWER = 200


class TooManyReports(Conflict):
    """Enough people have told us already."""

    sentence = N_("这件器具的问题我们已经收到好几条报告，正在处理，谢谢您。急用请打电话给我们。")


class FaultAlreadyClosed(Conflict):
    """Somebody has answered in the meantime."""

    sentence = N_("这条故障已经有同事处理完了，请刷新页面查看结果。")


def report_fault(
    session: Session,
    *,
    unit_code: str,
    what: str,
    by: Actor | None,
    at: Moment,
    resident_id: int | None = None,
) -> str:
    """Keep what somebody says is wrong with the unit; return the report's code.

    Nobody is promised a unit in the wash room of which staff say so, until it is answered. What a
    stranger says, or anybody of a unit on the shelf, changes no promise: somebody looks first, and
    it isn't handed over meanwhile.

    Args:
        session: The open use-case transaction.
        unit_code: The unit.
        what: At most 500 characters, in the reporter's own words.
        by: Who says it; None for a stranger who scanned the label.
        at: When.
        resident_id: Whose loan it came from, if one's: what it says goes with the person.

    Raises:
        UnitNotFound: If there is no such unit.
        TooManyReports: If three reports of the unit wait for an answer already.
    """
    unit = inventory.lock_unit(session, code=unit_code)
    if queries.count_open_faults(session, unit_id=unit.id) >= queries.MOST_OPEN_FAULTS:
        raise TooManyReports
    row = Fault(
        code=new_code(CodeKind.FAULT),
        unit_id=unit.id,
        state=FaultState.OPEN,
        what=what[:LONGEST_REPORT],
        resident_id=resident_id,
        reported_at=at.at,
        reported_by=by.account_id if by else None,
        answer="",
    )
    session.add(row)
    record(session, row, act="reported", by=by or SYSTEM, at=at, details={"unit": unit.code})
    known = by is not None and by.has(*HANDLES_UNITS) and unit.state in IN_UPKEEP
    line = inventory.log(
        session,
        unit,
        act="fault_reported",
        by=by or SYSTEM,
        at=at,
        free_from=None if known else "stays",
        details={"fault": row.code},
    )
    write(session, [line])
    return row.code


def close_fault(session: Session, *, fault_code: str, answer: str, by: Actor, at: Moment) -> str:
    """Close the report with what was done about it; return the unit's code.

    Once nothing else is wrong with the unit, it may be promised again.

    Raises:
        NotYourStep: If the actor is not staff of the wash room or the desk.
        FaultNotFound: If there is no such report.
        FaultAlreadyClosed: If it has an answer.
    """
    if not by.has(*HANDLES_UNITS):
        raise NotYourStep
    found = queries.fault(session, code=fault_code)
    known = units.unit_by_id(session, unit_id=found.unit_id)
    unit = inventory.lock_unit(session, code=known.code)
    row = session.scalars(select(Fault).where(Fault.code == fault_code).with_for_update()).one()
    if row.state is not FaultState.OPEN:
        raise FaultAlreadyClosed
    row.state, row.answer = FaultState.CLOSED, answer[:LONGEST_ANSWER]
    row.closed_at, row.closed_by = at.at, by.account_id
    record(session, row, act="closed", by=by, at=at, details={"unit": unit.code})
    details = {"fault": row.code}
    line = inventory.log(
        session,
        unit,
        act="fault_closed",
        by=by,
        at=at,
        free_from=foreseen(session, unit) or "stays",
        details=details,
    )
    write(session, [line])
    return unit.code
