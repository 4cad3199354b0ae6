"""The words of a loan and its life."""

from enum import StrEnum

from rental.foundation.errors import Conflict
from rental.foundation.words import N_, Named


class LoanState(StrEnum):
    """Where a loan stands."""

    OPEN = "open"
    RETURNED = "returned"
    LOST = "lost"
    VOID = "void"


class Condition(StrEnum):
    """How a unit looked when it came back."""

    GOOD = "good"
    WORN = "worn"
    DAMAGED = "damaged"
    UNUSABLE = "unusable"


# A return that was none opens the loan again; a hand-over that was none leaves it void: it never
# counts as a loan. Both only through ``undoing``.
TRANSITIONS: dict[LoanState, frozenset[LoanState]] = {
    LoanState.OPEN: frozenset({LoanState.RETURNED, LoanState.LOST, LoanState.VOID}),
    LoanState.LOST: frozenset({LoanState.RETURNED}),
    LoanState.RETURNED: frozenset({LoanState.OPEN}),
    LoanState.VOID: frozenset(),
}

STATE_NAMES: dict[LoanState, Named] = {
    LoanState.OPEN: Named("租借中", "on loan"),
    LoanState.RETURNED: Named("已归还", "returned"),
    LoanState.LOST: Named("已丢失", "lost"),
    LoanState.VOID: Named("已作废", "void"),
}

CONDITION_NAMES: dict[Condition, Named] = {
    Condition.GOOD: Named("完好", "good"),
    Condition.WORN: Named("有磨损，能用", "worn but usable"),
    Condition.DAMAGED: Named("有损坏，要修", "damaged, to be repaired"),
    Condition.UNUSABLE: Named("不能再用", "unusable"),
}

NEEDS_REPAIR: frozenset[Condition] = frozenset({Condition.DAMAGED, Condition.UNUSABLE})
"""The conditions in which a unit doesn't go through cleaning alone."""


class LoanCannotMove(Conflict):
    """The loan may not go from its state to the one asked for."""

    sentence = N_("这笔租借现在是“%(state)s”，不能改成“%(to)s”。请刷新页面查看最新情况。")


def ensure_can_move(state: LoanState, to: LoanState) -> None:
    """Test that the loan may move to the state.

    Raises:
        LoanCannotMove: If the table of transitions has no such arrow.
    """
    if to not in TRANSITIONS[state]:
        raise LoanCannotMove(state=STATE_NAMES[state], to=STATE_NAMES[to])
