"""Renewing: the resident's own act, at home, when nobody else was promised the unit."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from rental.catalogue import queries as catalogue
from rental.foundation.actor import Actor
from rental.foundation.clock import Moment
from rental.loans import queries
from rental.loans.policy import CHECKS_UP, LoanNotOpen
from rental.loans.service.due import lock, move_due
from rental.notices import service as notices
from rental.notices.policy import NoticeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """A renewal that was recorded; ``due_on`` is the new last day, included."""

    loan_code: str
    unit_code: str
    due_on: date
    renewals: int


def renew(
    session: Session, loan_code: str, *, by: Actor, at: Moment, checked_up: bool = False
) -> Renewed:
    """Move the loan's due date to the end of another period.

    Args:
        session: The open use-case transaction.
        loan_code: Which loan.
        by: The resident, somebody who acts for them, or staff; the caller has checked that.
        at: Now.
        checked_up: Whether the device was checked for this renewal; counts only from
            those who check up.

    Raises:
        LoanNotFound: If there is no such loan.
        Conflict: The first reason of ``policy.renewal_refusal`` that is the case.
    """
    seen = queries.loan(session, code=loan_code)
    if not seen.is_open:
        raise LoanNotOpen
    unit, loan = lock(session, seen)
    checked = checked_up and by.has(*CHECKS_UP)
    plan = queries.renewal(session, loan, unit=unit, at=at, checked_up=checked)
    if plan.refusal is not None:
        raise plan.refusal
    row = move_due(
        session,
        unit,
        loan,
        to=plan.due_on,
        free_from=plan.free_from,
        by=by,
        at=at,
        renewal={"checked_up": checked},
    )
    notices.send(
        session,
        NoticeKind.RENEWED,
        resident_id=loan.resident_id,
        once=f"{loan.code}:{row.renewals}",
        at=at,
        params={
            "kind": catalogue.kind_by_id(session, kind_id=loan.kind_id).name,
            "due": plan.due_on,
        },
    )
    return Renewed(
        loan_code=loan.code, unit_code=unit.code, due_on=plan.due_on, renewals=row.renewals
    )
