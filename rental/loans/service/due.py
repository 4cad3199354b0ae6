"""Moving the last day of a loan, and with it the day from which its unit is free again."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from rental import journal
from rental.foundation.actor import Actor
from rental.foundation.clock import Moment
from rental.inventory import queries as units
from rental.inventory import service as inventory
from rental.inventory.policy import UnitState
from rental.inventory.queries import UnitView
from rental.loans import queries
from rental.loans.models import Loan
from rental.loans.queries import LoanView


def lock(session: Session, seen: LoanView) -> tuple[UnitView, LoanView]:
    """Return the unit and the loan as they are now, locked: stock, unit, loan."""
    inventory.lock_stock(session, site_id=seen.site_id, kind_id=seen.kind_id)
    unit = units.lock_unit(session, code=seen.unit_code)
    return unit, queries.lock_loan(session, code=seen.code)


def move_due(
    session: Session,
    unit: UnitView,
    loan: LoanView,
    *,
    to: date,
    free_from: date | None,
    by: Actor,
    at: Moment,
    renewal: Mapping[str, object] | None = None,
) -> Loan:
    """Let the locked loan end on another day; return its row.

    Args:
        session: The open use-case transaction.
        unit: The loan's unit.
        loan: The loan.
        to: Its last day, included.
        free_from: First day on which the unit is expected lendable again, None when nobody can
            say.
        by: Who moved it. No role of the desk is needed: residents renew at home.
        at: Now.
        renewal: What the loan's history says of the renewal, None when it is none.
    """
    act = "due_moved" if renewal is None else "renewed"
    row = session.get_one(Loan, loan.id, populate_existing=True)
    row.due_on = to
    row.renewals += renewal is not None
    journal.record(
        session,
        row,
        act=act,
        by=by,
        at=at,
        resident_id=loan.resident_id,
        details={"from": loan.due_on, **(renewal or {})},
    )
    moved = inventory.move(
        session,
        unit,
        to=UnitState.ON_LOAN,
        act=act,
        by=by,
        at=at,
        due_on=to,
        free_from=free_from,
        resident_id=loan.resident_id,
        details={"loan": loan.code},
        forced=True,
    )
    journal.write(session, [moved])
    return row
