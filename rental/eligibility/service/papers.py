"""Seeing papers: who saw which one when, and what it says."""

from sqlalchemy.orm import Session

from rental import journal
from rental.eligibility import queries
from rental.eligibility.models import Application
from rental.eligibility.policy import (
    APPLICATION_STATE_NAMES,
    GROUND_PAPERS,
    OPEN_STATES,
    ApplicationState,
    EvidenceKind,
    PaperFacts,
    ensure_certificate_end,
    ensure_same_person,
    settled,
)
from rental.eligibility.service.applying import store
from rental.eligibility.service.impartial import ensure_impartial
from rental.eligibility.service.rows import locked, papers_of, seen_of
from rental.foundation.actor import AT_DESK, REVIEWS, Actor, Role
from rental.foundation.clock import Moment
from rental.foundation.errors import Conflict, NotAllowed, NotFound
from rental.foundation.words import N_
from rental.people import queries as people

MAY_SEE = AT_DESK | REVIEWS | {Role.GRID_WORKER}
"""Who may record that they have seen a paper; grid workers only for their own grid."""


class ApplicationClosed(Conflict):
    """The application has its answer already."""

    sentence = N_("这份申请已经是“%(state)s”，不用再登记材料。需要时请重新提交申请。")


class PaperNotAsked(NotFound):
    """The application doesn't need such a paper."""

    sentence = N_("这份申请不需要这种材料。请返回申请页面重新选择。")


def mark_seen(
    session: Session,
    *,
    application_code: str,
    kind: EvidenceKind,
    read: PaperFacts,
    note: str = "",
    by: Actor,
    at: Moment,
) -> None:
    """Record that somebody has seen a paper, and correct the claim by what it says.

    Once nothing is missing of what the reviewer asked for, the application waits for the
    reviewer again. A paper may be seen twice; the last one counts, the journal keeps both.

    Raises:
        OwnApplication: If whoever saw it is the resident or family.
        ApplicationClosed: If it was answered.
        PaperNotAsked: If it needs no such paper.
        CertificateOfSomeoneElse: If the certificate bears another number than the person's.
        CertificateEndsTooLate: If no certificate holds as long as this one is said to.
    """
    if not by.has(*MAY_SEE):
        raise NotAllowed
    row = locked(session, application_code)
    person = people.person_by_id(session, resident_id=row.resident_id)
    people.person_for(session, code=person.code, by=by)
    ensure_impartial(session, row.resident_id, by=by)
    if row.state not in OPEN_STATES:
        raise ApplicationClosed(state=APPLICATION_STATE_NAMES[row.state])
    papers = papers_of(session, row)
    if kind not in papers:
        raise PaperNotAsked
    own = queries.number_of(session, person, today=at.on)
    if read.certificate and own:
        ensure_same_person(read.certificate, own)
    ensure_certificate_end(read.expires_on, today=at.on)
    papers[kind].seen_by, papers[kind].seen_at = by.account_id, at.at
    papers[kind].note = note
    _settle(session, row, kind, read, at=at)
    complete = set(papers) == seen_of(papers)
    if row.state is ApplicationState.PAPERS_REQUESTED and complete:
        row.state = ApplicationState.SUBMITTED
        row.reason = ""
    journal.record(
        session,
        row,
        act="paper_seen",
        by=by,
        at=at,
        resident_id=row.resident_id,
        details={"paper": kind.value, "expires_on": read.expires_on, "noted_on": read.noted_on},
    )


def _settle(
    session: Session, row: Application, kind: EvidenceKind, read: PaperFacts, *, at: Moment
) -> None:
    """Correct the claim that the paper proves, if it proves one."""
    for claim in queries.claims_of(session, [row.id]):
        if GROUND_PAPERS[claim.ground] is kind:
            store(settled(queries.claim_of(claim, frozenset(), today=at.on), read), claim)
            session.add(claim)
