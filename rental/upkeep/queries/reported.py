"""What was reported of units and waits for an answer: what the desk must see before it acts."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rental.foundation.clock import Moment
from rental.inventory import queries as inventory
from rental.upkeep.models import Fault
from rental.upkeep.policy import FaultState


@dataclass(frozen=True, slots=True)
class Reported:
    """Something that is wrong with a unit, as somebody said it."""

    what: str
    on: date


def reported(session: Session, *, unit_ids: Sequence[int]) -> dict[int, tuple[Reported, ...]]:
    """Return the units' open reports by unit, oldest first, in one round trip."""
    if not unit_ids:
        return {}
    found: defaultdict[int, list[Reported]] = defaultdict(list)
    rows = session.execute(
        select(Fault.unit_id, Fault.what, Fault.reported_at)
        .where(Fault.unit_id.in_(unit_ids), Fault.state == FaultState.OPEN)
        .order_by(Fault.id)
    )
    for row in rows:
        found[row.unit_id].append(Reported(row.what, Moment.of(row.reported_at).on))
    return {unit_id: tuple(each) for unit_id, each in found.items()}


def reported_of(session: Session, *, unit_id: int) -> tuple[Reported, ...]:
    """Return the unit's open reports, oldest first."""
    return reported(session, unit_ids=[unit_id]).get(unit_id, ())


def count_reported(session: Session, *, site_id: int) -> int:
    """Return how many reports of a site's units wait for an answer."""
    unit = inventory.UNIT.c
    counted = select(func.count()).where(
        Fault.state == FaultState.OPEN, Fault.unit_id == unit.id, unit.site_id == site_id
    )
    return session.scalar(counted) or 0
