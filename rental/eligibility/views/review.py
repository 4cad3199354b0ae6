"""The reviewer's desk: the queue, one application, the answers, and taking approvals back."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.eligibility import presenters, queries, service
from rental.eligibility.forms import ApproveForm, RefuseForm, RequestForm, RevokeForm
from rental.eligibility.policy import (
    GROUND_NAMES,
    ApplicationState,
    CertificateEndsTooLate,
    Ground,
    PaperDateMissing,
    PaperHasEnded,
    Validity,
    ValidityNotShorter,
    validity,
)
from rental.eligibility.queries import ApplicationView
from rental.eligibility.service import Approval
from rental.eligibility.views import bp
from rental.foundation import clock
from rental.foundation.actor import REVIEWS
from rental.foundation.database import reading, transaction
from rental.journal import queries as journal
from rental.people import queries as people
from rental.places import queries as places
from rental.web.access import actor, staff
from rental.web.links import resident_page
from rental.web.parts import Pages
from rental.web.say import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The three forms of the reviewer's page; ids differ by prefix."""

    approve: ApproveForm
    refuse: RefuseForm
    request: RequestForm


@bp.get("/review")
@staff(*REVIEWS)
def review_queue() -> ResponseReturnValue:
    """List applications, the longest waiting first; the filters live in the address."""
    session = reading()
    state = request.args.get("state", "")
    ground = request.args.get("ground", "")
    number = request.args.get("page", 1, type=int)
    found = queries.queue(
        session,
        state=ApplicationState(state) if state in set(ApplicationState) else None,
        ground=Ground(ground) if ground in set(Ground) else None,
        page=number if 0 < number < 10**6 else 1,
    )
    residents = people.persons_by_id(session, [line.resident_id for line in found.lines])
    kept = {"state": state, "ground": ground}
    return render_template(
        "eligibility/queue.html",
        found=found,
        residents=residents,
        view=presenters,
        states=_state_links(kept),
        grounds=_ground_links(kept),
        paging=Pages(
            found.number,
            found.pages,
            lambda n: _queue_address({**kept, "page": str(n)}),
        ),
        today=clock.now().on,
    )


@bp.get("/review/<string:application_code>")
@staff(*REVIEWS)
def review(application_code: str) -> ResponseReturnValue:
    """Show everything that a decision needs."""
    found = queries.application(reading(), code=application_code)
    return _page(found, _answers(found))


@bp.post("/review/<string:application_code>/approve")
@staff(*REVIEWS)
def approve(application_code: str) -> ResponseReturnValue:
    """Approve on the grounds ticked."""
    found = queries.application(reading(), code=application_code)
    answers = _answers(found)
    form = answers.approve
    if not form.validate():
        return _page(found, answers, wrong=form), 422
    approvals = [
        Approval(ground=ground, until=form.until(ground))
        for ground in map(Ground, form.grounds.data)
    ]
    try:
        with transaction() as session:
            service.approve(
                session,
                application_code=found.code,
                approvals=approvals,
                note=form.note.data or "",
                seen_seq=form.seq,
                by=actor(),
                at=clock.now(),
            )
    except ValidityNotShorter as refusal:
        for approval in approvals:
            if approval.until:
                form.refuse(f"{approval.ground.value}_until", say(refusal.said))
        return _page(found, answers, wrong=form), 422
    except (service.PapersNotSeen, service.GroundNotMet) as refusal:
        form.refuse("grounds", say(refusal.said))
        return _page(found, answers, wrong=form), 409
    flash(_("已通过，居民会收到通知。"), "success")
    return redirect(url_for("eligibility.review", application_code=found.code), 303)


@bp.post("/review/<string:application_code>/refuse")
@staff(*REVIEWS)
def refuse(application_code: str) -> ResponseReturnValue:
    """Refuse with a reason."""
    found = queries.application(reading(), code=application_code)
    answers = _answers(found)
    form = answers.refuse
    is_sound = form.validate()
    reason = form.said() if is_sound else None
    if reason is None or form.errors:
        return _page(found, answers, wrong=form), 422
    with transaction() as session:
        service.refuse(
            session,
            application_code=found.code,
            reason=reason,
            seen_seq=form.seq,
            by=actor(),
            at=clock.now(),
        )
    flash(_("已答复“不通过”，居民会收到原因。"), "success")
    return redirect(url_for("eligibility.review", application_code=found.code), 303)


@bp.post("/review/<string:application_code>/request-papers")
@staff(*REVIEWS)
def request_papers(application_code: str) -> ResponseReturnValue:
    """Ask for papers."""
    found = queries.application(reading(), code=application_code)
    answers = _answers(found)
    form = answers.request
    if not form.validate():
        return _page(found, answers, wrong=form), 422
    with transaction() as session:
        service.request_papers(
            session,
            application_code=found.code,
            papers=form.kinds,
            note=form.note.data or "",
            seen_seq=form.seq,
            by=actor(),
            at=clock.now(),
        )
    flash(_("已请居民补材料。材料看齐后，这份申请会自动回到待审核。"), "success")
    return redirect(url_for("eligibility.review", application_code=found.code), 303)


