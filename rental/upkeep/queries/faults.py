"""What was reported to be wrong with a unit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Exists, exists, func, select, true
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from rental.foundation.errors import NotFound
from rental.foundation.words import N_, Sentence
from rental.inventory import queries as inventory
from rental.inventory.queries import Fact, UnitView
from rental.upkeep.models import Fault
from rental.upkeep.policy import FaultState, said

PER_PAGE = 50

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


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPage:
    """One page of open faults with their units; ``number`` starts at 1, ``total`` is of all."""

    shown: tuple[tuple[FaultView, UnitView], ...]
    total: int
    number: int
    pages: int


def open_faults(session: Session, unit_id: int) -> tuple[FaultView, ...]:
    """Return the unit's open faults, oldest first."""
    return _faults(session, Fault.unit_id == unit_id, Fault.state == FaultState.OPEN)


def open_faults_of_site(session: Session, *, site_id: int | None, page: int = 1) -> FaultPage:
    """Return one page of the open faults of a site with their units, oldest first.

    Args:
        session: For reading.
        site_id: The site; None for all.
        page: From 1; a page beyond the last one gives the last one.
    """
    total = count_open_faults(session, site_id=site_id)
    pages = max(1, -(-total // PER_PAGE))
    number = min(max(page, 1), pages)
    here = (Fault.state == FaultState.OPEN, _stands_at(site_id))
    found = _faults(session, *here, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    units = inventory.units_by_id(session, [fault.unit_id for fault in found])
    return FaultPage(
        shown=tuple((fault, units[fault.unit_id]) for fault in found),
        total=total,
        number=number,
        pages=pages,
    )


def count_open_faults(
    session: Session, *, unit_id: int | None = None, site_id: int | None = None
) -> int:
    """Return how many faults wait for an answer: of one unit, of a site, or of all."""
    counted = select(func.count(Fault.id)).where(
        Fault.state == FaultState.OPEN, _stands_at(site_id)
    )
    if unit_id is not None:
        counted = counted.where(Fault.unit_id == unit_id)
    return session.scalar(counted) or 0


def _stands_at(site_id: int | None) -> ColumnElement[bool]:
    """Return the condition that the fault's unit belongs to the site."""
    if site_id is None:
        return true()
    unit = inventory.UNIT.c
    return exists().where(unit.id == Fault.unit_id, unit.site_id == site_id)


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


def _faults(
    session: Session,
    *where: ColumnElement[bool],
    limit: int | None = None,
    offset: int | None = None,
) -> tuple[FaultView, ...]:
    asked = select(Fault).where(*where).order_by(Fault.id)
    rows = session.scalars(asked.limit(limit).offset(offset))
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
