"""Who consented to what, and who may see it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Exists, and_, exists, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from rental.foundation.actor import Actor
from rental.foundation.errors import NotFound
from rental.foundation.words import N_
from rental.people.models import Account, ActingFor, Consent, Resident, Reveal
from rental.people.policy import (
    CONSENT_VERSION,
    MAX_ID,
    REVEAL_LASTS,
    SHOWN_FOR_A_REASON,
    Purpose,
    Relation,
    Secret,
    masked_name,
)


class RevealNotFound(NotFound):
    """The page showed the value for some minutes, to one person, and no longer does."""

    sentence = N_("这一页已经过时，内容不再显示。需要时请回到居民页面，重新填写查看原因。")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentView:
    """The present consent for one purpose.

    Attributes:
        given_by: Name of the account that noted it; empty when unknown.
        at_desk: Whether staff noted what the resident said, rather than the resident or family.
    """

    purpose: Purpose
    given_at: datetime
    given_by: str
    at_desk: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Deputy:
    """Somebody who acts for the resident.

    Attributes:
        name: For staff and the person's own eyes only; whoever names a telephone number as a
            deputy's must not learn whose it is.
        masked_name: For the resident and the other family.
    """

    id: int
    account_id: int
    name: str
    masked_name: str
    relation: Relation
    since_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Somebody looked at a masked value."""

    name: str
    which: Secret
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealView:
    """One look that may still be shown to who asked for it."""

    which: Secret
    resident_id: int
    until: datetime


def consented(resident_id: SQLCoreOperations[Any], purpose: Purpose) -> Exists:
    """Return the SQL condition that the resident consents at present, for other slices' queries."""
    return exists().where(
        Consent.resident_id == resident_id,
        Consent.purpose == purpose,
        Consent.version == CONSENT_VERSION,
        Consent.withdrawn_at.is_(None),
    )


def has_consent(session: Session, *, resident_id: int, purpose: Purpose) -> bool:
    """Tell whether the resident consents to the purpose at present."""
    found = select(Resident.id).where(Resident.id == resident_id, consented(Resident.id, purpose))
    return session.scalar(found) is not None


def missing_consents(session: Session, *, resident_id: int) -> tuple[Purpose, ...]:
    """Return the purposes to which the resident doesn't consent at present."""
    given = session.scalars(
        select(Consent.purpose).where(
            Consent.resident_id == resident_id,
            Consent.version == CONSENT_VERSION,
            Consent.withdrawn_at.is_(None),
        )
    ).all()
    return tuple(purpose for purpose in Purpose if purpose not in given)


#: How many promises to a resident can't be kept without consent; higher slices add their functions
#: when they are imported.
REST_ON_CONSENT: list[Callable[[Session, int], int]] = []


def count_resting_on_consent(session: Session, *, resident_id: int) -> int:
    """Return how many promises the resident loses by withdrawing a consent."""
    return sum(count(session, resident_id) for count in REST_ON_CONSENT)


def consents(session: Session, *, resident_id: int) -> dict[Purpose, ConsentView]:
    """Return the present consents by purpose."""
    family = exists().where(
        ActingFor.account_id == Consent.given_by, ActingFor.resident_id == Consent.resident_id
    )
    own = exists().where(
        Resident.id == Consent.resident_id, Resident.account_id == Consent.given_by
    )
    rows = session.execute(
        select(
            Consent.purpose,
            Consent.given_at,
            Account.name,
            and_(Account.id.is_not(None), ~own, ~family).label("at_desk"),
        )
        .outerjoin(Account, Account.id == Consent.given_by)
        .where(
            Consent.resident_id == resident_id,
            Consent.version == CONSENT_VERSION,
            Consent.withdrawn_at.is_(None),
        )
    )
    return {
        row.purpose: ConsentView(
            purpose=row.purpose,
            given_at=row.given_at,
            given_by=row.name or "",
            at_desk=bool(row.at_desk),
        )
        for row in rows
    }


def deputies(session: Session, *, resident_id: int) -> tuple[Deputy, ...]:
    """Return who acts for the resident at present, longest first."""
    rows = session.execute(
        select(
            ActingFor.id, ActingFor.account_id, Account.name, ActingFor.relation, ActingFor.since_at
        )
        .join(Account, Account.id == ActingFor.account_id)
        .where(ActingFor.resident_id == resident_id, ActingFor.ended_at.is_(None))
        .order_by(ActingFor.id)
    )
    return tuple(
        Deputy(
            id=row.id,
            account_id=row.account_id,
            name=row.name,
            masked_name=masked_name(row.name),
            relation=row.relation,
            since_at=row.since_at,
        )
        for row in rows
    )


def looks(session: Session, *, resident_id: int, limit: int = 50) -> tuple[Look, ...]:
    """Return who looked at masked values, newest first."""
    rows = session.execute(
        select(Account.name, Reveal.field, Reveal.reason, Reveal.at)
        .join(Account, Account.id == Reveal.account_id)
        .where(Reveal.resident_id == resident_id)
        .order_by(Reveal.id.desc())
        .limit(limit)
    )
    return tuple(
        Look(name=row.name, which=Secret(row.field), reason=row.reason, at=row.at) for row in rows
    )


def reveal(
    session: Session, *, reveal_id: int, resident_id: int, by: Actor, now: datetime
) -> RevealView:
    """Return a look of the last minutes to who asked for it.

    Raises:
        RevealNotFound: If it is somebody else's, of another resident, or over.
    """
    if reveal_id > MAX_ID:
        raise RevealNotFound
    row = session.execute(
        select(Reveal.field, Reveal.at).where(
            Reveal.id == reveal_id,
            Reveal.resident_id == resident_id,
            Reveal.account_id == by.account_id,
            Reveal.field.in_(SHOWN_FOR_A_REASON),
        )
    ).first()
    if row is None or not row.at <= now < row.at + REVEAL_LASTS:
        raise RevealNotFound
    return RevealView(which=Secret(row.field), resident_id=resident_id, until=row.at + REVEAL_LASTS)
