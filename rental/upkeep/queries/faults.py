"""What was reported to be wrong with a unit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Exists, exists, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from rental.foundation.errors import NotFound
from rental.foundation.words import N_, Sentence
from rental.inventory import queries as inventory
from rental.inventory.queries import Fact, UnitView
from rental.upkeep.models import Fault
from rental.upkeep.policy import FaultState, said

#: How many reports of one unit may wait for an answer.
MOST_OPEN_FAULTS = 3


class FaultNotFound(NotFound):
    """No fault has the code."""

    sentence = N_("没有找到这条故障报告，可能地址不全。请从故障清单里重新打开。")


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultView:
    """Something reported about a unit."""

    code: str
    unit_id: int
    state: FaultState
    what: str
    reported_at: datetime
    reported_by: int | None
    answer: str
    closed_at: datetime | None
    closed_by: int | None

    @property
    def said(self) -> Sentence | str:
        """What it says, to be said in the reader's language."""
        return said(self.what)


def open_faults(session: Session, unit_id: int) -> tuple[FaultView, ...]:
    """Return the unit's open faults, oldest first."""
    return _faults(session, Fault.unit_id == unit_id, Fault.state == FaultState.OPEN)


def all_open_faults(
    session: Session, *, site_id: int | None, limit: int = 200
) -> tuple[tuple[FaultView, UnitView], ...]:
    """Return every open fault of a site with its unit, oldest first."""
    found = _faults(session, Fault.state == FaultState.OPEN)[:limit]
    units = inventory.units_by_id(session, [fault.unit_id for fault in found])
    return tuple(
        (fault, units[fault.unit_id])
        for fault in found
        if fault.unit_id in units and site_id in {None, units[fault.unit_id].site_id}
    )


def count_open_faults(session: Session, *, unit_id: int | None = None) -> int:
    """Return how many faults wait for an answer, of one unit or of all."""
    counted = select(func.count()).where(Fault.state == FaultState.OPEN)
    if unit_id is not None:
        counted = counted.where(Fault.unit_id == unit_id)
    return session.scalar(counted) or 0


def fault_open(unit_id: SQLCoreOperations[Any]) -> Exists:
    """Return the SQL condition that a fault of the unit is open, for other slices' queries."""
    return exists().where(Fault.unit_id == unit_id, Fault.state == FaultState.OPEN)


def fault(session: Session, *, code: str) -> FaultView:
    """Return the fault with the code.

    Raises:
        FaultNotFound: If there is none.
    """
    found = _faults(session, Fault.code == code)
    if not found:
        raise FaultNotFound
    return found[0]


def _faults(session: Session, *where: object) -> tuple[FaultView, ...]:
    rows = session.scalars(select(Fault).where(*where).order_by(Fault.id))  # type: ignore[arg-type]  # column expressions
    return tuple(
        FaultView(
            code=row.code,
            unit_id=row.unit_id,
            state=row.state,
            what=row.what,
            reported_at=row.reported_at,
            reported_by=row.reported_by,
            answer=row.answer,
            closed_at=row.closed_at,
            closed_by=row.closed_by,
        )
        for row in rows
    )


def _fault_facts(session: Session, unit: UnitView) -> tuple[Fact, ...]:
    """Return the line about faults for the unit's page."""
    n = count_open_faults(session, unit_id=unit.id)
    if not n:
        return ()
    term = Sentence(N_("未处理的故障"))
    value = Sentence(N_("%(n)s 条"), n=n)
    return (Fact(term=term, value=value, endpoint="upkeep.work", values={"code": unit.code}),)


inventory.MORE_FACTS.append(_fault_facts)
