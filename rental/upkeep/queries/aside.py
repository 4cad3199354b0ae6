"""Why units were taken out of service, and who goes without when one is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental.inventory import queries as inventory
from rental.inventory.queries import UnitView
from rental.upkeep.models import SetAside


@dataclass(frozen=True, slots=True)
class GoesWithout:
    """A reservation that would have no device."""

    code: str
    starts_on: date


#: Who would have no device if the unit were taken out of service today; higher slices add their
#: functions when they are imported.
GO_WITHOUT: list[Callable[[Session, UnitView, date], tuple[GoesWithout, ...]]] = []


def go_without(session: Session, unit: UnitView, *, today: date) -> tuple[GoesWithout, ...]:
    """Return who would have no device if the unit were taken out of service today."""
    return tuple(each for ask in GO_WITHOUT for each in ask(session, unit, today))


def why_aside(session: Session, *, unit_ids: Sequence[int]) -> dict[int, str]:
    """Return why the units are out of service now, by unit, in one round trip."""
    if not unit_ids:
        return {}
    rows = session.execute(
        select(SetAside.unit_id, SetAside.reason).where(
            SetAside.unit_id.in_(unit_ids), SetAside.ended_at.is_(None)
        )
    )
    return {row.unit_id: row.reason for row in rows}


def _reasons(session: Session, unit: UnitView) -> Mapping[int, str]:
    """Return every reason for which the unit was ever set aside, by its key."""
    rows = session.execute(select(SetAside.id, SetAside.reason).where(SetAside.unit_id == unit.id))
    return {row.id: row.reason for row in rows}


inventory.REASONS.append(_reasons)
