"""Words for what pages of the wash room show."""

from collections.abc import Mapping, Sequence

from rental.foundation.words import N_, Named, Sentence
from rental.inventory.policy import STATE_LOOKS, STATE_WORDS, UnitState
from rental.upkeep.policy import AGENT_WORDS, STEP_WORDS, Agent, StepKind, Turn
from rental.upkeep.queries import StepView, Waiting
from rental.web.parts import Event, Status, Tile
from rental.web.say import moment, say

LIST_WORDS: dict[str, str] = {
    Waiting.CLEAN: N_("待清洗"),
    Waiting.DISINFECT: N_("清洗消毒中"),
    Waiting.INSPECT: N_("待检查"),
    Waiting.RELEASE: N_("待放行"),
    Waiting.REPAIR: N_("维修和隔离"),
    "faults": N_("故障报告"),
}
_LIST_TONES: dict[str, str | None] = {
    Waiting.CLEAN: "warn",
    Waiting.RELEASE: "good",
    "faults": "bad",
}

#: What to do in each step, said to the person who does it.
STEP_HELP: dict[StepKind, str] = {
    StepKind.CLEAN: N_("用清水和清洁剂擦洗干净，看不见污渍。带电的只擦不冲。"),
    StepKind.LAUNDER: N_("取下布套、坐垫套，机洗后晾干。"),
    StepKind.DISCARD_CONSUMABLES: N_("面罩、管路、耳模等一次性耗材全部拆下，装医废袋销毁。"),
    StepKind.DISINFECT: N_("擦拭全部表面，保持湿润到规定时间，再用清水擦净。"),
    StepKind.ELECTRICAL_CHECK: N_("电线、插头、外壳没有破损，通电正常，不漏电。"),
    StepKind.SECOND_CHECK: N_("由没有动手清洗的人，再看一遍是否干净、耗材是否都已换掉。"),
    StepKind.INSPECT: N_("试刹车、折叠、升降，看螺丝和焊点；再逐件清点配件。"),
}


#: What taking a unit out of service means, said before it is done.
ASIDE_WARNINGS: dict[UnitState, str] = {
    UnitState.REPAIR: N_("送修以后，这件不能借出；修好后要从清洗重新做起。"),
    UnitState.QUARANTINE: N_("隔离以后，谁都不能借出这件，直到解除隔离并重新清洗消毒。"),
    UnitState.SCRAPPED: N_("报废后不能恢复。请确认这件真的不再使用。"),
    UnitState.LOST: N_("登记为丢失以后，这件不再算作可借。以后找到了，按“退回清洗”就行。"),
}

#: What is said when it is done.
ASIDE_DONE: dict[UnitState, str] = {
    UnitState.REPAIR: N_("已转去维修。修好后请按“退回清洗”。"),
    UnitState.QUARANTINE: N_("已隔离停用，谁都不能借出这件。"),
    UnitState.SCRAPPED: N_("已报废。请撕掉标签。"),
    UnitState.LOST: N_("已登记为丢失。以后找到了，请按“退回清洗”。"),
}


def status(state: UnitState) -> Status:
    """Return the state's word, colour and icon."""
    return Status(say(Sentence(STATE_WORDS[state])), *STATE_LOOKS[state])


def tile(what: str, number: int, href: str) -> Tile:
    """Return the tile of a list."""
    tone = _LIST_TONES.get(what) if number else None
    return Tile(number, Sentence(LIST_WORDS[what]), href, tone)


def step_words(turn: Turn) -> tuple[Sentence, ...]:
    """Return the names of the turn's steps, and of the release that ends it."""
    return (
        *(Sentence(STEP_WORDS[step]) for step in turn.required),
        Sentence(N_("放行")),
    )


def events(steps: Sequence[StepView], names: Mapping[int, str]) -> list[Event]:
    """Return the steps for the timeline, newest first."""
    return [
        Event(
            moment(step.done_at),
            Sentence(STEP_WORDS[step.step])
            if step.passed
            else Sentence(N_("%(step)s：没有通过"), step=Sentence(STEP_WORDS[step.step])),
            "；".join(_said(step)),
            names.get(step.done_by, ""),
        )
        for step in reversed(steps)
    ]


def _said(step: StepView) -> list[str]:
    said = [step.note] if step.note else []
    if step.agent:
        said.insert(0, say(Sentence(AGENT_WORDS[step.agent])) + _strength(step))
    if step.separate_tools:
        said.append(say(Sentence(N_("已换专用工具"))))
    return said


def _strength(step: StepView) -> str:
    unit = {Agent.OZONE: "mg/m³", Agent.UV: "mJ/cm²"}
    parts = [
        f"{step.concentration_mg_l} mg/L" if step.concentration_mg_l else "",
        f"{step.dose} {unit.get(step.agent or Agent.UV, '')}" if step.dose else "",
        say(Sentence(N_("%(n)s 分钟"), n=step.contact_minutes)) if step.contact_minutes else "",
    ]
    return "".join(f" {part}" for part in parts if part)


def agent_choices() -> list[tuple[str, str]]:
    """Return the agents for a radio field."""
    return [(agent.value, say(Sentence(AGENT_WORDS[agent]))) for agent in Agent]


def part_label(name: Named, count: int) -> str:
    """Return e.g. ``脚托 × 2``."""
    return f"{say(name)} × {count}"
