"""Whether a step may be logged now, and whether it was strong and long enough."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rental.catalogue.policy import Hygiene
from rental.foundation.errors import Conflict, Invalid, NotAllowed
from rental.foundation.words import N_, Sentence
from rental.inventory.policy import UnitState
from rental.upkeep.policy.states import (
    _NOT_FOR,
    _STARTS_OVER,
    _WASHING,
    AGENT_WORDS,
    LOWEST_CONTACT,
    LOWEST_DOSE,
    STEP_WORDS,
    STEPS,
    Agent,
    StepKind,
    UpkeepReason,
)


class StepOutOfOrder(Conflict):
    """Another step comes first."""

    sentence = N_("还不能做“%(step)s”：这件器具下一步是“%(next)s”。请按页面上的顺序来。")


class NothingLeftToDo(Conflict):
    """All steps are done; what is left is the release."""

    sentence = N_("这件器具的步骤都做完了，下一步是放行，请交给另一位同事。")


class AgentMissing(Invalid):
    """A disinfection without an agent."""

    sentence = N_("请选消毒用的是什么：含氯消毒液、75％ 酒精、臭氧还是紫外线。")
    field = "agent"


class AgentNotForThisUnit(Invalid):
    """The agent harms this class of units."""

    sentence = N_("%(agent)s会腐蚀电器的接点，这件不能用。请改用酒精擦拭。")
    field = "agent"


class ChlorineOutOfRange(Invalid):
    """Too weak to work, or too strong for the surface; or not given."""

    sentence = N_("有效氯要在 %(low)s 到 %(high)s mg/L 之间，请重新配好再消毒，并照实填写。")
    field = "concentration_mg_l"


class ContactTooShort(Invalid):
    """The agent was not left long enough; or the minutes were not given."""

    sentence = N_("至少要作用 %(least)s 分钟才有效，请补足时间再填写。")
    field = "contact_minutes"


class ContactNotOver(Invalid):
    """Less time has passed since the cleaning than the agent is said to have been left on."""

    sentence = N_("清洗记下到现在才 %(n)s 分钟，作用时间不能比这长。请等够时间再记。")
    field = "contact_minutes"


class DoseTooLow(Invalid):
    """Not enough ozone or light; or the dose was not given."""

    sentence = N_("剂量至少要 %(least)s（臭氧 mg/m³，紫外线 mJ/cm²），请照设备读数填写。")
    field = "dose"


class SeparateToolsNeeded(Invalid):
    """Body-fluid contact: cleaning and disinfection take separate tools."""

    sentence = N_("这件接触过体液，清洗和消毒要用分开的工具。换好工具后，请勾选确认。")
    field = "separate_tools"


class AnotherPersonMustCheck(NotAllowed):
    """The second check is for somebody who did not wash the unit."""

    sentence = N_("复核要由没有动手清洗、消毒这件器具的同事来做，请换一位。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step as it was done.

    Attributes:
        by: Account that did it.
        concentration_mg_l: Available chlorine (有效氯).
        contact_minutes: How long the agent was left on.
        dose: mg/m³ of ozone or mJ/cm² of ultraviolet light.
        separate_tools: Declared: other tools than those of the cleaning.
        at: When it was written down; without it, nothing is known of the time between steps.
    """

    step: StepKind
    by: int
    passed: bool = True
    agent: Agent | None = None
    concentration_mg_l: int | None = None
    contact_minutes: int | None = None
    dose: int | None = None
    separate_tools: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the policies say about agents; all ends inclusive."""

    min_contact_minutes: int = 30
    min_chlorine_mg_l: int = 250
    max_chlorine_mg_l: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A unit's turn through the wash room: what it needs and what was done, oldest first."""

    hygiene: Hygiene
    reason: UpkeepReason
    done: tuple[Step, ...] = ()

    @property
    def required(self) -> tuple[StepKind, ...]:
        """Every step of the turn, in order. A new unit is only checked, not washed."""
        steps = STEPS[self.hygiene]
        if self.reason is not UpkeepReason.INTAKE:
            return steps
        checks = {StepKind.ELECTRICAL_CHECK, StepKind.INSPECT}
        return tuple(step for step in steps if step in checks)

    @property
    def counting(self) -> tuple[Step, ...]:
        """The passed steps since the last time everything had to start over, oldest first."""
        counted: list[Step] = []
        for step in self.done:
            left = self.required[len(counted) :]
            if step.passed and left and step.step is left[0]:
                counted.append(step)
            elif not step.passed and step.step in _STARTS_OVER:
                counted = []
        return tuple(counted)

    @property
    def left(self) -> tuple[StepKind, ...]:
        """The steps still to pass, the next one first; empty when the unit may be released."""
        return self.required[len(self.counting) :]

    @property
    def washed_by(self) -> frozenset[int]:
        """The accounts whose washing and disinfection count."""
        return frozenset(step.by for step in self.counting if step.step in _WASHING)

    @property
    def unit_state(self) -> UnitState:
        """Where the unit's life stands after the steps done so far."""
        if not self.left:
            return UnitState.INSPECTED
        if self.reason is UpkeepReason.INTAKE:
            return UnitState.NEW
        if not self.counting:
            return UnitState.DIRTY
        return UnitState.CLEANING if StepKind.DISINFECT in self.left else UnitState.DISINFECTED


