"""What a resident reported, or staff from the resident's loans, to take along."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental.people import queries as people
from rental.people.queries.export import EXPORTS, Part, told
from rental.upkeep.models import Fault


def _reports(session: Session, resident_id: int) -> list[dict[str, Any]]:
    whose = Fault.resident_id == resident_id
    account_id = people.person_by_id(session, resident_id=resident_id).account_id
    if account_id is not None:
        whose |= Fault.reported_by == account_id
    rows = session.scalars(select(Fault).where(whose).order_by(Fault.id))
    return [told(row, "code", "what", "reported_at", "answer", "closed_at") for row in rows]


EXPORTS.append(Part(name="reports", tables=frozenset({"fault"}), read=_reports))
