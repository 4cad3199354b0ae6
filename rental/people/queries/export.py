"""Everything that is kept about one resident, to take along."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental.foundation.database import Base
from rental.journal import queries as journal
from rental.notices import queries as notices
from rental.people.models import Account, ActingFor, Consent, Resident
from rental.people.policy import masked_name
from rental.people.queries.consents import looks
from rental.people.queries.residents import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one slice keeps about a resident.

    Attributes:
        name: Its name in the file.
        tables: The tables that it tells of.
        read: Takes the resident's key and returns JSON.
    """

    name: str
    tables: frozenset[str]
    read: Callable[[Session, int], list[dict[str, Any]]]


#: The tables that `own_data` tells of by itself.
OWN_TABLES = frozenset({"resident", "consent", "acting_for", "reveal", "notice"})

#: What else is kept about a resident. Higher slices add theirs.
EXPORTS: list[Part] = []


def told(row: Base, *names: str) -> dict[str, Any]:
    """Return columns of a row as JSON; days and moments in ISO 8601."""
    values = {name: getattr(row, name) for name in names}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }


def own_data(session: Session, found: Person) -> dict[str, Any]:
    """Return everything that is kept about the resident as JSON, each slice's part by its name.

    The caller has tested that the actor may have it.
    """
    row = session.get_one(Resident, found.id)
    return {
        "code": row.code,
        "state": row.state.value,
        "name": row.name,
        "citizen_number": row.citizen_number,
        "born_on": row.born_on,
        "phone": row.phone,
        "address": row.address,
        "register": row.register.value,
        "community_id": row.community_id,
        "grid_id": row.grid_id,
        "lives_alone": row.lives_alone,
        "created_at": row.created_at.isoformat(),
        "consents": _consents(session, row.id),
        "acting_for_you": _acting(session, row.id),
        "looked_at_by": [
            {
                "name": one.name,
                "field": one.which.value,
                "reason": one.reason,
                "at": one.at.isoformat(),
            }
            for one in looks(session, resident_id=row.id, limit=1000)
        ],
        "messages": [
            {"title": str(one.title), "body": str(one.body), "at": one.created_at.isoformat()}
            for one in notices.of_resident(session, resident_id=row.id, limit=1000)
        ],
        "history": [
            {"act": one.act, "at": one.at.isoformat()}
            for one in journal.history(session, subject=row.journal_name, limit=1000)
        ],
        **{part.name: part.read(session, row.id) for part in EXPORTS},
    }


def own_account(session: Session, *, account_id: int) -> dict[str, Any]:
    """Return what is kept about the account itself; never the password."""
    row = session.get_one(Account, account_id)
    return {
        "login": row.login,
        "name": row.name,
        "phone": row.phone,
        "created_at": row.created_at.isoformat(),
    }


def _acting(session: Session, resident_id: int) -> list[dict[str, Any]]:
    rows = session.execute(
        select(ActingFor, Account.name)
        .join(Account, Account.id == ActingFor.account_id)
        .where(ActingFor.resident_id == resident_id)
        .order_by(ActingFor.id)
    )
    return [
        {"name": masked_name(name), **told(row, "relation", "since_at", "ended_at")}
        for row, name in rows
    ]


def _consents(session: Session, resident_id: int) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(Consent).where(Consent.resident_id == resident_id).order_by(Consent.id)
    )
    return [told(row, "purpose", "version", "given_at", "withdrawn_at") for row in rows]