@bp.get("/review/decisions/<string:decision_code>/revoke")
@staff(*REVIEWS)
def revoke_page(decision_code: str) -> ResponseReturnValue:
    """Ask why."""
    return _revoke_page(decision_code, RevokeForm())


@bp.post("/review/decisions/<string:decision_code>/revoke")
@staff(*REVIEWS)
def revoke(decision_code: str) -> ResponseReturnValue:
    """Take the approval back."""
    form = RevokeForm()
    if not form.validate():
        return _revoke_page(decision_code, form), 422
    with transaction() as session:
        service.revoke(
            session,
            decision_code=decision_code,
            reason=form.reason.data,
            by=actor(),
            at=clock.now(),
        )
    found = queries.decision(reading(), code=decision_code)
    flash(_("资格已经撤销，居民会收到原因。最好再打个电话，说清下一步。"), "success")
    return redirect(url_for("eligibility.review", application_code=found.application_code), 303)


def _revoke_page(decision_code: str, form: RevokeForm) -> str:
    session = reading()
    found = queries.decision(session, code=decision_code)
    application = queries.application(session, code=found.application_code)
    return render_template(
        "eligibility/revoke.html",
        decision=found,
        person=people.person_by_id(session, resident_id=application.resident_id),
        view=presenters,
        form=form,
    )


def _answers(found: ApplicationView) -> Answers:
    """Return the three forms; each reads only what carries its prefix."""
    answers = Answers(
        approve=ApproveForm(prefix="approve-"),
        refuse=RefuseForm(prefix="refuse-"),
        request=RequestForm(prefix="papers-"),
    )
    answers.approve.offer(found.grounds)
    answers.request.offer(paper.kind for paper in found.papers)
    return answers


def _page(
    found: ApplicationView,
    answers: Answers,
    *,
    wrong: ApproveForm | RefuseForm | RequestForm | None = None,
) -> str:
    session = reading()
    today = clock.now().on
    person = people.person_by_id(session, resident_id=found.resident_id)
    assessment = queries.assessment(session, application_code=found.code, today=today)
    happenings = journal.history(session, subject=f"application:{found.code}")
    ids = [
        found.submitted_by,
        *(line.actor_id for line in happenings),
        *(paper.seen_by for paper in found.papers),
    ]
    names = people.account_names(session, ids)
    community = next(
        (c.name for c in places.communities(session) if c.id == person.community_id), None
    )
    return render_template(
        "eligibility/review.html",
        application=found,
        person=person,
        home=resident_page(person.code),
        community=community,
        tag=presenters.state_tag(found.state),
        groups=presenters.groups(assessment),
        verdict=presenters.verdict(assessment),
        met=assessment.met_grounds,
        validities=_validities(found, today),
        names=names,
        events=presenters.timeline(happenings, names, latest=found.reason),
        view=presenters,
        answers=answers,
        wrong=wrong,
        form=wrong or answers.approve,
        today=today,
    )


def _validities(found: ApplicationView, today: date) -> dict[Ground, Validity | str]:
    """Return for each ground what the rules give today, or why they give nothing."""
    rules = queries.rules(reading())
    results: dict[Ground, Validity | str] = {}
    for claim in found.claims:
        try:
            results[claim.ground] = validity(
                claim.ground,
                decided_on=today,
                rules=rules,
                paper_until=claim.expires_on,
                noted_on=claim.noted_on,
            )
        except (PaperDateMissing, PaperHasEnded, CertificateEndsTooLate) as refusal:
            results[claim.ground] = say(refusal.said)
    return results


def _state_links(kept: dict[str, str]) -> list[tuple[str, str, bool]]:
    links = [(_("等待答复"), _queue_address({**kept, "state": ""}), not kept["state"])]
    for state in ApplicationState:
        address = _queue_address({**kept, "state": state.value})
        links.append((presenters.state_tag(state).word, address, kept["state"] == state.value))
    return links


def _ground_links(kept: dict[str, str]) -> list[tuple[str, str, bool]]:
    links = [(_("全部类型"), _queue_address({**kept, "ground": ""}), not kept["ground"])]
    for ground in Ground:
        address = _queue_address({**kept, "ground": ground.value})
        links.append((say(GROUND_NAMES[ground]), address, kept["ground"] == ground.value))
    return links


def _queue_address(kept: dict[str, str]) -> str:
    asked = urlencode({name: value for name, value in kept.items() if value})
    return url_for("eligibility.review_queue") + (f"?{asked}" if asked else "")
