"""What a decision was made on goes with the person; that it was made stays."""

from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import Session

from rental import journal
from rental.eligibility.models import Application, Claim, Decision, Evidence
from rental.eligibility.policy.states import OPEN_STATES
from rental.foundation.actor import SYSTEM
from rental.foundation.clock import Moment
from rental.people.service import anonymising


def _keeps(resident_id: Any, since: date) -> ColumnElement[bool]:
    """Tell of an application that is open, or a paper trail that ended since then."""
    applied = exists().where(
        Application.resident_id == resident_id,
        or_(
            Application.state.in_(OPEN_STATES),
            Application.submitted_at >= datetime.combine(since, time(), UTC),
        ),
    )
    decided = exists().where(Decision.resident_id == resident_id, Decision.valid_until >= since)
    return or_(applied, decided)


def _wipe(session: Session, resident_id: int, at: Moment) -> None:
    """Wipe certificates, difficulties and reasons; what is still valid ends."""
    theirs = select(Application.id).where(Application.resident_id == resident_id)
    session.execute(
        update(Claim)
        .where(Claim.application_id.in_(theirs))
        .values(certificate_number=None, difficulties="")
    )
    session.execute(update(Evidence).where(Evidence.application_id.in_(theirs)).values(note=""))
    session.execute(
        update(Application).where(Application.resident_id == resident_id).values(reason="")
    )
    for decision in session.scalars(select(Decision).where(Decision.resident_id == resident_id)):
        decision.reason = ""
        if decision.revoked_at is None and decision.valid_until >= at.on:
            decision.revoked_at = at.at
            journal.record(
                session, decision, act="revoked", by=SYSTEM, at=at, resident_id=resident_id
            )


anonymising.KEEPS.append(_keeps)
anonymising.WIPES.append(_wipe)
