"""The reviewer's answers: approve, refuse, ask for papers; and taking an approval back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental import journal
from rental.eligibility import queries
from rental.eligibility.models import Application, Decision, Evidence
from rental.eligibility.policy import (
    GROUND_NAMES,
    ApplicationState,
    Assessment,
    CriterionCode,
    EvidenceKind,
    Ground,
    Met,
    Reason,
    Validity,
    ensure_can_move,
    next_step,
    paper_names,
    shortened,
    validity,
)
from rental.eligibility.queries import DecisionNotFound
from rental.eligibility.service.impartial import ensure_another_submitted, ensure_impartial
from rental.eligibility.service.rows import locked, papers_of, seen_of
from rental.foundation.actor import Actor
from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, is_code, new_code
from rental.foundation.errors import Conflict, Invalid
from rental.foundation.words import N_, Named, Sentence
from rental.notices import service as notices
from rental.notices.policy import NoticeKind
from rental.people import queries as people
from rental.people.service import hold_resident
from rental.places import queries as places


class HandledMeanwhile(Conflict):
    """Somebody else has done something with the application since the page was opened."""

    sentence = N_(
        "刚刚有人处理过这份申请，或改过居民的资料，您的操作没有保存。请刷新页面，看一看最新情况再决定。"
    )


class NothingToApprove(Invalid):
    """An approval names at least one ground."""

    field = "grounds"
    sentence = N_("请至少勾选一类再通过；都不符合时请选“不通过”。")


class GroundNotClaimed(Invalid):
    """The application doesn't name the ground."""

    field = "grounds"
    sentence = N_("申请里没有“%(ground)s”这一类，请刷新页面重新勾选。")


class PapersNotSeen(Conflict):
    """Nobody has seen a paper on which the ground rests."""

    sentence = N_(
        "“%(ground)s”还不能通过：没有人看过%(papers)s。请先登记看过的材料，或请对方补材料。"
    )


class GroundNotMet(Conflict):
    """A criterion of the ground isn't met."""

    sentence = N_("“%(ground)s”还不能通过：%(reason)s请补齐资料再审核，或选“不通过”。")


