"""Holding a resident: what is limited to so many a resident is counted by one after the other."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, func, literal, select

from rental.foundation.database import table_of
from rental.people.models import Resident

RESIDENT = table_of(Resident)
_SPACE = literal(7_101, Integer)


def held_resident(which: ColumnElement[bool]) -> Select[Any]:
    """Return the PostgreSQL statement that holds a resident until the transaction ends.

    Whoever promises or lends something takes this before the stock: so what the resident has is
    counted by one after the other, and nobody is anonymised in the middle of it. It stands in
    nobody's way who only writes about the resident. On SQLite there is one writer anyway.

    Args:
        which: The condition on ``RESIDENT`` that finds the resident.
    """
    return (
        select(func.pg_advisory_xact_lock(_SPACE, RESIDENT.c.id).label("held"))
        .where(which)
        .with_for_update(read=True, key_share=True)
    )
