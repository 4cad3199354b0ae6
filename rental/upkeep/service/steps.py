"""Writing down a step that was done."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from rental.foundation.actor import AT_BENCH, Actor
from rental.foundation.clock import Moment
from rental.foundation.errors import Conflict
from rental.foundation.words import N_
from rental.inventory import service as inventory
from rental.inventory.policy import IN_UPKEEP, NotYourStep, UnitState, word
from rental.inventory.queries import UnitView
from rental.journal import write
from rental.upkeep import queries
from rental.upkeep.models import UpkeepStep
from rental.upkeep.policy import Agent, Step, StepKind, Turn, UpkeepReason, ensure_step
from rental.upkeep.service.turns import (
    abandon,
    begin_turn,
    expected_on,
    foreseen,
    locked_turn,
)


class NotInTheWashRoom(Conflict):
    """The unit is lent, lendable, or aside."""

    sentence = N_("器具 %(code)s 现在是“%(state)s”，不在清洗检修中。要重新清洗，请先按“退回清洗”。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """What came of a step.

    Attributes:
        unit_code: The unit.
        state: Where its life stands now.
        left: The steps still to pass, the next one first.
        missing: Accessories that are lacking.
    """

    unit_code: str
    state: UnitState
    left: tuple[StepKind, ...]
    missing: tuple[str, ...] = ()


def log_step(  # ruff: ignore[too-many-arguments] - a step has these facts
    session: Session,
    *,
    unit_code: str,
    step: StepKind,
    by: Actor,
    at: Moment,
    passed: bool = True,
    agent: Agent | None = None,
    concentration_mg_l: int | None = None,
    contact_minutes: int | None = None,
    dose: int | None = None,
    separate_tools: bool = False,
    note: str = "",
    missing: Sequence[str] | None = None,
    broken: bool = False,
) -> Logged:
    """Write down the next step of the unit's turn and move the unit on.

    A unit without a turn begins one. A failed inspection sends the unit back to the start of its
    turn, or to repair when it is broken; a failed electrical check always sends it to repair.

    Args:
        session: The open use-case transaction.
        unit_code: The unit.
        step: What was done; only the next step counts.
        by: Who did it.
        at: When.
        passed: Whether it came out well.
        agent: What it was disinfected with.
        concentration_mg_l: Available chlorine.
        contact_minutes: How long the agent was left on.
        dose: mg/m³ of ozone, mJ/cm² of ultraviolet light.
        separate_tools: Declared: other tools than those of the cleaning.
        note: At most 200 characters; no personal data.
        missing: Accessories found lacking at the inspection; None when nobody counted.
        broken: With ``passed`` False: it needs repair.

    Raises:
        NotYourStep: If the actor's roles do not wash or inspect.
        UnitNotFound, NotInTheWashRoom, and everything ``policy.ensure_step`` raises.
    """
    if not by.has(*AT_BENCH) or by.account_id is None:
        raise NotYourStep
    unit = inventory.lock_unit(session, code=unit_code)
    if unit.state not in IN_UPKEEP | {UnitState.NEW}:
        raise NotInTheWashRoom(code=unit.code, state=word(unit.state))
    done = Step(
        step=step,
        by=by.account_id,
        passed=passed,
        agent=agent,
        concentration_mg_l=concentration_mg_l,
        contact_minutes=contact_minutes,
        dose=dose,
        separate_tools=separate_tools,
        at=at.at,
    )
    before = queries.turn_of(session, unit)
    ensure_step(before, done, limits=queries.limits(session, unit))
    unit = _begun(session, unit, before, by=by, at=at)
    after = Turn(hygiene=before.hygiene, reason=before.reason, done=(*before.done, done))
    _keep(session, unit, done, note=note, at=at)
    to_repair = not passed and (broken or step is StepKind.ELECTRICAL_CHECK)
    to = UnitState.REPAIR if to_repair else after.unit_state
    if to_repair:
        abandon(session, unit_id=unit.id, by=by, at=at)
    details = _details(done, note)
    _move(session, unit, to=to, details=details, missing=missing, by=by, at=at)
    lacking = unit.missing if missing is None else tuple(missing)
    left = () if to_repair else after.left
    return Logged(unit_code=unit.code, state=to, left=left, missing=lacking)


def _begun(session: Session, unit: UnitView, turn: Turn, *, by: Actor, at: Moment) -> UnitView:
    """Open the turn if there is none, and bring a unit whose state says otherwise to its start."""
    if locked_turn(session, unit.id) is None:
        opened = begin_turn(
            session,
            unit,
            reason=turn.reason,
            hygiene=turn.hygiene,
            expected_on=expected_on(session, unit, today=at.on),
            at=at,
            by=by,
        )
        write(session, [opened])
    if unit.state is turn.unit_state or turn.reason is UpkeepReason.INTAKE:
        return unit
    back = inventory.move(
        session, unit, to=turn.unit_state, act="back_to_wash", by=by, at=at,
        free_from=foreseen(session, replace(unit, state=turn.unit_state)),
    )  # fmt: skip
    write(session, [back])
    return inventory.lock_unit(session, code=unit.code)


def _keep(session: Session, unit: UnitView, done: Step, *, note: str, at: Moment) -> None:
    row = locked_turn(session, unit.id)
    if row is None:  # pragma: no cover - begun above
        raise NotInTheWashRoom(code=unit.code, state=word(unit.state))
    session.add(
        UpkeepStep(
            upkeep_id=row.id,
            step=done.step,
            passed=done.passed,
            agent=done.agent or "",
            concentration_mg_l=done.concentration_mg_l,
            contact_minutes=done.contact_minutes,
            dose=done.dose,
            separate_tools=done.separate_tools,
            note=note[:200],
            done_by=done.by,
            done_at=at.at,
        )
    )
    if not done.passed:
        row.expected_on = expected_on(session, unit, today=at.on)
    session.flush()


def _move(
    session: Session,
    unit: UnitView,
    *,
    to: UnitState,
    details: dict[str, Any],
    missing: Sequence[str] | None,
    by: Actor,
    at: Moment,
) -> None:
    """Move the unit, or add the step to its history when its state stays."""
    act = f"step_{details['step']}"
    lacking = unit.missing if missing is None else tuple(missing)
    free_from = foreseen(session, replace(unit, state=to, missing=lacking))
    if to is unit.state:
        line = inventory.log(
            session, unit, act=act, by=by, at=at, details=details, missing=missing,
            free_from=free_from,
        )  # fmt: skip
    else:
        line = inventory.move(
            session, unit, to=to, act=act, by=by, at=at, details=details, missing=missing,
            free_from=free_from,
        )  # fmt: skip
    write(session, [line])


def _details(done: Step, note: str) -> dict[str, Any]:
    """Return what the unit's history says of the step; the note stays with the step."""
    said = {
        "step": done.step.value,
        "passed": done.passed,
        "agent": done.agent.value if done.agent else None,
        "concentration_mg_l": done.concentration_mg_l,
        "contact_minutes": done.contact_minutes,
        "dose": done.dose,
        "noted": bool(note) or None,
    }
    return {key: value for key, value in said.items() if value is not None}
