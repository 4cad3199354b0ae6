"""Renewing: the resident's own act, at home, when nobody else was promised the unit."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from rental import journal
from rental.catalogue import queries as catalogue
from rental.foundation.actor import Actor
from rental.foundation.clock import Moment
from rental.inventory import queries as units
from rental.inventory import service as inventory
from rental.inventory.policy import UnitState
from rental.loans import queries
from rental.loans.models import Loan
from rental.loans.policy import CHECKS_UP, LoanNotOpen
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
    inventory.lock_stock(session, site_id=seen.site_id, kind_id=seen.kind_id)
    unit = units.lock_unit(session, code=seen.unit_code)
    loan = queries.lock_loan(session, code=loan_code)
    checked = checked_up and by.has(*CHECKS_UP)
    plan = queries.renewal(session, loan, unit=unit, at=at, checked_up=checked)
    if plan.refusal is not None:
        raise plan.refusal
    row = session.get_one(Loan, loan.id, populate_existing=True)
    row.due_on = plan.due_on
    row.renewals += 1
    details = {"from": loan.due_on, "checked_up": checked}
    journal.record(
        session, row, act="renewed", by=by, at=at, resident_id=loan.resident_id, details=details
    )
    moved = inventory.move(
        session,
        unit,
        to=UnitState.ON_LOAN,
        act="renewed",
        by=by,
        at=at,
        due_on=plan.due_on,
        free_from=plan.free_from,
        resident_id=loan.resident_id,
        details={"loan": loan.code},
        forced=True,  # a resident renews at home: no role of the desk is needed
    )
    journal.write(session, [moved])
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
