"""What pages show of loans, in the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from rental.catalogue.queries import KindView
from rental.foundation.words import N_, Named, Sentence
from rental.journal.queries import Happening
from rental.loans.policy import (
    CONDITION_NAMES,
    STATE_NAMES,
    Condition,
    LoanState,
    look_of,
)
from rental.loans.policy.undoing import undo_text
from rental.loans.queries import LoanView, Show
from rental.web.parts import Event, Status
from rental.web.say import moment, say

_ACTS: dict[str, str] = {
    "issued": N_("借出"),
    "issued_forced": N_("特殊情况借出"),
    "renewed": N_("续借"),
    "due_moved": N_("应还日期改了"),
    "returned": N_("归还"),
    "lost": N_("登记为丢失"),
    "return_undone": N_("撤销归还"),
    "issue_undone": N_("撤销借出"),
}

SHOW_WORDS: dict[Show, str] = {
    Show.OPEN: N_("租借中"),
    Show.TODAY: N_("今天到期"),
    Show.DUE: N_("3 天内到期"),
    Show.OVERDUE: N_("已过期"),
    Show.RETURNED: N_("已归还"),
    Show.LOST: N_("已丢失"),
    Show.FORCED: N_("特殊情况"),
    Show.VOID: N_("已作废"),
    Show.ALL: N_("全部"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """A loan in a list."""

    code: str
    unit_code: str
    resident_code: str
    masked_name: str
    kind: Named
    issued_on: date
    due_on: date
    is_open: bool
    status: Status
    forced_reason: str | None


def status_of(loan: LoanView, *, today: date) -> Status:
    """Return how the loan stands: its state, and while it is open its due date."""
    match loan.state:
        case LoanState.RETURNED:
            return Status(say(STATE_NAMES[loan.state]), "grey", "check")
        case LoanState.LOST:
            return Status(say(STATE_NAMES[loan.state]), "red", "stop")
        case LoanState.VOID:
            return Status(say(STATE_NAMES[loan.state]), "grey", "stop")
        case LoanState.OPEN:
            words, colour, icon = look_of(loan.lateness(today))
            return Status(say(words), colour, icon)


def card(loan: LoanView, kind: KindView, *, today: date) -> Card:
    """Return the loan as a list shows it."""
    return Card(
        code=loan.code,
        unit_code=loan.unit_code,
        resident_code=loan.resident_code,
        masked_name=loan.masked_name,
        kind=kind.name,
        issued_on=loan.issued_on,
        due_on=loan.due_on,
        is_open=loan.is_open,
        status=status_of(loan, today=today),
        forced_reason=loan.forced_reason,
    )


def timeline(
    loan: LoanView, happenings: Iterable[Happening], *, names: Mapping[int, str], by_staff: bool
) -> list[Event]:
    """Return the loan's history, newest first.

    Args:
        loan: The loan; what was written about it stands there, the history knows codes only.
        happenings: What happened.
        names: Names of the accounts that did it; who is left out stays unnamed.
        by_staff: Whether staff read it: only they see why a hand-over was forced.
    """
    return [
        Event(
            at_text=moment(happening.at),
            title=_title(happening.act, by_staff=by_staff),
            text=_more(happening, loan) if by_staff or happening.act != "issued_forced" else "",
            by=names.get(happening.actor_id or 0, ""),
        )
        for happening in happenings
    ]


def _title(act: str, *, by_staff: bool) -> str:
    shown = "issued" if act == "issued_forced" and not by_staff else act
    return say(Sentence(_ACTS[shown])) if shown in _ACTS else shown


def condition_word(condition: Condition | None) -> str:
    """Return how the unit looked when it came back."""
    return say(CONDITION_NAMES[condition]) if condition else ""


def _more(happening: Happening, loan: LoanView) -> str:
    """Return the fact that matters most beside the act."""
    details, due = happening.details, happening.row.get("due_on")
    match happening.act:
        case "issued" | "renewed" | "due_moved" if due:
            return say(Sentence(N_("用到 %(day)s"), day=date.fromisoformat(due)))
        case "issued_forced" if loan.forced_reason:
            return say(Sentence(N_("原因：%(reason)s"), reason=loan.forced_reason))
        case "lost" if loan.state is LoanState.LOST and loan.return_note:
            return say(Sentence(N_("原因：%(reason)s"), reason=loan.return_note))
        case "returned" if details.get("condition") in set(Condition):
            return condition_word(Condition(details["condition"]))
        case "return_undone" | "issue_undone":
            reason = undo_text(details)
            return say(reason) if reason else ""
        case _:
            return ""