def ensure_step(turn: Turn, step: Step, *, limits: Limits) -> None:
    """Test that the step is the next one and was done well enough to count.

    A step that is reported as failed only has to be the next one.

    Raises:
        NothingLeftToDo: If the unit waits for its release.
        StepOutOfOrder: If another step comes first.
        AnotherPersonMustCheck: If the second check is done by somebody who washed the unit.
        AgentMissing, AgentNotForThisUnit, ChlorineOutOfRange, ContactTooShort,
        ContactNotOver, DoseTooLow, SeparateToolsNeeded: If the disinfection would not count.

    Source: domain.md section 5; Changzhou health commission 2020 (250–500 mg/L, 30 minutes).
    """
    if not turn.left:
        raise NothingLeftToDo
    if step.step is not turn.left[0]:
        raise StepOutOfOrder(step=Sentence(STEP_WORDS[step.step]), next=next_word(turn))
    if step.step is StepKind.SECOND_CHECK and step.by in turn.washed_by:
        raise AnotherPersonMustCheck
    if step.step is StepKind.DISINFECT and step.passed:
        _ensure_disinfection(turn.hygiene, step, limits)
        _ensure_waited(turn, step)


def next_word(turn: Turn) -> Sentence:
    """Return the name of the next step, or of the release when none is left."""
    return Sentence(STEP_WORDS[turn.left[0]] if turn.left else N_("放行"))


def _ensure_disinfection(hygiene: Hygiene, step: Step, limits: Limits) -> None:
    agent = step.agent
    if agent is None:
        raise AgentMissing
    if agent in _NOT_FOR.get(hygiene, frozenset()):
        raise AgentNotForThisUnit(agent=Sentence(AGENT_WORDS[agent]))
    _ensure_strength(agent, step, limits)
    if hygiene is Hygiene.H3 and not step.separate_tools:
        raise SeparateToolsNeeded


def _ensure_strength(agent: Agent, step: Step, limits: Limits) -> None:
    low, high = limits.min_chlorine_mg_l, limits.max_chlorine_mg_l
    if agent is Agent.CHLORINE and not low <= (step.concentration_mg_l or 0) <= high:
        raise ChlorineOutOfRange(low=low, high=high)
    if (step.dose or 0) < LOWEST_DOSE.get(agent, 0):
        raise DoseTooLow(least=LOWEST_DOSE[agent])
    least = lowest_contact(agent, limits)
    if (step.contact_minutes or 0) < least:
        raise ContactTooShort(least=least)


def _ensure_waited(turn: Turn, step: Step) -> None:
    """Test that the agent can have been left on that long: it comes after the cleaning."""
    cleaned = next((done.at for done in turn.counting if done.step is StepKind.CLEAN), None)
    if cleaned is None or step.at is None:
        return
    passed = max(step.at - cleaned, timedelta()) // timedelta(minutes=1)
    if (step.contact_minutes or 0) > passed:
        raise ContactNotOver(n=passed)


def lowest_contact(agent: Agent, limits: Limits) -> int:
    """Return how many minutes the agent must be left on at least."""
    return LOWEST_CONTACT.get(agent, limits.min_contact_minutes)
