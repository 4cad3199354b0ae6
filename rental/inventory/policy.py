"""A unit's life as a table: which step may follow which, and who may take it.

Source: domain.md section 5.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Literal

from rental.foundation.actor import AT_BENCH, AT_DESK, HANDLES_UNITS, Actor, Role
from rental.foundation.errors import Conflict, NotAllowed
from rental.foundation.words import N_, Sentence
from rental.places.policy import ZoneKind


class UnitState(StrEnum):
    """Where a unit's life stands."""

    NEW = "new"
    AVAILABLE = "available"
    PACKED = "packed"
    ON_LOAN = "on_loan"
    DIRTY = "dirty"
    CLEANING = "cleaning"
    DISINFECTED = "disinfected"
    INSPECTED = "inspected"
    REPAIR = "repair"
    QUARANTINE = "quarantine"
    IN_TRANSIT = "in_transit"
    LOST = "lost"
    SCRAPPED = "scrapped"


#: What each state is called on a page.
STATE_WORDS: dict[UnitState, str] = {
    UnitState.NEW: N_("待验收"),
    UnitState.AVAILABLE: N_("可借"),
    UnitState.PACKED: N_("已备好"),
    UnitState.ON_LOAN: N_("已借出"),
    UnitState.DIRTY: N_("待清洗"),
    UnitState.CLEANING: N_("清洗中"),
    UnitState.DISINFECTED: N_("已消毒，待检查"),
    UnitState.INSPECTED: N_("已检查，待放行"),
    UnitState.REPAIR: N_("维修中"),
    UnitState.QUARANTINE: N_("隔离停用"),
    UnitState.IN_TRANSIT: N_("运送中"),
    UnitState.LOST: N_("已丢失"),
    UnitState.SCRAPPED: N_("已报废"),
}

#: Colour and icon of every state.
STATE_LOOKS: dict[UnitState, tuple[str, str]] = {
    UnitState.NEW: ("grey", "box"),
    UnitState.AVAILABLE: ("green", "check"),
    UnitState.PACKED: ("purple", "box"),
    UnitState.ON_LOAN: ("blue", "person"),
    UnitState.DIRTY: ("yellow", "drop"),
    UnitState.CLEANING: ("yellow", "clock"),
    UnitState.DISINFECTED: ("yellow", "search"),
    UnitState.INSPECTED: ("purple", "shield"),
    UnitState.REPAIR: ("orange", "tool"),
    UnitState.QUARANTINE: ("red", "stop"),
    UnitState.IN_TRANSIT: ("purple", "truck"),
    UnitState.LOST: ("red", "question"),
    UnitState.SCRAPPED: ("grey", "stop"),
}

#: In stock and coming back to the shelf by itself: these units count when promising.
IN_UPKEEP = frozenset({
    UnitState.DIRTY,
    UnitState.CLEANING,
    UnitState.DISINFECTED,
    UnitState.INSPECTED,
})
LENDABLE = frozenset({UnitState.AVAILABLE, UnitState.PACKED})
CIRCULATING = LENDABLE | IN_UPKEEP | {UnitState.ON_LOAN}

#: What each act of a unit's history is called; higher slices add theirs when they are imported.
ACT_WORDS: dict[str, str] = {
    "added": N_("登记入库"),
    "intake_inspected": N_("新到验收合格"),
    "released": N_("放行，可以借出"),
    "edited": N_("修改资料"),
    "zone_moved": N_("换了区域"),
    "breach": N_("违规：没放行就想放进净区，已拦下"),
    "issued": N_("借出"),
    "returned": N_("归还"),
    "renewed": N_("续借"),
    "lost": N_("登记为丢失"),
    "marked_lost": N_("登记为丢失"),
    "found": N_("找到了"),
    "due_moved": N_("应还日期改了"),
    "put_off": N_("遇到休息日，预计可借的日子推后"),
    "foreseen": N_("开放日定了，知道预计哪天可借"),
}

