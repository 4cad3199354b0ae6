"""Taking a wrong record back: a return that was none, a hand-over that was none.

Only on the day itself, and only while nothing else has happened to the unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from rental.foundation.errors import Conflict, DomainError, Invalid
from rental.foundation.words import N_, Sentence
from rental.inventory.policy import ACT_TEXTS, ACT_WORDS, UnitState
from rental.loans.policy.states import STATE_NAMES, LoanState


class UndoReason(StrEnum):
    """Why a return is taken back; the journal holds the code, never words of somebody's own."""

    WRONG_UNIT = "wrong_unit"
    STILL_USED = "still_used"
    OTHER = "other"


NEVER_LEFT = "never_left"
"""The only reason for which a hand-over is taken back: the device never left the counter."""

REASON_WORDS: dict[str, str] = {
    UndoReason.WRONG_UNIT: N_("扫错了器具"),
    UndoReason.STILL_USED: N_("居民还要继续用"),
    UndoReason.OTHER: N_("其他"),
    NEVER_LEFT: N_("器具没有离开窗口"),
}


class NoReturnToUndo(Conflict):
    """The loan hasn't been returned, or the return was undone already."""

    sentence = N_("这笔租借现在是“%(state)s”，没有可以撤销的归还。请看看这笔租借的办理记录。")


class ReturnOfAnotherDay(Conflict):
    """A return is undone on its own day only."""

    sentence = N_(
        "这次归还是 %(day)s 登记的，归还只能在当天撤销。器具还在居民手里的话，请重新办一次借出。"
    )


class ReturnOvertaken(Conflict):
    """The wash room has begun, or something else was noted of the unit."""

    sentence = N_(
        "器具 %(code)s 归还以后已经开始清洗，或者有了别的登记，这次归还不能再撤销。"
        "请核对实物；器具还在居民手里的话，请找负责人。"
    )


class NoIssueToUndo(Conflict):
    """The loan isn't open any more."""

    sentence = N_("这笔租借现在是“%(state)s”，没有可以撤销的借出。请看看这笔租借的办理记录。")


class IssueOfAnotherDay(Conflict):
    """A hand-over is undone on its own day only."""

    sentence = N_(
        "这次借出是 %(day)s 登记的，借出只能在当天撤销。请办归还，器具再按正常流程清洗放行。"
    )


class IssueOvertaken(Conflict):
    """The loan was renewed, or something else was noted of the unit."""

    sentence = N_(
        "器具 %(code)s 借出以后已经有了别的登记，这次借出不能再撤销。"
        "请办归还，器具再按正常流程清洗放行。"
    )


class IssuedUnreleased(Conflict):
    """It wasn't clean before the hand-over either: nothing says that it may be lent."""

    sentence = N_(
        "器具 %(code)s 借出时还没有放行，不能直接变成可借。请办归还，器具再按正常流程清洗放行。"
    )


class NotConfirmedInPlace(Invalid):
    """Nobody said that the device never left the counter."""

    field = "never_left"
    sentence = N_("请先确认器具没有离开过窗口。离开过的，请办归还，器具要重新清洗消毒。")


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoReturnFacts:
    """What the rules need to know of a return.

    Attributes:
        today: Civil date.
        unit_code: The unit.
        unit_state: Where its life stands.
        loan_state: Where the loan stands.
        returned_on: Civil date of the return, None without one.
        in_its_turn: Whether the turn that the return opened is still open.
        washed: Whether a step of that turn was logged.
        touched: Whether anything was noted of the unit since, but for the report of the return.
    """

    today: date
    unit_code: str
    unit_state: UnitState
    loan_state: LoanState
    returned_on: date | None
    in_its_turn: bool
    washed: bool
    touched: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoIssueFacts:
    """What the rules need to know of a hand-over.

    Attributes:
        today: Civil date.
        unit_code: The unit.
        unit_state: Where its life stands.
        loan_state: Where the loan stands.
        issued_on: Civil date of the hand-over.
        renewals: How often the loan was renewed.
        released: Whether the unit was lendable before the hand-over.
        touched: Whether anything was noted of the unit since.
    """

    today: date
    unit_code: str
    unit_state: UnitState
    loan_state: LoanState
    issued_on: date
    renewals: int
    released: bool
    touched: bool


def return_refusal(facts: UndoReturnFacts) -> DomainError | None:
    """Return why the return can't be taken back, None when it can."""
    if facts.loan_state is not LoanState.RETURNED or facts.returned_on is None:
        return NoReturnToUndo(state=STATE_NAMES[facts.loan_state])
    if facts.returned_on != facts.today:
        return ReturnOfAnotherDay(day=facts.returned_on)
    fresh = facts.unit_state is UnitState.DIRTY and facts.in_its_turn
    if not fresh or facts.washed or facts.touched:
        return ReturnOvertaken(code=facts.unit_code)
    return None


def issue_refusal(facts: UndoIssueFacts) -> DomainError | None:
    """Return why the hand-over can't be taken back, None when it can."""
    if facts.loan_state is not LoanState.OPEN:
        return NoIssueToUndo(state=STATE_NAMES[facts.loan_state])
    if facts.issued_on != facts.today:
        return IssueOfAnotherDay(day=facts.issued_on)
    if not facts.released:
        return IssuedUnreleased(code=facts.unit_code)
    if facts.unit_state is not UnitState.ON_LOAN or facts.renewals or facts.touched:
        return IssueOvertaken(code=facts.unit_code)
    return None


def ensure_can_undo_return(facts: UndoReturnFacts) -> None:
    """Test that the return may be taken back.

    Raises:
        NoReturnToUndo, ReturnOfAnotherDay, ReturnOvertaken: Whichever comes first.
    """
    refusal = return_refusal(facts)
    if refusal is not None:
        raise refusal


def ensure_can_undo_issue(facts: UndoIssueFacts, *, never_left: bool) -> None:
    """Test that the hand-over may be taken back and the unit lent again without a wash.

    Args:
        facts: The hand-over.
        never_left: Whether the clerk confirmed that the device never left the counter.

    Raises:
        NoIssueToUndo, IssueOfAnotherDay, IssuedUnreleased, IssueOvertaken: Whichever comes first.
        NotConfirmedInPlace: If nobody confirmed it.

    Source: domain.md section 5: what was away is washed before it is lent again.
    """
    refusal = issue_refusal(facts)
    if refusal is not None:
        raise refusal
    if not never_left:
        raise NotConfirmedInPlace


def offers_undo_return(state: LoanState, returned_on: date | None, today: date) -> bool:
    """Tell whether a page shows the way to undo the return; what lies there says if it can be."""
    return state is LoanState.RETURNED and returned_on == today


def offers_undo_issue(state: LoanState, issued_on: date, renewals: int, today: date) -> bool:
    """Tell whether a page shows the way to undo the hand-over."""
    return state is LoanState.OPEN and issued_on == today and not renewals


def undo_text(details: Mapping[str, Any]) -> Sentence | None:
    """Return what a history says beside the act: the reason."""
    word = REASON_WORDS.get(str(details.get("reason", "")))
    return Sentence(word) if word else None


ACT_WORDS["return_undone"] = N_("撤销归还：器具仍在居民手里")
ACT_WORDS["issue_undone"] = N_("撤销借出：没有清洗，上次放行仍然有效")
ACT_TEXTS["return_undone"] = ACT_TEXTS["issue_undone"] = undo_text
