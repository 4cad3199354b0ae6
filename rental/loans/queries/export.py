"""What is kept of a resident's loans, to take along."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental.catalogue import queries as catalogue
from rental.inventory import queries as inventory
from rental.loans.models import Loan
from rental.people.queries.export import EXPORTS, Part, told


def _loans(session: Session, resident_id: int) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(Loan).where(Loan.resident_id == resident_id).order_by(Loan.id)
    ).all()
    units = inventory.units_by_id(session, [row.unit_id for row in rows])
    dates = ("issued_at", "due_on", "renewals", "returned_at")
    written = ("forced_reason", "condition", "missing", "return_note")
    return [
        {
            "kind": str(catalogue.kind_by_id(session, kind_id=row.kind_id).name),
            "unit": units[row.unit_id].code,
            **told(row, "code", "state", *dates, *written),
        }
        for row in rows
    ]


EXPORTS.append(Part(name="loans", tables=frozenset({"loan"}), read=_loans))