class AlreadyRevoked(Conflict):
    """The decision was revoked before."""

    sentence = N_("这个资格已经撤销过了，不用再办。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One ground to approve; `until` is the reviewer's own, earlier last day."""

    ground: Ground
    until: date | None = None


def approve(
    session: Session,
    *,
    application_code: str,
    approvals: Sequence[Approval],
    note: str = "",
    seen_seq: int | None = None,
    by: Actor,
    at: Moment,
) -> tuple[str, ...]:
    """Approve an application on one or more grounds and return the decisions' codes.

    Args:
        session: The open use-case transaction.
        application_code: Which application.
        approvals: The grounds; each one's validity follows from the rules and may be shortened.
        note: The reviewer's own words, kept with the decisions.
        seen_seq: `ApplicationView.seq` of the page the reviewer decided on.
        by: The reviewer.
        at: When.

    Raises:
        OwnApplication: If the reviewer is the resident or family.
        SubmittedByYourself: If the reviewer handed it in.
        ApplicationCannotMove: If it has its answer already.
        HandledMeanwhile: If something happened to it since the page was opened.
        NothingToApprove: If no ground is named.
        GroundNotClaimed: If a ground was not applied for.
        PapersNotSeen: If a ground rests on a paper that nobody has seen.
        GroundNotMet: If a criterion isn't met.
        ValidityNotShorter: If the reviewer's last day lies outside what the rules give.
    """
    row = _to_answer(
        session, application_code, to=ApplicationState.APPROVED, seen_seq=seen_seq, by=by
    )
    ensure_another_submitted(row, by=by)
    if not approvals:
        raise NothingToApprove
    decisions = [
        Decision(
            code=new_code(CodeKind.DECISION),
            application_id=row.id,
            resident_id=row.resident_id,
            ground=approval.ground,
            valid_from=found.valid_from,
            valid_until=found.valid_until,
            reason=note,
            decided_by=by.account_id,
            decided_at=at.at,
        )
        for approval, found in _validities(session, row, approvals, today=at.on)
    ]
    session.add_all(decisions)
    row.state, row.answered_at, row.reason = ApplicationState.APPROVED, at.at, ""
    for decision in decisions:
        journal.record(
            session,
            decision,
            act="decided",
            by=by,
            at=at,
            resident_id=row.resident_id,
            details={"application": row.code},
        )
    codes = tuple(decision.code for decision in decisions)
    journal.record(
        session,
        row,
        act="approved",
        by=by,
        at=at,
        resident_id=row.resident_id,
        details={"decisions": codes},
    )
    until = max(decision.valid_until for decision in decisions)
    notices.send(
        session,
        NoticeKind.APPROVED,
        resident_id=row.resident_id,
        once=row.code,
        at=at,
        params={"until": until},
    )
    return codes


def refuse(
    session: Session,
    *,
    application_code: str,
    reason: Reason,
    seen_seq: int | None = None,
    by: Actor,
    at: Moment,
) -> None:
    """Refuse an application with a reason that the resident reads.

    Raises:
        OwnApplication: If the reviewer is the resident or family.
        ApplicationCannotMove: If it has its answer already.
        HandledMeanwhile: If something happened to it since the page was opened.
    """
    row = _to_answer(
        session, application_code, to=ApplicationState.REFUSED, seen_seq=seen_seq, by=by
    )
    row.state, row.answered_at, row.reason = ApplicationState.REFUSED, at.at, reason.stored
    _tell(session, row, NoticeKind.REFUSED, reason, by=by, at=at)


def request_papers(
    session: Session,
    *,
    application_code: str,
    papers: Sequence[EvidenceKind],
    note: str = "",
    seen_seq: int | None = None,
    by: Actor,
    at: Moment,
) -> None:
    """Ask for papers; the application waits until each of them has been seen (again).

    Raises:
        OwnApplication: If the reviewer is the resident or family.
        ApplicationCannotMove: If it has its answer, or waits for papers, already.
        HandledMeanwhile: If something happened to it since the page was opened.
    """
    row = _to_answer(
        session, application_code, to=ApplicationState.PAPERS_REQUESTED, seen_seq=seen_seq, by=by
    )
    found = papers_of(session, row)
    for kind in papers:
        if kind in found:
            found[kind].seen_by = found[kind].seen_at = None
        else:
            session.add(Evidence(application_id=row.id, kind=kind, declared_at=at.at))
    unseen = [kind for kind in EvidenceKind if kind in {*found, *papers} - seen_of(found)]
    reason = Reason(tuple(kind.value for kind in papers), note)
    row.state, row.reason = ApplicationState.PAPERS_REQUESTED, reason.stored
    more: dict[str, str | Sentence] = {
        "variant": "bring_note" if note else "bring",
        "note": note,
        "bring": next_step(unseen, address=places.site(session).address),
    }
    _tell(session, row, NoticeKind.PAPERS_REQUESTED, reason, more=more, by=by, at=at)


def revoke(session: Session, *, decision_code: str, reason: str, by: Actor, at: Moment) -> None:
    """Take an approval back; from now on the ground counts for nothing.

    Raises:
        DecisionNotFound: If no decision bears the code.
        OwnApplication: If the reviewer is the resident or family.
        AlreadyRevoked: If it was revoked before.
    """
    row = None
    if is_code(CodeKind.DECISION, decision_code):
        row = session.scalar(select(Decision).where(Decision.code == decision_code))
    if row is None:
        raise DecisionNotFound
    ensure_impartial(session, row.resident_id, by=by)
    hold_resident(session, resident_id=row.resident_id)
    session.refresh(row, with_for_update=True)
    if row.revoked_at is not None:
        raise AlreadyRevoked
    row.revoked_at, row.reason = at.at, reason
    journal.record(session, row, act="revoked", by=by, at=at, resident_id=row.resident_id)
    _tell_revoked(session, row, reason.rstrip("。. \n"), at=at)


def _tell_revoked(session: Session, row: Decision, reason: str, *, at: Moment) -> None:
    """Send the resident the reason, and whether another decision still lets them borrow."""
    left = queries.valid_decision(session, resident_id=row.resident_id, on=at.on)
    kind = NoticeKind.REVOKED
    params: dict[str, str | date | Named] = {"reason": reason}
    if left is not None:
        kind = NoticeKind.REVOKED_IN_PART
        params |= {"ground": GROUND_NAMES[row.ground], "until": left.valid_until}
    notices.send(session, kind, resident_id=row.resident_id, once=row.code, at=at, params=params)


def _to_answer(
    session: Session, code: str, *, to: ApplicationState, seen_seq: int | None, by: Actor
) -> Application:
    """Return the locked application that the reviewer may answer.

    Raises:
        OwnApplication: If the reviewer is the resident or family.
        ApplicationCannotMove: If it may not move to the state.
        HandledMeanwhile: If something happened to it since the page was opened.
    """
    row = locked(session, code)
    ensure_impartial(session, row.resident_id, by=by)
    ensure_can_move(row.state, to)
    if seen_seq is not None and seen_seq != row.journal_seq:
        raise HandledMeanwhile
    return row


def _validities(
    session: Session, row: Application, approvals: Sequence[Approval], *, today: date
) -> list[tuple[Approval, Validity]]:
    """Return each approval with its validity.

    Raises:
        GroundNotClaimed: If a ground was not applied for.
        PapersNotSeen: If a ground rests on a paper that nobody has seen.
        GroundNotMet: If a criterion isn't met.
        ValidityNotShorter: If the reviewer's last day lies outside what the rules give.
    """
    rules = queries.rules(session)
    claims = {claim.ground: claim for claim in queries.claims_of(session, [row.id])}
    seen = seen_of(papers_of(session, row))
    person = people.person_by_id(session, resident_id=row.resident_id)
    assessed = queries.assessment(session, application_code=row.code, today=today)
    found = []
    for approval in approvals:
        claim = claims.get(approval.ground)
        if claim is None:
            raise GroundNotClaimed(ground=GROUND_NAMES[approval.ground])
        needed = queries.papers_needed(session, person, [approval.ground], today=today)
        _ensure_seen(approval.ground, needed, seen)
        _ensure_met(approval.ground, assessed)
        computed = validity(
            approval.ground,
            decided_on=today,
            rules=rules,
            paper_until=claim.expires_on,
            noted_on=claim.noted_on,
        )
        found.append((approval, shortened(computed, approval.until)))
    return found


def _ensure_seen(
    ground: Ground, needed: Sequence[EvidenceKind], seen: frozenset[EvidenceKind]
) -> None:
    """Test that somebody has seen every paper on which the ground rests.

    Raises:
        PapersNotSeen: If one is missing.
    """
    missing = [kind for kind in needed if kind not in seen]
    if missing:
        raise PapersNotSeen(ground=GROUND_NAMES[ground], papers=paper_names(missing))


def _ensure_met(ground: Ground, assessed: Assessment) -> None:
    """Test that the register and every criterion of the ground are met.

    Raises:
        GroundNotMet: If one is not, or not known.
    """
    for criterion in assessed.criteria:
        counts = criterion.code is CriterionCode.REGISTER or criterion.ground is ground
        if counts and criterion.met is not Met.YES:
            raise GroundNotMet(ground=GROUND_NAMES[ground], reason=criterion.reason)


def _tell(
    session: Session,
    row: Application,
    kind: NoticeKind,
    reason: Reason,
    *,
    more: Mapping[str, str | Sentence] = MappingProxyType({}),
    by: Actor,
    at: Moment,
) -> None:
    """Journal the answer and send the resident its reason, with more values of the message."""
    journal.record(
        session,
        row,
        act=row.state.value,
        by=by,
        at=at,
        resident_id=row.resident_id,
        details={"reasons": reason.codes},
    )
    notices.send(
        session,
        kind,
        resident_id=row.resident_id,
        once=f"{row.code}:{row.journal_seq}",
        at=at,
        params={"reason": reason.said, **more},
    )
