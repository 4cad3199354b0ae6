"""The rules in force, and what they say of a person's facts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental.eligibility import models
from rental.eligibility.models import Evidence
from rental.eligibility.policy import (
    ELSEWHERE,
    Assessment,
    Attestation,
    CertificateInvalid,
    CitizenNumber,
    CitizenNumberInvalid,
    Claim,
    Declaration,
    DisabilityCertificate,
    DisabilityClaim,
    ElderlyClaim,
    EvidenceKind,
    Ground,
    InjuryClaim,
    Rules,
    assess,
    papers_for,
    read_citizen_number,
    read_disability_certificate,
)
from rental.eligibility.queries.applications import (
    claims_of,
    codes_of,
    open_application,
    row_of,
)
from rental.people import queries as people
from rental.people.policy import Purpose, Register
from rental.people.queries import Person
from rental.places import queries as places
from rental.policies import queries as policies
from rental.policies.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What stands between a person and an application."""

    has_data: bool
    consented: bool
    consented_health: bool
    open_application: str | None


def rules(session: Session, *, site_id: int | None = None) -> Rules:
    """Return the values that applications are judged by."""
    value = partial(policies.value, session, site_id=site_id)
    return Rules(
        communities=frozenset(found.code for found in places.communities(session)),
        min_age=value(Policy.MIN_AGE, ground=Ground.ELDERLY),
        admit_residence_permit=value(Policy.ADMIT_RESIDENCE_PERMIT),
        elderly_attestation=Attestation(value(Policy.ELDERLY_ATTESTATION, ground=Ground.ELDERLY)),
        difficulties=frozenset(value(Policy.DIFFICULTIES, ground=Ground.ELDERLY)),
        injury_window_days=value(Policy.INJURY_WINDOW_DAYS, ground=Ground.INJURY),
        elderly_validity_days=value(Policy.ELDERLY_VALIDITY_DAYS, ground=Ground.ELDERLY),
    )


def declared_by(
    session: Session, person: Person, claims: Iterable[Claim], *, today: date
) -> Declaration:
    """Return what is known of the person, with the claims."""
    by_id = {found.id: found.code for found in places.communities(session)}
    here = by_id.get(person.community_id or 0) if person.register is Register.HERE else None
    away = person.register in {Register.ELSEWHERE, Register.RESIDENCE_PERMIT}
    return Declaration(
        citizen_number=number_of(session, person, today=today),
        born_on=person.born_on,
        register=ELSEWHERE if away else here,
        residence_permit=person.register is Register.RESIDENCE_PERMIT,
        grounds=tuple(claims),
    )


def papers_needed(
    session: Session, person: Person, grounds: Iterable[Ground], *, today: date
) -> tuple[EvidenceKind, ...]:
    """Return the papers on which the grounds of the person rest."""
    known = declared_by(session, person, (), today=today)
    return papers_for(grounds, known, rules(session), today)


def number_of(session: Session, person: Person, *, today: date) -> CitizenNumber | None:
    """Return the person's citizen number as read, None without a sound one."""
    text = people.citizen_number(session, resident_id=person.id)
    if text is None:
        return None
    try:
        return read_citizen_number(text, today=today)
    except CitizenNumberInvalid:
        return None


def certificate_of(text: str | None, *, today: date) -> DisabilityCertificate | None:
    """Return the certificate number as read, None without a sound one."""
    if text is None:
        return None
    try:
        return read_disability_certificate(text, today=today)
    except CertificateInvalid:
        return None


def claim_of(row: models.Claim, seen: frozenset[EvidenceKind], *, today: date) -> Claim:
    """Return a stored claim as the rules read it; a difficulty is attested by its paper."""
    match row.ground:
        case Ground.DISABILITY:
            certificate = certificate_of(row.certificate_number, today=today)
            return DisabilityClaim(certificate=certificate, expires_on=row.expires_on)
        case Ground.ELDERLY:
            return ElderlyClaim(
                difficulties=frozenset(codes_of(row)),
                attested=EvidenceKind.DIFFICULTY_PROOF in seen,
            )
        case Ground.INJURY:
            return InjuryClaim(noted_on=row.noted_on)


def assessment(session: Session, *, application_code: str, today: date) -> Assessment:
    """Return what the rules say of an application today, with the papers seen so far."""
    row = row_of(session, application_code)
    seen = frozenset(
        session.scalars(
            select(Evidence.kind).where(
                Evidence.application_id == row.id, Evidence.seen_at.is_not(None)
            )
        )
    )
    person = people.person_by_id(session, resident_id=row.resident_id)
    claims = [claim_of(claim, seen, today=today) for claim in claims_of(session, [row.id])]
    return assess(declared_by(session, person, claims, today=today), rules(session), today)


def readiness(session: Session, person: Person) -> Readiness:
    """Return what stands between the person and an application."""
    found = open_application(session, person.id)
    return Readiness(
        has_data=person.knows_age and person.register is not Register.UNKNOWN,
        consented=people.has_consent(session, resident_id=person.id, purpose=Purpose.SERVICE),
        consented_health=people.has_consent(session, resident_id=person.id, purpose=Purpose.HEALTH),
        open_application=found.code if found else None,
    )
