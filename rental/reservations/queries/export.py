"""What is kept of a resident's reservations, to take along."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental.catalogue import queries as catalogue
from rental.people.queries.export import EXPORTS, Part, told
from rental.reservations.models import Reservation


def _reservations(session: Session, resident_id: int) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(Reservation).where(Reservation.resident_id == resident_id).order_by(Reservation.id)
    )
    dates = ("starts_on", "ends_on", "hold_until", "slot_on", "slot_half", "created_at", "ended_at")
    return [
        {
            "kind": str(catalogue.kind_by_id(session, kind_id=row.kind_id).name),
            **told(row, "code", "state", "fulfilment", "address", *dates),
        }
        for row in rows.all()
    ]


EXPORTS.append(Part(name="reservations", tables=frozenset({"reservation"}), read=_reservations))
