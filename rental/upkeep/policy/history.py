"""What a unit's page says about steps of upkeep."""

from collections.abc import Mapping
from typing import Any

from rental.foundation.words import N_, Sentence
from rental.inventory.policy import ACT_TEXTS, ACT_WORDS
from rental.upkeep.policy.states import AGENT_WORDS, STEP_WORDS, Agent, StepKind


def _step_text(details: Mapping[str, Any]) -> Sentence | None:
    """Return what a step's line says beside its name."""
    if details.get("passed") is False:
        return Sentence(N_("没有通过"))
    agent = details.get("agent")
    if agent not in set(Agent):
        return None
    name = Sentence(AGENT_WORDS[Agent(str(agent))])
    minutes = int(details.get("contact_minutes") or 0)
    strength = details.get("concentration_mg_l")
    if strength:
        return Sentence(
            N_("%(agent)s %(strength)s mg/L，作用 %(minutes)s 分钟"),
            agent=name, strength=int(strength), minutes=minutes,
        )  # fmt: skip
    return Sentence(N_("%(agent)s，作用 %(minutes)s 分钟"), agent=name, minutes=minutes)


ACT_WORDS.update({f"step_{step.value}": said for step, said in STEP_WORDS.items()})


ACT_WORDS.update({
    "sent_to_repair": N_("送修"),
    "repaired": N_("修好，重新清洗"),
    "quarantined": N_("隔离停用"),
    "scrapped": N_("报废"),
    "back_to_wash": N_("退回清洗"),
    "kit_completed": N_("配件已补齐"),
    "fault_reported": N_("有人报告故障"),
    "fault_closed": N_("故障处理完"),
})


ACT_TEXTS.update({f"step_{step.value}": _step_text for step in StepKind})