#: What the details of an act say, as one sentence; higher slices add theirs as well.
ACT_TEXTS: dict[str, Callable[[Mapping[str, Any]], Sentence | None]] = {}


#: What the details of an act name the record of why the unit was taken out of service.
SET_ASIDE = "set_aside"


_S = UnitState
TRANSITIONS: dict[UnitState, dict[UnitState, frozenset[Role]]] = {
    _S.NEW: {_S.INSPECTED: AT_BENCH, _S.REPAIR: AT_BENCH, _S.SCRAPPED: frozenset({Role.MANAGER})},
    _S.AVAILABLE: {
        _S.PACKED: AT_DESK,
        _S.ON_LOAN: AT_DESK,
        _S.DIRTY: HANDLES_UNITS,
        _S.REPAIR: HANDLES_UNITS,
        _S.QUARANTINE: HANDLES_UNITS,
        _S.IN_TRANSIT: AT_DESK,
        _S.LOST: AT_DESK,
        _S.SCRAPPED: frozenset({Role.MANAGER}),
    },
    _S.PACKED: {
        _S.AVAILABLE: AT_DESK,
        _S.ON_LOAN: AT_DESK,
        _S.DIRTY: HANDLES_UNITS,
        _S.REPAIR: HANDLES_UNITS,
        _S.QUARANTINE: HANDLES_UNITS,
        _S.LOST: AT_DESK,
    },
    _S.ON_LOAN: {_S.DIRTY: AT_DESK, _S.LOST: AT_DESK, _S.ON_LOAN: AT_DESK},
    _S.DIRTY: {
        _S.CLEANING: AT_BENCH,
        _S.REPAIR: HANDLES_UNITS,
        _S.QUARANTINE: HANDLES_UNITS,
        _S.LOST: AT_DESK,
        _S.SCRAPPED: frozenset({Role.MANAGER}),
    },
    _S.CLEANING: {
        _S.DISINFECTED: AT_BENCH,
        _S.DIRTY: AT_BENCH,
        _S.REPAIR: AT_BENCH,
        _S.QUARANTINE: HANDLES_UNITS,
    },
    _S.DISINFECTED: {
        _S.INSPECTED: AT_BENCH,
        _S.DIRTY: HANDLES_UNITS,
        _S.REPAIR: AT_BENCH,
        _S.QUARANTINE: HANDLES_UNITS,
    },
    _S.INSPECTED: {
        _S.AVAILABLE: AT_BENCH,
        _S.DIRTY: HANDLES_UNITS,
        _S.REPAIR: AT_BENCH,
        _S.QUARANTINE: HANDLES_UNITS,
    },
    _S.REPAIR: {
        _S.DIRTY: AT_BENCH,
        _S.QUARANTINE: HANDLES_UNITS,
        _S.SCRAPPED: frozenset({Role.MANAGER}),
    },
    _S.QUARANTINE: {
        _S.DIRTY: AT_BENCH,
        _S.REPAIR: AT_BENCH,
        _S.SCRAPPED: frozenset({Role.MANAGER}),
    },
    _S.IN_TRANSIT: {_S.AVAILABLE: AT_DESK, _S.DIRTY: AT_DESK, _S.LOST: AT_DESK},
    _S.LOST: {_S.DIRTY: HANDLES_UNITS, _S.SCRAPPED: frozenset({Role.MANAGER})},
    _S.SCRAPPED: {},
}


#: Arrows that take a record back: no steps of a unit's life, so only undoing takes them. A return
#: that was none puts the unit back where it is; a hand-over that was none leaves it on the shelf,
#: where its last release still holds.
UNDOES: dict[UnitState, dict[UnitState, frozenset[Role]]] = {
    _S.DIRTY: {_S.ON_LOAN: AT_DESK},
    _S.ON_LOAN: {_S.AVAILABLE: AT_DESK},
}


class UnitCannotMove(Conflict):
    """The table of transitions has no such arrow."""

    sentence = N_("这件器具现在是“%(state)s”，不能直接变成“%(to)s”。请按页面上列出的下一步办理。")


