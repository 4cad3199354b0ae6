"""Taking a unit back: the borrower's duty ends here, and the unit goes to the wash room."""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from rental import journal
from rental.catalogue import queries as catalogue
from rental.catalogue.queries import KindView
from rental.foundation.actor import Actor
from rental.foundation.clock import Moment
from rental.foundation.errors import Conflict
from rental.foundation.words import N_
from rental.inventory import queries as units
from rental.inventory import service as inventory
from rental.inventory.policy import UnitState, word
from rental.inventory.queries import UnitView
from rental.journal import Entry, Line
from rental.loans.policy import NEEDS_REPAIR, Condition, LoanState, ensure_can_move
from rental.loans.policy.acts import MAX_NOTE, Return, moment_of_scan
from rental.loans.queries import (
    LOAN,
    LoanView,
    free_again,
    latest_of_unit,
    lock_open_loan_of_unit,
)
from rental.notices import service as notices
from rental.notices.policy import NoticeKind
from rental.places import queries as places
from rental.upkeep import queries as faults
from rental.upkeep import service as upkeep
from rental.upkeep.policy import OwnWords, UpkeepReason


class UnitNotOnLoan(Conflict):
    """There is nothing to take back."""

    sentence = N_(
        "器具 %(code)s 没有借出，现在是“%(state)s”，不用再办归还。请核对扫的是不是这一件。"
    )


class ScanOlderThanLoan(Conflict):
    """The scan waited offline while the unit was lent again."""

    sentence = N_("器具 %(code)s 在这次扫码之后又借给了别人，这次归还不能补记。请到窗口核对实物。")


class StaleLoan(Conflict):
    """Somebody else changed the loan in the meantime."""

    sentence = N_("这笔租借刚刚有人办理过，请刷新页面看看现在的情况，再决定下一步。")


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """A return that was recorded.

    Attributes:
        state: The unit's state now.
        free_from: First day on which it is expected lendable again, None when nobody can say.
    """

    loan_code: str
    unit_code: str
    resident_code: str
    state: UnitState
    returned_at: datetime
    returned_on: date
    condition: Condition
    missing: tuple[str, ...]
    free_from: date | None


#: What the technician reads when nothing was noted.
_FOUND = {
    Condition.UNUSABLE: OwnWords.FOUND_UNUSABLE,
    Condition.DAMAGED: OwnWords.FOUND_DAMAGED,
}

_UPDATE = (
    update(LOAN)
    .where(LOAN.c.id == bindparam("loan_id"), LOAN.c.journal_seq == bindparam("expected_seq"))
    .values(
        state=LoanState.RETURNED,
        returned_on=bindparam("new_returned_on"),
        returned_at=bindparam("new_returned_at"),
        received_by=bindparam("new_received_by"),
        condition=bindparam("new_condition"),
        missing=bindparam("new_missing"),
        return_note=bindparam("new_note"),
        lacking=bindparam("new_lacking"),
        journal_seq=bindparam("new_seq"),
        journal_hash=bindparam("new_hash"),
    )
)


