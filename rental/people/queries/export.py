"""Everything this slice keeps about one resident, to take along."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental.journal import queries as journal
from rental.notices import queries as notices
from rental.people.models import Account, Consent, Resident
from rental.people.queries.consents import deputies, looks
from rental.people.queries.residents import Person


def own_data(session: Session, found: Person) -> dict[str, Any]:
    """Return the resident's personal data as JSON: what, consents, who acts, who looked.

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
        "acting_for_you": [
            {
                "name": one.masked_name,
                "relation": one.relation.value,
                "since": one.since_at.isoformat(),
            }
            for one in deputies(session, resident_id=row.id)
        ],
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


def _consents(session: Session, resident_id: int) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(Consent).where(Consent.resident_id == resident_id).order_by(Consent.id)
    )
    return [
        {
            "purpose": row.purpose.value,
            "version": row.version,
            "given_at": row.given_at.isoformat(),
            "withdrawn_at": row.withdrawn_at.isoformat() if row.withdrawn_at else None,
        }
        for row in rows
    ]