class NotYourStep(NotAllowed):
    """The arrow exists, but not for this role."""

    sentence = N_("这一步要由别的岗位来做，请交给清洗、维修或窗口同事。")


def word(state: UnitState) -> Sentence:
    """Return the state's name as a sentence of its own."""
    return Sentence(STATE_WORDS[state])


def can_move(state: UnitState, to: UnitState, *, by: Actor) -> bool:
    """Tell whether the actor may take the arrow."""
    return by.has(*TRANSITIONS[state].get(to, frozenset()))


def ensure_can_move(state: UnitState, to: UnitState, *, by: Actor) -> None:
    """Test that the arrow exists and the actor may take it. The system may take every arrow.

    Raises:
        UnitCannotMove: If the table has no such arrow.
        NotYourStep: If the actor's roles may not take it.
    """
    if to not in TRANSITIONS[state]:
        raise UnitCannotMove(state=word(state), to=word(to))
    if by.account_id is not None and not can_move(state, to, by=by):
        raise NotYourStep


def ensure_can_undo(state: UnitState, to: UnitState, *, by: Actor) -> None:
    """Test that a record may be taken back this way, and that the actor may do so.

    Raises:
        UnitCannotMove: If no record is taken back this way.
        NotYourStep: If the actor's roles may not.
    """
    if to not in UNDOES.get(state, {}):
        raise UnitCannotMove(state=word(state), to=word(to))
    if not by.has(*UNDOES[state][to]):
        raise NotYourStep


# --- zones ---------------------------------------------------------------------------------------

_CLEAN_ZONES = frozenset({ZoneKind.CLEAN, ZoneKind.SHOWROOM})
_AWAY = frozenset({UnitState.ON_LOAN, UnitState.LOST, UnitState.SCRAPPED})


class ZoneBreach(Conflict):
    """An unreleased unit would come among the clean ones."""

    sentence = N_(
        "器具 %(code)s 还没有放行，不能放进净区或展厅，这次已经记录。"
        "请先送回污区，做完清洗、消毒、检查和放行。"
    )


class ZoneNotForThisUnit(Conflict):
    """The unit is away, or a clean one would be put among dirty ones."""

    sentence = N_(
        "器具 %(code)s 现在是“%(state)s”，不能改放到这个区域。"
        "可借的器具如果弄脏了，请先按“退回清洗”。"
    )


def ensure_zone(state: UnitState, zone: ZoneKind, *, code: str) -> None:
    """Test that a unit in the state may stand in the zone.

    Raises:
        ZoneBreach: If it is not released and the zone is for clean units.
        ZoneNotForThisUnit: If it is away, or clean and the zone is for dirty units.

    Source: domain.md section 5; 厚生省令第37号 §203 (disinfected stock is kept apart).
    """
    if state in _AWAY or (state in LENDABLE and zone is ZoneKind.DIRTY):
        raise ZoneNotForThisUnit(code=code, state=word(state))
    if state not in LENDABLE and zone in _CLEAN_ZONES:
        raise ZoneBreach(code=code)


def zone_kind_after(state: UnitState, to: UnitState) -> ZoneKind | Literal["stays"] | None:
    """Return the kind of zone a move brings the unit to; None for nowhere on the site."""
    if to in _AWAY:
        return None
    if to in LENDABLE and state not in LENDABLE:
        return ZoneKind.CLEAN
    if to not in LENDABLE and (state in LENDABLE or state in _AWAY):
        return ZoneKind.DIRTY
    return "stays"


# --- what may be done next -----------------------------------------------------------------------


class UnitAction(StrEnum):
    """What a person may do with a unit; the names the API uses."""

    ISSUE = "issue"
    TAKE_BACK = "take_back"
    UPKEEP = "upkeep"
    RELEASE = "release"
    SEND_TO_REPAIR = "send_to_repair"
    QUARANTINE = "quarantine"
    BACK_TO_WASH = "back_to_wash"
    SCRAP = "scrap"
    MARK_LOST = "mark_lost"
    MOVE_ZONE = "move_zone"
    REPORT_FAULT = "report_fault"
    EDIT = "edit"


