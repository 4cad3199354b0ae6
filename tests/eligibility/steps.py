"""What tests of eligibility do first."""

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental.eligibility import queries, service
from rental.eligibility.policy import (
    Claim,
    ElderlyClaim,
    EvidenceKind,
    Ground,
    PaperFacts,
    Reason,
    RefusalReason,
)
from rental.eligibility.service import Approval
from rental.foundation.clock import Moment
from rental.foundation.database import db, reading, transaction
from rental.journal import queries as journal
from rental.notices.models import Notice
from tests.cast import RESIDENTS, Cast, fake_number

DIBAO = ElderlyClaim(difficulties=frozenset({"dibao"}))
PAPERS = (EvidenceKind.REGISTER_PAGE, EvidenceKind.IDENTITY_CARD)


def number_of(login: str) -> str:
    number = RESIDENTS[login][1]
    return fake_number(number[:6], number[6:14], number[14:17])


def hand_in(
    cast: Cast, at: Moment, *claims: Claim, login: str = "wang-guilan", by: str | None = None
) -> str:
    with transaction() as session:
        return service.apply(
            session,
            resident_code=cast.resident[login].code,
            claims=claims or (DIBAO,),
            by=cast.actor(by or login),
            at=at,
        )


def see(
    cast: Cast,
    at: Moment,
    code: str,
    kind: EvidenceKind,
    read: PaperFacts | None = None,
    by: str = "clerk",
) -> None:
    with transaction() as session:
        service.mark_seen(
            session,
            application_code=code,
            kind=kind,
            read=read or PaperFacts(),
            by=cast.actor(by),
            at=at,
        )


def ready(cast: Cast, at: Moment) -> str:
    """Return an elderly application of which every paper was seen."""
    code = hand_in(cast, at)
    for kind in (*PAPERS, EvidenceKind.DIFFICULTY_PROOF):
        see(cast, at, code, kind)
    return code


def approve(
    cast: Cast, at: Moment, code: str, *approvals: Approval, by: str = "reviewer", **more: int
) -> tuple[str, ...]:
    with transaction() as session:
        return service.approve(
            session,
            application_code=code,
            approvals=approvals or (Approval(ground=Ground.ELDERLY),),
            by=cast.actor(by),
            at=at,
            seen_seq=more.get("seen_seq"),
        )


def refuse(cast: Cast, at: Moment, code: str, by: str = "reviewer") -> None:
    with transaction() as session:
        service.refuse(
            session,
            application_code=code,
            reason=Reason((RefusalReason.OTHER.value,), "说明"),
            by=cast.actor(by),
            at=at,
        )


def view(code: str) -> queries.ApplicationView:
    db.session.rollback()
    return queries.application(reading(), code=code)


def notices(session: Session, resident_id: int) -> dict[str, dict[str, object]]:
    rows = session.execute(
        select(Notice.kind, Notice.params).where(Notice.resident_id == resident_id)
    )
    return {kind.value: json.loads(params) for kind, params in rows}


def acts(code: str) -> list[str]:
    found = journal.history(reading(), subject=f"application:{code}")
    return [line.act for line in found][::-1]
