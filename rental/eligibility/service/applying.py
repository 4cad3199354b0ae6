"""Applying for eligibility, and taking the application back."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from rental import journal
from rental.eligibility import models, queries
from rental.eligibility.models import Application, Evidence
from rental.eligibility.policy import (
    ApplicationState,
    Claim,
    DisabilityClaim,
    ElderlyClaim,
    InjuryClaim,
    ensure_can_move,
    ensure_certificate_end,
    ensure_same_person,
    needs_health_consent,
    next_step,
)
from rental.eligibility.service.rows import locked
from rental.foundation.actor import Actor
from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, new_code
from rental.foundation.constraints import refusing
from rental.foundation.errors import Conflict, Invalid, NotAllowed
from rental.foundation.words import N_
from rental.notices import service as notices
from rental.notices.policy import NoticeKind
from rental.people import queries as people
from rental.people.queries import Person
from rental.people.service import hold_resident
from rental.places import queries as places


class NoGroundChosen(Invalid):
    """An application names at least one ground."""

    field = "grounds"
    sentence = N_("请至少选一类：残疾人、60 岁以上有困难的老人、伤病人员。")


class PersonalDataMissing(Conflict):
    """Neither the age nor the register of the person is known."""

    sentence = N_("还缺身份证号码或户口所在地。请先填好个人资料，再来申请。")


class ConsentMissing(Conflict):
    """The person hasn't agreed that the service keeps their data."""

    sentence = N_("还没有同意我们保存您的资料。请先到“同意书”页面看一看、点同意，再来申请。")


class HealthConsentMissing(Conflict):
    """The person hasn't agreed that the service keeps data about their health."""

    sentence = N_(
        "按残疾或伤病申请要用到健康信息，还没有得到您的单独同意。"
        "请先到“同意书”页面点同意；不愿意在网上填，也可以带材料到租赁点办理。"
    )


class ApplicationAlreadyOpen(Conflict):
    """The person already waits for an answer."""

    sentence = N_("已经有一份申请正在办理，不用再交。要改内容，请先撤回那一份，再重新申请。")


def apply(
    session: Session, *, resident_code: str, claims: Sequence[Claim], by: Actor, at: Moment
) -> str:
    """Hand in an application and return its code.

    Args:
        session: The open use-case transaction.
        resident_code: For whom; the actor may be the person, family or staff.
        claims: One claim per ground, with what the papers say as far as it is known.
        by: Who hands it in.
        at: When.

    Raises:
        NotYourResident: If the actor may not act for the person.
        NoGroundChosen: If there is no claim.
        PersonalDataMissing: If age or register are unknown.
        ConsentMissing: If the person hasn't agreed to the service.
        HealthConsentMissing: If a claim speaks of health and the person hasn't agreed to that.
        CertificateOfSomeoneElse: If the certificate bears another number than the person's.
        CertificateEndsTooLate: If no certificate holds as long as this one is said to.
        ApplicationAlreadyOpen: If one waits for an answer.
    """
    person = people.person_to_change(session, code=resident_code, by=by)
    hold_resident(session, resident_id=person.id)
    _ensure_ready(session, person, claims)
    own = queries.number_of(session, person, today=at.on)
    for claim in claims:
        if isinstance(claim, DisabilityClaim):
            ensure_certificate_end(claim.expires_on, today=at.on)
            if claim.certificate and own:
                ensure_same_person(claim.certificate, own)
    if by.account_id is None:
        raise NotAllowed
    row = Application(
        code=new_code(CodeKind.APPLICATION),
        resident_id=person.id,
        state=ApplicationState.SUBMITTED,
        submitted_at=at.at,
        submitted_by=by.account_id,
    )
    session.add(row)
    with refusing(
        "uq_application_open_resident",
        "application.resident_id",
        refusal=ApplicationAlreadyOpen(),
    ):
        session.flush()
    session.add_all(_stored(claim, row.id) for claim in claims)
    papers = queries.papers_needed(session, person, (claim.ground for claim in claims), today=at.on)
    session.add_all(
        Evidence(application_id=row.id, kind=kind, declared_at=at.at) for kind in papers
    )
    journal.record(
        session,
        row,
        act="submitted",
        by=by,
        at=at,
        resident_id=person.id,
        details={"grounds": sorted(claim.ground.value for claim in claims)},
    )
    notices.send(
        session,
        NoticeKind.APPLICATION_RECEIVED,
        resident_id=person.id,
        once=row.code,
        at=at,
        params={
            "variant": "bring",
            "bring": next_step(papers, address=places.site(session).address),
        },
    )
    return row.code


def withdraw(session: Session, *, application_code: str, by: Actor, at: Moment) -> None:
    """Take an application back.

    Raises:
        NotYourResident: If the actor may not act for the person.
        ApplicationCannotMove: If it was answered or withdrawn already.
    """
    row = locked(session, application_code)
    person = people.person_by_id(session, resident_id=row.resident_id)
    people.ensure_may_change(session, person, by=by)
    ensure_can_move(row.state, ApplicationState.WITHDRAWN)
    row.state = ApplicationState.WITHDRAWN
    row.answered_at = at.at
    journal.record(session, row, act="withdrawn", by=by, at=at, resident_id=row.resident_id)


def _ensure_ready(session: Session, person: Person, claims: Sequence[Claim]) -> None:
    """Test that nothing stands between the person and an application.

    Raises:
        NoGroundChosen: If there is no claim.
        PersonalDataMissing: If age or register are unknown.
        ConsentMissing: If the person hasn't agreed to the service.
        HealthConsentMissing: If the claims speak of health without consent.
        ApplicationAlreadyOpen: If one waits for an answer.
    """
    if not claims:
        raise NoGroundChosen
    ready = queries.readiness(session, person)
    if ready.open_application:
        raise ApplicationAlreadyOpen
    if not ready.consented:
        raise ConsentMissing
    if not ready.has_data:
        raise PersonalDataMissing
    if needs_health_consent(claims) and not ready.consented_health:
        raise HealthConsentMissing


def _stored(claim: Claim, application_id: int) -> models.Claim:
    row = models.Claim(application_id=application_id, ground=claim.ground)
    store(claim, row)
    return row


def store(claim: Claim, row: models.Claim) -> None:
    """Write what the claim says into its row."""
    match claim:
        case DisabilityClaim():
            row.certificate_number = claim.certificate.number if claim.certificate else None
            row.expires_on = claim.expires_on
        case ElderlyClaim():
            row.difficulties = ",".join(sorted(claim.difficulties))
        case InjuryClaim():
            row.noted_on = claim.noted_on
