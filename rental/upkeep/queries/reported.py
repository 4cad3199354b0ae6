"""What was reported of units and waits for an answer: what the desk must see before it acts."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental.foundation.clock import Moment
from rental.foundation.words import Sentence
from rental.upkeep.models import Fault
from rental.upkeep.policy import FaultState, said


@dataclass(frozen=True, slots=True)
class Reported:
    """Something that is wrong with a unit, as somebody said it."""

    said: Sentence | str
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
        found[row.unit_id].append(Reported(said(row.what), Moment.of(row.reported_at).on))
    return {unit_id: tuple(each) for unit_id, each in found.items()}


def reported_of(session: Session, *, unit_id: int) -> tuple[Reported, ...]:
    """Return the unit's open reports, oldest first."""
    return reported(session, unit_ids=[unit_id]).get(unit_id, ())
