"""The words of upkeep: why, what, with what, and which steps each hygiene class needs."""

from enum import StrEnum

from rental.catalogue.policy import Hygiene
from rental.foundation.words import N_

#: How much is said of why a unit is taken out of service.
SHORTEST_REASON = 5
LONGEST_REASON = 200


class UpkeepReason(StrEnum):
    """Why a unit is in the wash room."""

    INTAKE = "intake"
    RETURN = "return"
    REPAIR = "repair"
    OTHER = "other"


class UpkeepState(StrEnum):
    """Whether the turn is over."""

    OPEN = "open"
    RELEASED = "released"
    ABANDONED = "abandoned"


class StepKind(StrEnum):
    """One step of upkeep."""

    CLEAN = "clean"
    LAUNDER = "launder"
    DISCARD_CONSUMABLES = "discard_consumables"
    DISINFECT = "disinfect"
    ELECTRICAL_CHECK = "electrical_check"
    SECOND_CHECK = "second_check"
    INSPECT = "inspect"


class FaultState(StrEnum):
    """Whether somebody still has to act."""

    OPEN = "open"
    CLOSED = "closed"


class Agent(StrEnum):
    """What a unit is disinfected with."""

    CHLORINE = "chlorine"
    ETHANOL = "ethanol_75"
    OZONE = "ozone"
    UV = "uv"


REASON_WORDS: dict[UpkeepReason, str] = {
    UpkeepReason.INTAKE: N_("新到验收"),
    UpkeepReason.RETURN: N_("归还后清洗"),
    UpkeepReason.REPAIR: N_("维修后清洗"),
    UpkeepReason.OTHER: N_("退回清洗"),
}


STEP_WORDS: dict[StepKind, str] = {
    StepKind.CLEAN: N_("清洗"),
    StepKind.LAUNDER: N_("洗布套"),
    StepKind.DISCARD_CONSUMABLES: N_("销毁一次性耗材"),
    StepKind.DISINFECT: N_("消毒"),
    StepKind.ELECTRICAL_CHECK: N_("电气检查"),
    StepKind.SECOND_CHECK: N_("另一人复核"),
    StepKind.INSPECT: N_("检查"),
}


AGENT_WORDS: dict[Agent, str] = {
    Agent.CHLORINE: N_("含氯消毒液"),
    Agent.ETHANOL: N_("75％ 酒精"),
    Agent.OZONE: N_("臭氧"),
    Agent.UV: N_("紫外线"),
}


#: The steps of each hygiene class, in order. Source: domain.md section 4 (the classes are ours).
STEPS: dict[Hygiene, tuple[StepKind, ...]] = {
    Hygiene.H1: (StepKind.CLEAN, StepKind.DISINFECT, StepKind.INSPECT),
    Hygiene.H2: (StepKind.CLEAN, StepKind.LAUNDER, StepKind.DISINFECT, StepKind.INSPECT),
    Hygiene.H3: (StepKind.CLEAN, StepKind.DISINFECT, StepKind.INSPECT),
    Hygiene.H4: (
        StepKind.DISCARD_CONSUMABLES,
        StepKind.CLEAN,
        StepKind.DISINFECT,
        StepKind.SECOND_CHECK,
        StepKind.INSPECT,
    ),
    Hygiene.H5: (
        StepKind.CLEAN,
        StepKind.ELECTRICAL_CHECK,
        StepKind.DISINFECT,
        StepKind.INSPECT,
    ),
}


#: Steps after whose failure everything is done again: what they look at was not clean.
_STARTS_OVER = frozenset({StepKind.INSPECT, StepKind.SECOND_CHECK})


#: Steps whose doer must not be the one who releases.
_WASHING = frozenset({
    StepKind.CLEAN,
    StepKind.LAUNDER,
    StepKind.DISCARD_CONSUMABLES,
    StepKind.DISINFECT,
})


#: Ozone corrodes contacts and cables.
_NOT_FOR: dict[Hygiene, frozenset[Agent]] = {Hygiene.H5: frozenset({Agent.OZONE})}


#: mg/m³ of ozone, mJ/cm² of ultraviolet light. Source: 消毒技术规范 (2002), surfaces; unverified.
LOWEST_DOSE: dict[Agent, int] = {Agent.OZONE: 60, Agent.UV: 100}


#: Minutes; chlorine's comes from the policies.
LOWEST_CONTACT: dict[Agent, int] = {Agent.ETHANOL: 3, Agent.OZONE: 60, Agent.UV: 30}
