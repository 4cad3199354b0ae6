"""Taking a wrong hand-over back: the device never left the counter."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from rental import journal
from rental.catalogue import queries as catalogue
from rental.foundation.actor import AT_DESK, Actor
from rental.foundation.clock import Moment
from rental.inventory import service as inventory
from rental.inventory.policy import NotYourStep, UnitState, ensure_can_undo
from rental.loans import queries
from rental.loans.models import Loan
from rental.loans.policy import LoanState, ensure_can_move
from rental.loans.policy.undoing import NEVER_LEFT, ensure_can_undo_issue
from rental.loans.queries import LoanView
from rental.loans.service.undo_return import lock
from rental.notices import queries as told
from rental.notices import service as notices
from rental.notices.policy import NoticeKind
from rental.reservations import queries as reservations
from rental.reservations import service as promises
from rental.reservations.queries import ReservationView


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueUndone:
    """A hand-over that was taken back.

    Attributes:
        state: The unit's state now.
        reservation_code: The promise that the hand-over had kept, None when it kept none.
        waits_again: Whether that promise waits for its resident again.
    """

    loan_code: str
    unit_code: str
    state: UnitState
    reservation_code: str | None
    waits_again: bool


def undo_issue(
    session: Session, loan_code: str, *, never_left: bool, by: Actor, at: Moment
) -> IssueUndone:
    """Void the loan of a hand-over that was recorded by mistake today.

    The unit may be lent again at once: it was released before, and the clerk confirms that it never
    left the counter. The promise that was kept by the hand-over waits again if it can; the resident
    is told when the hand-over was.

    Args:
        session: The open use-case transaction.
        loan_code: Which loan.
        never_left: Whether the clerk confirmed that the device never left the counter.
        by: The clerk.
        at: Now.

    Raises:
        NotYourStep: If the actor's roles may not.
        LoanNotFound: If there is no such loan.
        NoIssueToUndo, IssueOfAnotherDay, IssuedUnreleased, IssueOvertaken: If it can't be taken
            back.
        NotConfirmedInPlace: If the clerk didn't confirm it.
    """
    if not by.has(*AT_DESK):
        raise NotYourStep
    seen = queries.loan(session, code=loan_code)
    promise = _promise(session, seen)
    unit, loan = lock(session, seen, more_kinds=(promise.kind_id,) if promise else ())
    facts = queries.issue_to_undo(session, loan, unit, today=at.on)
    ensure_can_undo_issue(facts, never_left=never_left)
    ensure_can_move(loan.state, LoanState.VOID)
    ensure_can_undo(unit.state, UnitState.AVAILABLE, by=by)
    _void(session, loan, promise, by=by, at=at)
    moved = inventory.move(
        session,
        unit,
        to=UnitState.AVAILABLE,
        act="issue_undone",
        by=by,
        at=at,
        resident_id=loan.resident_id,
        details={"loan": loan.code, "reason": NEVER_LEFT},
        forced=True,  # the table of what is undone allowed it
    )
    journal.write(session, [moved])
    again = promise is not None and promises.revive(session, promise, by=by, at=at)
    _tell(session, loan, at)
    return IssueUndone(
        loan_code=loan.code,
        unit_code=unit.code,
        state=UnitState.AVAILABLE,
        reservation_code=promise.code if promise else None,
        waits_again=again,
    )


def _promise(session: Session, loan: LoanView) -> ReservationView | None:
    if loan.reservation_id is None:
        return None
    return reservations.reservation_by_id(session, reservation_id=loan.reservation_id)


def _void(
    session: Session, loan: LoanView, promise: ReservationView | None, *, by: Actor, at: Moment
) -> None:
    """End the loan as none; it lets go of the promise, which another loan may keep."""
    row = session.get_one(Loan, loan.id, populate_existing=True)
    row.state, row.reservation_id = LoanState.VOID, None
    details = {"reason": NEVER_LEFT} | ({"reservation": promise.code} if promise else {})
    journal.record(
        session,
        row,
        act="issue_undone",
        by=by,
        at=at,
        resident_id=loan.resident_id,
        details=details,
    )


def _tell(session: Session, loan: LoanView, at: Moment) -> None:
    """Tell the resident, if the resident was told of the hand-over."""
    if not told.was_told(session, NoticeKind.ISSUED, once=loan.code):
        return
    kind = catalogue.kind_by_id(session, kind_id=loan.kind_id)
    notices.send(
        session,
        NoticeKind.ISSUE_UNDONE,
        resident_id=loan.resident_id,
        once=loan.code,
        at=at,
        params={"kind": kind.name},
    )