ACTION_WORDS: dict[UnitAction, str] = {
    UnitAction.ISSUE: N_("借出"),
    UnitAction.TAKE_BACK: N_("归还"),
    UnitAction.UPKEEP: N_("清洗消毒检查"),
    UnitAction.RELEASE: N_("放行"),
    UnitAction.SEND_TO_REPAIR: N_("送修"),
    UnitAction.QUARANTINE: N_("隔离停用"),
    UnitAction.BACK_TO_WASH: N_("退回清洗"),
    UnitAction.SCRAP: N_("报废"),
    UnitAction.MARK_LOST: N_("找不到了"),
    UnitAction.MOVE_ZONE: N_("换区域"),
    UnitAction.REPORT_FAULT: N_("报告故障"),
    UnitAction.EDIT: N_("修改资料"),
}

_WORKED_ON = frozenset({_S.NEW, _S.DIRTY, _S.CLEANING, _S.DISINFECTED})

#: In which states an action makes sense, and for whom.
_ACTIONS: dict[UnitAction, tuple[frozenset[UnitState], frozenset[Role]]] = {
    UnitAction.ISSUE: (LENDABLE, AT_DESK),
    UnitAction.TAKE_BACK: (frozenset({_S.ON_LOAN, _S.LOST}), AT_DESK),
    UnitAction.UPKEEP: (_WORKED_ON, AT_BENCH),
    UnitAction.RELEASE: (frozenset({_S.INSPECTED}), AT_BENCH),
    UnitAction.MOVE_ZONE: (frozenset(UnitState) - _AWAY, HANDLES_UNITS),
    UnitAction.REPORT_FAULT: (frozenset(UnitState), frozenset(Role)),
    UnitAction.EDIT: (frozenset(UnitState), frozenset({Role.MANAGER, Role.TECHNICIAN})),
}

#: What takes a unit out of service, and to which state; each asks why.
SETS_ASIDE: dict[UnitAction, UnitState] = {
    UnitAction.SEND_TO_REPAIR: UnitState.REPAIR,
    UnitAction.QUARANTINE: UnitState.QUARANTINE,
    UnitAction.SCRAP: UnitState.SCRAPPED,
    UnitAction.MARK_LOST: UnitState.LOST,
}

#: Actions that are arrows of the table: possible in any state that has the arrow.
_ARROWS: dict[UnitAction, UnitState] = {**SETS_ASIDE, UnitAction.BACK_TO_WASH: UnitState.DIRTY}


_NOT_WHILE_OUT = frozenset({UnitAction.BACK_TO_WASH, UnitAction.MARK_LOST})
_ONLY_WHILE_OUT = frozenset({UnitAction.TAKE_BACK})


def actions(state: UnitState, *, by: Actor | None, out: bool = False) -> tuple[UnitAction, ...]:
    """Return what the actor may do next with a unit in the state, in the order of the page.

    A stranger may only report a fault, and nothing of a unit that is gone for good. What a
    borrower answers for comes back through the return at the desk and is lost with its loan, all
    else goes to the wash room.

    Args:
        state: Where the unit's life stands.
        by: Who asks; None for a stranger.
        out: Whether a borrower still answers for it, although it may be lost.
    """
    if state is UnitState.SCRAPPED:
        return ()
    if by is None or not by.is_staff:
        return (UnitAction.REPORT_FAULT,)
    out = out or state is UnitState.ON_LOAN
    wrong_way = _NOT_WHILE_OUT if out else _ONLY_WHILE_OUT
    return tuple(
        action for action in UnitAction if action not in wrong_way and _may(action, state, by)
    )


def _may(action: UnitAction, state: UnitState, by: Actor) -> bool:
    if action in _ARROWS:
        return can_move(state, _ARROWS[action], by=by)
    states, roles = _ACTIONS[action]
    return state in states and by.has(*roles)
