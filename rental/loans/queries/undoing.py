"""What the undoing of a return or a hand-over is decided on."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from rental.inventory.queries import UnitView
from rental.journal import queries as journal
from rental.journal.queries import Happening
from rental.loans.policy import BlockerCode
from rental.loans.policy.undoing import UndoIssueFacts, UndoReturnFacts
from rental.loans.queries.loans import RESIDENT, LoanView
from rental.people import queries as people
from rental.people.policy import ResidentState
from rental.upkeep import queries as upkeep
from rental.upkeep.policy import UpkeepReason

_RESIDENT_HELD = (
    select(RESIDENT.c.state)
    .where(RESIDENT.c.id == bindparam("resident_id"))
    .with_for_update(read=True, key_share=True)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnToUndo:
    """A return as the rules see it, and the report of a fault that it made by itself."""

    facts: UndoReturnFacts
    fault_code: str | None


def share_resident(session: Session, *, resident_id: int) -> None:
    """Let nobody anonymise the resident until the transaction ends.

    Raises:
        DataWiped: If it was done before.
    """
    found = session.connection().execute(_RESIDENT_HELD, {"resident_id": resident_id}).scalar_one()
    people.ensure_known(ResidentState(found))


def return_to_undo(
    session: Session, loan: LoanView, unit: UnitView, *, today: date
) -> ReturnToUndo:
    """Return the loan's return as it stands; for a decision unit and loan are locked."""
    lines = journal.history(session, subject=f"unit:{unit.code}", limit=2)
    own_report = bool(lines) and _is_own_report(lines[0], loan)
    newest = lines[1:] if own_report else lines
    turn = upkeep.open_upkeep(session, unit.id)
    facts = UndoReturnFacts(
        today=today,
        unit_code=unit.code,
        unit_state=unit.state,
        loan_state=loan.state,
        returned_on=loan.returned_on,
        in_its_turn=turn is not None
        and turn.reason is UpkeepReason.RETURN
        and turn.opened_at == loan.returned_at,
        washed=turn is not None and bool(turn.steps),
        touched=not newest or not _is_of(newest[0], loan, "returned"),
    )
    return ReturnToUndo(
        facts=facts, fault_code=str(lines[0].details["fault"]) if own_report else None
    )


def issue_to_undo(
    session: Session, loan: LoanView, unit: UnitView, *, today: date
) -> UndoIssueFacts:
    """Return the loan's hand-over as it stands; for a decision unit and loan are locked."""
    lines = journal.history(session, subject=f"unit:{unit.code}", limit=1)
    own = lines[0] if lines and _is_of(lines[0], loan, "issued", "issued_forced") else None
    against = own.details.get("blockers", ()) if own else ()
    return UndoIssueFacts(
        today=today,
        unit_code=unit.code,
        unit_state=unit.state,
        loan_state=loan.state,
        issued_on=loan.issued_on,
        renewals=loan.renewals,
        released=BlockerCode.NOT_RELEASED not in against,
        touched=own is None,
    )


def _is_of(line: Happening, loan: LoanView, *acts: str) -> bool:
    """Tell whether the line of the unit's history is one of the acts of this loan."""
    return line.act in acts and line.details.get("loan") == loan.code


def _is_own_report(line: Happening, loan: LoanView) -> bool:
    """Tell whether the report was made by the return itself: same moment, same person."""
    same = line.at == loan.returned_at and line.actor_id == loan.received_by
    return line.act == "fault_reported" and same and "fault" in line.details
