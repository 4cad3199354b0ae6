"""Turns, their steps, what waits for whom, and what stands against a release."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from rental.catalogue import queries as catalogue
from rental.catalogue.policy import Hygiene
from rental.foundation.clock import Moment
from rental.inventory import queries as inventory
from rental.inventory.policy import IN_UPKEEP, UnitState
from rental.inventory.queries import UnitView
from rental.policies import queries as policies
from rental.policies.policy import Policy
from rental.upkeep.models import Upkeep, UpkeepStep
from rental.upkeep.policy import (
    Agent,
    Limits,
    ReleaseBlocker,
    ReleaseFacts,
    Step,
    StepKind,
    Turn,
    UpkeepReason,
    UpkeepState,
    release_blockers,
)
from rental.upkeep.queries.faults import count_open_faults


class Waiting(StrEnum):
    """What a unit waits for."""

    CLEAN = "clean"
    DISINFECT = "disinfect"
    INSPECT = "inspect"
    RELEASE = "release"
    REPAIR = "repair"


STATES_WAITING: dict[Waiting, tuple[UnitState, ...]] = {
    Waiting.CLEAN: (UnitState.DIRTY,),
    Waiting.DISINFECT: (UnitState.CLEANING,),
    Waiting.INSPECT: (UnitState.DISINFECTED, UnitState.NEW),
    Waiting.RELEASE: (UnitState.INSPECTED,),
    Waiting.REPAIR: (UnitState.REPAIR, UnitState.QUARANTINE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One step that was done."""

    step: StepKind
    passed: bool
    agent: Agent | None
    concentration_mg_l: int | None
    contact_minutes: int | None
    dose: int | None
    separate_tools: bool
    note: str
    done_by: int
    done_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UpkeepView:
    """The open turn of a unit with everything that was done in it, oldest first."""

    id: int
    code: str
    unit_id: int
    reason: UpkeepReason
    hygiene: Hygiene
    opened_at: datetime
    expected_on: date | None
    steps: tuple[StepView, ...]

    @property
    def turn(self) -> Turn:
        """The turn as the rules see it."""
        return Turn(hygiene=self.hygiene, reason=self.reason, done=tuple(map(_fact, self.steps)))

    @property
    def left(self) -> tuple[StepKind, ...]:
        """The steps still to pass, the next one first."""
        return self.turn.left

    @property
    def since(self) -> date:
        """The day from which its open days count: its opening, or the last step that failed."""
        failed = (step.done_at for step in self.steps if not step.passed)
        return Moment.of(max([self.opened_at, *failed])).on


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingUnit:
    """A unit in a list of the wash room."""

    unit: UnitView
    turn: Turn
    expected_on: date | None

    @property
    def foreseen_on(self) -> date | None:
        """The day on which it is expected lendable, None when nobody can say."""
        in_doubt = self.unit.state in IN_UPKEEP and self.unit.free_from is None
        return None if in_doubt else self.expected_on


def open_upkeep(session: Session, unit_id: int) -> UpkeepView | None:
    """Return the unit's open turn, or None when none was begun."""
    return _open_turns(session, [unit_id]).get(unit_id)


def underway(
    session: Session, *, site_id: int | None = None
) -> tuple[tuple[UnitView, UpkeepView], ...]:
    """Return the units in the wash room whose turn is open, each with its turn."""
    ids = select(Upkeep.unit_id).where(Upkeep.state == UpkeepState.OPEN)
    if site_id is not None:
        ids = ids.where(Upkeep.site_id == site_id)
    turns = _open_turns(session, session.scalars(ids).all())
    units = inventory.units_by_id(session, list(turns))
    found = ((units[unit_id], turn) for unit_id, turn in sorted(turns.items()))
    return tuple(each for each in found if each[0].state in IN_UPKEEP)


def turn_of(session: Session, unit: UnitView) -> Turn:
    """Return the unit's open turn, or the one that the next step would begin."""
    found = open_upkeep(session, unit.id)
    return found.turn if found else _fresh(session, unit)


def waiting(session: Session, *, site_id: int | None, what: Waiting) -> tuple[WaitingUnit, ...]:
    """Return the units of a site that wait for the step, the most urgent first."""
    units = inventory.units_in(session, site_id=site_id, states=STATES_WAITING[what])
    turns = _open_turns(session, [unit.id for unit in units])
    return tuple(
        WaitingUnit(
            unit=unit,
            turn=turns[unit.id].turn if unit.id in turns else _fresh(session, unit),
            expected_on=turns[unit.id].expected_on if unit.id in turns else None,
        )
        for unit in units
    )


def count_waiting(session: Session, *, site_id: int | None) -> dict[Waiting, int]:
    """Return how many units of a site wait for each step."""
    counted = inventory.count_by_state(session, site_id=site_id)
    return {
        what: sum(counted.get(state, 0) for state in states)
        for what, states in STATES_WAITING.items()
    }


