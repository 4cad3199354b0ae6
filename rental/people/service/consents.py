"""Consent: given and withdrawn one purpose at a time, and kept with who said so and when."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental import journal
from rental.foundation.actor import Actor
from rental.foundation.clock import Moment
from rental.people import queries
from rental.people.models import Consent, Resident
from rental.people.policy import CONSENT_VERSION, Purpose
from rental.people.service.acting import locked_resident


def give_consent(session: Session, *, code: str, purpose: Purpose, by: Actor, at: Moment) -> None:
    """Note the resident's consent; a second one changes nothing.

    Raises:
        ResidentNotFound: If there is none.
        NotYourResident: If the actor may not act for the resident.
        DataWiped: If the resident was anonymised.
    """
    row = _row(session, code, by)
    if _current(session, row, purpose) is None:
        add_consent(session, row, purpose=purpose, by=by, at=at)


def withdraw_consent(
    session: Session, *, code: str, purpose: Purpose, by: Actor, at: Moment
) -> None:
    """Note that the resident no longer consents, or never did; what was done before stays done.

    Raises:
        ResidentNotFound: If there is none.
        NotYourResident: If the actor may not act for the resident.
        DataWiped: If the resident was anonymised.
    """
    row = _row(session, code, by)
    current = _current(session, row, purpose)
    if current is not None:
        current.withdrawn_at = at.at
    journal.record(
        session,
        row,
        act="consent_withdrawn" if current is not None else "consent_refused",
        by=by,
        at=at,
        resident_id=row.id,
        details={"purpose": purpose, "version": CONSENT_VERSION},
    )


def add_consent(
    session: Session, row: Resident, *, purpose: Purpose, by: Actor, at: Moment
) -> None:
    """Add the consent; for the use cases of this slice."""
    session.add(
        Consent(
            resident_id=row.id,
            purpose=purpose,
            version=CONSENT_VERSION,
            given_by=by.account_id,
            given_at=at.at,
        )
    )
    journal.record(
        session,
        row,
        act="consent_given",
        by=by,
        at=at,
        resident_id=row.id,
        details={"purpose": purpose, "version": CONSENT_VERSION},
    )


def _row(session: Session, code: str, by: Actor) -> Resident:
    """Return the resident's row, locked.

    Raises:
        ResidentNotFound: If there is none.
        NotYourResident: If the actor may not act for the resident.
        DataWiped: If the resident was anonymised.
    """
    queries.person_to_change(session, code=code, by=by)
    return locked_resident(session, code)


def _current(session: Session, row: Resident, purpose: Purpose) -> Consent | None:
    return session.scalars(
        select(Consent).where(
            Consent.resident_id == row.id,
            Consent.purpose == purpose,
            Consent.version == CONSENT_VERSION,
            Consent.withdrawn_at.is_(None),
        )
    ).one_or_none()
