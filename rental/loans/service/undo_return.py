"""Taking a wrong return back: the resident still has the device."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from rental import journal
from rental.catalogue import queries as catalogue
from rental.foundation.actor import AT_DESK, Actor
from rental.foundation.clock import Moment
from rental.inventory import queries as units
from rental.inventory import service as inventory
from rental.inventory.policy import NotYourStep, UnitState, ensure_can_undo
from rental.inventory.queries import UnitView
from rental.loans import queries
from rental.loans.models import Loan
from rental.loans.policy import LoanState, ensure_can_move
from rental.loans.policy.undoing import UndoReason, ensure_can_undo_return
from rental.loans.queries import LoanView
from rental.notices import service as notices
from rental.notices.policy import NoticeKind
from rental.places import queries as places
from rental.reservations import queries as reservations
from rental.reservations.queries import Promise
from rental.upkeep import service as upkeep


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnUndone:
    """A return that was taken back.

    Attributes:
        due_on: Last civil day of the loan, as before the return.
        displaced: A promise made since on a unit that isn't there after all, None when none is.
    """

    loan_code: str
    unit_code: str
    state: UnitState
    due_on: date
    displaced: Promise | None


def undo_return(
    session: Session, loan_code: str, *, reason: UndoReason, by: Actor, at: Moment
) -> ReturnUndone:
    """Open the loan again as it was before a return that was recorded by mistake today.

    The unit is on loan again, its turn through the wash room is given up, a report of a fault that
    the return made is closed, and the resident is told.

    Args:
        session: The open use-case transaction.
        loan_code: Which loan.
        reason: Why; one of a few, so that nothing personal gets into the history.
        by: The clerk.
        at: Now.

    Raises:
        NotYourStep: If the actor's roles may not.
        LoanNotFound: If there is no such loan.
        DataWiped: If the resident was anonymised since.
        NoReturnToUndo, ReturnOfAnotherDay, ReturnOvertaken: If it can't be taken back.
    """
    if not by.has(*AT_DESK):
        raise NotYourStep
    unit, loan = lock(session, queries.loan(session, code=loan_code))
    undone = queries.return_to_undo(session, loan, unit, today=at.on)
    ensure_can_undo_return(undone.facts)
    ensure_can_move(loan.state, LoanState.OPEN)
    ensure_can_undo(unit.state, UnitState.ON_LOAN, by=by)
    free_from = _free_from(session, loan, unit)
    displaced = _displaced(session, unit, free_from, today=at.on)
    _open_again(session, loan, reason=reason, by=by, at=at)
    moved = inventory.move(
        session,
        unit,
        to=UnitState.ON_LOAN,
        act="return_undone",
        by=by,
        at=at,
        due_on=loan.due_on,
        free_from=free_from,
        resident_id=loan.resident_id,
        details={"loan": loan.code, "reason": reason},
        missing=loan.lacking,
        forced=True,  # the table of what is undone allowed it
    )
    journal.write(session, [moved])
    upkeep.withdraw_return(session, unit, fault_code=undone.fault_code, by=by, at=at)
    _tell(session, loan, at)
    return ReturnUndone(
        loan_code=loan.code,
        unit_code=unit.code,
        state=UnitState.ON_LOAN,
        due_on=loan.due_on,
        displaced=displaced,
    )


def lock(
    session: Session, seen: LoanView, *, more_kinds: tuple[int, ...] = ()
) -> tuple[UnitView, LoanView]:
    """Return unit and loan as they are now, locked: stock, unit, resident, loan.

    Args:
        session: The open use-case transaction.
        seen: The loan as it was read.
        more_kinds: Keys of other kinds whose stock is decided on.

    Raises:
        DataWiped: If the resident was anonymised.
    """
    for kind_id in sorted({seen.kind_id, *more_kinds}):
        inventory.lock_stock(session, site_id=seen.site_id, kind_id=kind_id)
    unit = units.lock_unit(session, code=seen.unit_code)
    queries.share_resident(session, resident_id=seen.resident_id)
    return unit, queries.lock_loan(session, code=seen.code)


def _open_again(
    session: Session, loan: LoanView, *, reason: UndoReason, by: Actor, at: Moment
) -> None:
    row = session.get_one(Loan, loan.id, populate_existing=True)
    row.state = LoanState.OPEN
    row.returned_on = row.returned_at = row.received_by = row.condition = None
    row.missing, row.return_note = "[]", ""
    journal.record(
        session,
        row,
        act="return_undone",
        by=by,
        at=at,
        resident_id=loan.resident_id,
        details={"reason": reason},
    )


def _free_from(session: Session, loan: LoanView, unit: UnitView) -> date | None:
    """Return the day from which the unit is expected lendable, None when nobody can say."""
    kind = catalogue.kind_by_id(session, kind_id=loan.kind_id)
    calendar = places.calendar(session, site_id=unit.site_id)
    return queries.free_again(kind, loan.due_on, calendar)


def _displaced(
    session: Session, unit: UnitView, free_from: date | None, *, today: date
) -> Promise | None:
    """Return the promise that counts on the unit from the wash room and goes without it now."""
    last = queries.away_until(free_from)
    if unit.free_from is None or last < unit.free_from or not unit.counts(today):
        return None
    return reservations.displaced_by(
        session,
        kind_id=unit.kind_id,
        site_id=unit.site_id,
        first=max(unit.free_from, today),
        last=last,
        today=today,
    )


def _tell(session: Session, loan: LoanView, at: Moment) -> None:
    kind = catalogue.kind_by_id(session, kind_id=loan.kind_id)
    notices.send(
        session,
        NoticeKind.RETURN_UNDONE,
        resident_id=loan.resident_id,
        once=f"{loan.code}:{loan.journal_head.seq}",
        at=at,
        params={"kind": kind.name, "due": loan.due_on},
    )