def blockers_for(
    session: Session, unit: UnitView, *, by: int | None, today: date
) -> tuple[ReleaseBlocker, ...]:
    """Return what stands against the release of the unit by the account."""
    return release_blockers(release_facts(session, unit, by=by, today=today))


def release_facts(session: Session, unit: UnitView, *, by: int | None, today: date) -> ReleaseFacts:
    """Return what the release of the unit is decided on."""
    found = open_upkeep(session, unit.id)
    kind = catalogue.kind_by_id(session, kind_id=unit.kind_id)
    two_person = policies.value(
        session,
        Policy.TWO_PERSON_RELEASE,
        site_id=unit.site_id,
        category_id=kind.category.id,
        kind_id=unit.kind_id,
    )
    return ReleaseFacts(
        turn=found.turn if found else _fresh(session, unit),
        by=by,
        today=today,
        open_faults=count_open_faults(session, unit_id=unit.id),
        missing=unit.missing,
        electrical_test_due_on=unit.electrical_test_due_on,
        expires_on=unit.expires_on,
        two_person=bool(two_person),
    )


def limits(session: Session, unit: UnitView) -> Limits:
    """Return what the policies say about agents for the unit."""
    kind = catalogue.kind_by_id(session, kind_id=unit.kind_id)

    def value(policy: Policy) -> int:
        return int(
            policies.value(
                session,
                policy,
                site_id=unit.site_id,
                category_id=kind.category.id,
                kind_id=unit.kind_id,
            )
        )

    return Limits(
        min_contact_minutes=value(Policy.MIN_CONTACT_MINUTES),
        min_chlorine_mg_l=value(Policy.MIN_CHLORINE_MG_L),
        max_chlorine_mg_l=value(Policy.MAX_CHLORINE_MG_L),
    )


def last_released_at(unit_id: SQLCoreOperations[Any]) -> ScalarSelect[datetime | None]:
    """Return the SQL value of when the unit was last released, for other slices' queries."""
    return select(func.max(Upkeep.released_at)).where(Upkeep.unit_id == unit_id).scalar_subquery()


# --- parts ---------------------------------------------------------------------------------------


def _open_turns(session: Session, unit_ids: Sequence[int]) -> dict[int, UpkeepView]:
    """Return the open turns of the units, by unit, in two round trips."""
    if not unit_ids:
        return {}
    rows = session.execute(
        select(
            Upkeep.id,
            Upkeep.code,
            Upkeep.unit_id,
            Upkeep.reason,
            Upkeep.hygiene,
            Upkeep.opened_at,
            Upkeep.expected_on,
        ).where(Upkeep.unit_id.in_(unit_ids), Upkeep.state == UpkeepState.OPEN)
    ).all()
    steps = _steps(session, [row.id for row in rows])
    return {
        row.unit_id: UpkeepView(
            id=row.id,
            code=row.code,
            unit_id=row.unit_id,
            reason=row.reason,
            hygiene=row.hygiene,
            opened_at=row.opened_at,
            expected_on=row.expected_on,
            steps=tuple(steps[row.id]),
        )
        for row in rows
    }


def _steps(session: Session, upkeep_ids: Iterable[int]) -> defaultdict[int, list[StepView]]:
    found: defaultdict[int, list[StepView]] = defaultdict(list)
    rows = session.execute(
        select(
            UpkeepStep.upkeep_id,
            UpkeepStep.step,
            UpkeepStep.passed,
            UpkeepStep.agent,
            UpkeepStep.concentration_mg_l,
            UpkeepStep.contact_minutes,
            UpkeepStep.dose,
            UpkeepStep.separate_tools,
            UpkeepStep.note,
            UpkeepStep.done_by,
            UpkeepStep.done_at,
        )
        .where(UpkeepStep.upkeep_id.in_(list(upkeep_ids)))
        .order_by(UpkeepStep.id)
    )
    for row in rows:
        found[row.upkeep_id].append(
            StepView(
                step=row.step,
                passed=row.passed,
                agent=Agent(row.agent) if row.agent in set(Agent) else None,
                concentration_mg_l=row.concentration_mg_l,
                contact_minutes=row.contact_minutes,
                dose=row.dose,
                separate_tools=row.separate_tools,
                note=row.note,
                done_by=row.done_by,
                done_at=row.done_at,
            )
        )
    return found


def _fact(step: StepView) -> Step:
    return Step(
        step=step.step,
        by=step.done_by,
        passed=step.passed,
        agent=step.agent,
        concentration_mg_l=step.concentration_mg_l,
        contact_minutes=step.contact_minutes,
        dose=step.dose,
        separate_tools=step.separate_tools,
        at=step.done_at,
    )


def _fresh(session: Session, unit: UnitView) -> Turn:
    """Return the turn that the next step would begin."""
    kind = catalogue.kind_by_id(session, kind_id=unit.kind_id)
    new = unit.state is UnitState.NEW
    return Turn(
        hygiene=kind.category.hygiene, reason=UpkeepReason.INTAKE if new else UpkeepReason.OTHER
    )
