"""Giving a unit up as lost. It comes back, if it does, through ``take_back``."""

from sqlalchemy.orm import Session

from rental import journal
from rental.foundation.actor import Actor
from rental.foundation.clock import Moment
from rental.foundation.errors import Invalid
from rental.foundation.words import N_
from rental.inventory import queries as units
from rental.inventory import service as inventory
from rental.inventory.policy import UnitState
from rental.loans import queries
from rental.loans.models import Loan
from rental.loans.policy import LoanState, ensure_can_move
from rental.loans.policy.acts import MAX_REASON, MIN_REASON


class LossUnexplained(Invalid):
    """Who looks for the unit later must understand what happened."""

    field = "reason"
    sentence = N_("请写清楚怎么丢的，至少 %(n)s 个字。")


def mark_lost(session: Session, loan_code: str, *, reason: str, by: Actor, at: Moment) -> None:
    """Note that the unit on loan can't be found; the loan ends as lost.

    Args:
        session: The open use-case transaction.
        loan_code: Which loan.
        reason: What happened, at least 5 characters; no personal data.
        by: Who says so.
        at: Now.

    Raises:
        LoanNotFound: If there is no such loan.
        LoanCannotMove: If it isn't open.
        LossUnexplained: If the reason says too little.
        NotYourStep: If the actor's roles may not give a unit up.
    """
    said = reason.strip()[:MAX_REASON]
    if len(said) < MIN_REASON:
        raise LossUnexplained(n=MIN_REASON)
    seen = queries.loan(session, code=loan_code)
    unit = units.lock_unit(session, code=seen.unit_code)
    loan = queries.lock_loan(session, code=loan_code)
    ensure_can_move(loan.state, LoanState.LOST)
    row = session.get_one(Loan, loan.id, populate_existing=True)
    row.state = LoanState.LOST
    row.return_note = said
    journal.record(session, row, act="lost", by=by, at=at, resident_id=loan.resident_id)
    moved = inventory.move(
        session,
        unit,
        to=UnitState.LOST,
        act="lost",
        by=by,
        at=at,
        resident_id=loan.resident_id,
        details={"loan": loan.code},
    )
    journal.write(session, [moved])