def take_back(session: Session, back: Return, *, by: Actor, at: Moment) -> TakenBack:
    """End the loan; the unit is dirty now and waits for upkeep.

    A unit that was given up as lost and turns up again goes the same way.

    Args:
        session: The open use-case transaction.
        back: What came back and how.
        by: Who received it.
        at: Now; the scan's own moment wins when it waited offline.

    Raises:
        UnitNotFound: If there is no such unit.
        UnitNotOnLoan: If it is not on loan.
        ScanOlderThanLoan: If the unit was lent again after the scan.
        NotYourStep: If the actor's roles may not take back.
    """
    at = moment_of_scan(back.scanned_at, at)
    unit = units.lock_unit(session, code=back.unit_code)
    loan = _loan_of(session, unit)
    if at.at < loan.issued_at:
        raise ScanOlderThanLoan(code=unit.code)
    kind = catalogue.kind_by_id(session, kind_id=unit.kind_id)
    calendar = places.calendar(session, site_id=unit.site_id)
    expected_on = free_again(kind, at.on, calendar)
    broken = back.condition in NEEDS_REPAIR
    in_doubt = broken or back.missing or faults.count_open_faults(session, unit_id=unit.id)
    free_from = None if in_doubt else expected_on
    lines = [
        _end(session, loan, back, lacking=unit.missing, by=by, at=at),
        inventory.move(
            session,
            unit,
            to=UnitState.DIRTY,
            act="returned",
            by=by,
            at=at,
            free_from=free_from,
            resident_id=loan.resident_id,
            details={"loan": loan.code, "condition": back.condition},
            missing=back.missing,
        ),
        upkeep.begin_turn(
            session,
            unit,
            reason=UpkeepReason.RETURN,
            hygiene=kind.category.hygiene,
            expected_on=expected_on,
            at=at,
            by=by,
        ),
    ]
    journal.write(session, lines)
    if broken:
        with suppress(upkeep.TooManyReports):  # then it is known to be broken already
            upkeep.report_fault(
                session,
                unit_code=unit.code,
                what=back.note or _FOUND[back.condition],
                by=by,
                at=at,
                resident_id=loan.resident_id,
            )
    _tell(session, loan, kind, at)
    return TakenBack(
        loan_code=loan.code,
        unit_code=unit.code,
        resident_code=loan.resident_code,
        state=UnitState.DIRTY,
        returned_at=at.at,
        returned_on=at.on,
        condition=back.condition,
        missing=back.missing,
        free_from=free_from,
    )


def _loan_of(session: Session, unit: UnitView) -> LoanView:
    """Return the loan that the return ends."""
    if unit.state is UnitState.ON_LOAN:
        loan = lock_open_loan_of_unit(session, unit_id=unit.id)
    else:
        loan = latest_of_unit(session, unit_id=unit.id) if unit.state is UnitState.LOST else None
        loan = loan if loan and loan.state is LoanState.LOST else None
    if loan is None:
        raise UnitNotOnLoan(code=unit.code, state=word(unit.state))
    return loan


def _end(
    session: Session,
    loan: LoanView,
    back: Return,
    *,
    lacking: tuple[str, ...],
    by: Actor,
    at: Moment,
) -> Line:
    """Write the loan's end with one UPDATE; return the line of its history."""
    ensure_can_move(loan.state, LoanState.RETURNED)
    details: dict[str, Any] = {"condition": back.condition}
    if back.missing:
        details["missing"] = back.missing
    entry = Entry(
        subject=f"loan:{loan.code}",
        act="returned",
        at=at.at,
        actor_id=by.account_id,
        resident_id=loan.resident_id,
        row={
            "state": LoanState.RETURNED,
            "unit_id": loan.unit_id,
            "resident_id": loan.resident_id,
            "issued_on": loan.issued_on,
            "due_on": loan.due_on,
            "returned_on": at.on,
        },
        details=details,
    )
    written = journal.line(entry, after=loan.journal_head)
    result = session.connection().execute(
        _UPDATE,
        {
            "loan_id": loan.id,
            "expected_seq": loan.journal_head.seq,
            "new_returned_on": at.on,
            "new_returned_at": at.at,
            "new_received_by": by.account_id,
            "new_condition": back.condition,
            "new_missing": json.dumps(list(back.missing), ensure_ascii=False),
            "new_note": back.note[:MAX_NOTE],
            "new_lacking": json.dumps(list(lacking), ensure_ascii=False),
            "new_seq": written.head.seq,
            "new_hash": written.head.hash,
        },
    )
    if result.rowcount != 1:
        raise StaleLoan
    return written


def _tell(session: Session, loan: LoanView, kind: KindView, at: Moment) -> None:
    notices.send(
        session,
        NoticeKind.RETURNED,
        resident_id=loan.resident_id,
        once=f"{loan.code}:{loan.journal_head.seq}",  # a return may be undone and come again
        at=at,
        params={"kind": kind.name},
    )
