"""What is kept of a resident's applications and decisions, to take along."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental.eligibility.models import Application, Claim, Decision, Evidence
from rental.people.queries.export import EXPORTS, Part, told


def _applications(session: Session, resident_id: int) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(Application).where(Application.resident_id == resident_id).order_by(Application.id)
    )
    return [
        {
            **told(row, "code", "state", "submitted_at", "reason", "answered_at"),
            "claims": _claims(session, row.id),
            "papers": _papers(session, row.id),
        }
        for row in rows.all()
    ]


def _claims(session: Session, application_id: int) -> list[dict[str, Any]]:
    rows = session.scalars(select(Claim).where(Claim.application_id == application_id))
    names = ("ground", "certificate_number", "expires_on", "difficulties", "noted_on")
    return [told(row, *names) for row in rows]


def _papers(session: Session, application_id: int) -> list[dict[str, Any]]:
    rows = session.scalars(select(Evidence).where(Evidence.application_id == application_id))
    return [told(row, "kind", "declared_at", "seen_at", "note") for row in rows]


def _decisions(session: Session, resident_id: int) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(Decision).where(Decision.resident_id == resident_id).order_by(Decision.id)
    )
    names = ("code", "ground", "valid_from", "valid_until", "reason", "decided_at", "revoked_at")
    return [told(row, *names) for row in rows]


EXPORTS += [
    Part(
        name="applications",
        tables=frozenset({"application", "claim", "evidence"}),
        read=_applications,
    ),
    Part(name="decisions", tables=frozenset({"decision"}), read=_decisions),
]
