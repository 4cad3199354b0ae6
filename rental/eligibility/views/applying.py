"""Applying for oneself, for family, or at the desk for a resident."""

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.eligibility import presenters, queries, service
from rental.eligibility.forms import ApplyForm, carried
from rental.eligibility.policy import (
    HEALTH_DIFFICULTIES,
    Claim,
    assess,
    needs_health_consent,
    next_step,
)
from rental.eligibility.queries import ApplicationNotFound, ApplicationView, Readiness
from rental.eligibility.views import bp
from rental.foundation import clock
from rental.foundation.database import reading, transaction
from rental.journal import queries as journal
from rental.people import queries as people
from rental.people.policy import still_missing
from rental.people.queries import Person
from rental.places import queries as places
from rental.web import drafts
from rental.web.access import actor, signed_in
from rental.web.links import resident_page
from rental.web.say import say


@bp.get("/residents/<string:code>/apply")
@signed_in
def apply_page(code: str) -> ResponseReturnValue:
    """Show what to fill in, or what must be done first; with the answers, to change them."""
    person, ready = _who(code)
    if ready.open_application:
        return _to_the_open_one(code, ready.open_application)
    wanted = "change" in request.args
    answers = drafts.read(path=_path(code)) if wanted else None
    form = _form(ready, answers)
    if answers is not None:
        _claims(form, person, ready)
    elif wanted:
        flash(_("没有提交的内容只留 15 分钟，现在没有了。请再填一次。"), "info")
    return _page(person, ready, form)


@bp.post("/residents/<string:code>/apply")
@signed_in
def apply(code: str) -> ResponseReturnValue:
    """Lead on to check the answers, or back to change them; or hand in."""
    person, ready = _who(code)
    form = _form(ready, request.form)
    claims = _claims(form, person, ready)
    again = bool(form.errors) or form.step.data == "change"
    if form.step.data == "send" and not again:
        at = clock.now()
        with transaction() as writing:
            found = service.apply(writing, resident_code=code, claims=claims, by=actor(), at=at)
        flash(_("申请已经交上来了。"), "success")
        answer = make_response(redirect(_address(code, found), 303))
        return drafts.forget(answer, path=_path(code))
    address = _path(code, change=True) if again else url_for(".check_page", code=code)
    led = drafts.lead_to(address, carried(form), path=_path(code))
    if led is not None:
        return led
    if again:
        return _page(person, ready, form), 422 if form.errors else 200
    return _check_answers(person, form, claims)


@bp.get("/residents/<string:code>/apply/check")
@signed_in
def check_page(code: str) -> ResponseReturnValue:
    """Show the answers, to check them before they are handed in."""
    person, ready = _who(code)
    if ready.open_application:
        return _to_the_open_one(code, ready.open_application)
    answers = drafts.read(path=_path(code))
    if answers is None:
        return redirect(_path(code, change=True), 303)
    form = _form(ready, answers)
    claims = _claims(form, person, ready)
    if form.errors:
        return redirect(_path(code, change=True), 303)
    return _check_answers(person, form, claims)


@bp.get("/residents/<string:code>/applications/<string:application_code>")
@signed_in
def application(code: str, application_code: str) -> ResponseReturnValue:
    """Show an application with its papers and history."""
    session = reading()
    person = people.person_for(session, code=code, by=actor())
    found = of_person(person, application_code)
    happenings = journal.history(session, subject=f"application:{found.code}")
    ids = [*(line.actor_id for line in happenings), *(paper.seen_by for paper in found.papers)]
    names = people.account_names(session, ids)
    return render_template(
        "eligibility/application.html",
        person=person,
        home=resident_page(person.code),
        application=found,
        tag=presenters.state_tag(found.state),
        view=presenters,
        names=names,
        events=presenters.timeline(happenings, names, latest=found.reason),
        next_step=next_step(found.unseen, address=places.site(session).address),
        may_see=actor().has(*service.MAY_SEE),
        may_change=people.may_change(session, person, by=actor()),
        today=clock.now().on,
    )


@bp.post("/residents/<string:code>/applications/<string:application_code>/withdraw")
@signed_in
def withdraw(code: str, application_code: str) -> ResponseReturnValue:
    """Take the application back."""
    session = reading()
    person = people.person_to_change(session, code=code, by=actor())
    found = of_person(person, application_code)
    with transaction() as writing:
        service.withdraw(writing, application_code=found.code, by=actor(), at=clock.now())
    flash(_("申请已经撤回。需要时可以重新申请。"), "success")
    return redirect(_address(code, found.code), 303)


def of_person(person: Person, application_code: str) -> ApplicationView:
    """Return the application, if it is the person's.

    Raises:
        ApplicationNotFound: If there is none, or it is somebody else's.
    """
    found = queries.application(reading(), code=application_code)
    if found.resident_id != person.id:
        raise ApplicationNotFound
    return found


def _address(code: str, application_code: str) -> str:
    return url_for("eligibility.application", code=code, application_code=application_code)


def _path(code: str, *, change: bool = False) -> str:
    return url_for(".apply_page", code=code, change=1 if change else None)


def _to_the_open_one(code: str, application_code: str) -> ResponseReturnValue:
    flash(say(service.ApplicationAlreadyOpen().said), "info")
    return redirect(_address(code, application_code), 303)


def _who(code: str) -> tuple[Person, Readiness]:
    """Return the resident to apply for, and what is still missing."""
    session = reading()
    person = people.person_to_change(session, code=code, by=actor())
    return person, queries.readiness(session, person)


def _form(ready: Readiness, answers: drafts.Answers | None) -> ApplyForm:
    """Return the form; without consent to health data it doesn't ask for any."""
    form = ApplyForm(formdata=answers)
    form.offer(
        queries.rules(reading()).difficulties
        - (frozenset() if ready.consented_health else HEALTH_DIFFICULTIES)
    )
    return form


def _claims(form: ApplyForm, person: Person, ready: Readiness) -> tuple[Claim, ...]:
    """Return the claims; what is wrong stands beside its field afterwards."""
    form.validate()
    today = clock.now().on
    own = queries.number_of(reading(), person, today=today)
    claims = form.claims(today=today, own=own)
    _complain(form, claims, ready)
    return claims


def _complain(form: ApplyForm, claims: tuple[Claim, ...], ready: Readiness) -> None:
    """Put beside the grounds what the service would refuse."""
    if not claims and not form.errors:
        form.refuse("grounds", say(service.NoGroundChosen().said))
    if needs_health_consent(claims) and not ready.consented_health:
        form.refuse("grounds", say(service.HealthConsentMissing().said))


def _page(person: Person, ready: Readiness, form: ApplyForm) -> str:
    return render_template(
        "eligibility/apply.html",
        person=person,
        home=resident_page(person.code),
        ready=ready,
        missing=still_missing(knows_age=person.knows_age, register=person.register),
        form=form,
    )


def _check_answers(person: Person, form: ApplyForm, claims: tuple[Claim, ...]) -> str:
    session, today = reading(), clock.now().on
    rules = queries.rules(session)
    declaration = queries.declared_by(session, person, claims, today=today)
    assessment = assess(declaration, rules, today)
    return render_template(
        "eligibility/check_answers.html",
        person=person,
        home=resident_page(person.code),
        claims=claims,
        view=presenters,
        verdict=presenters.verdict(assessment),
        groups=presenters.groups(assessment),
        to_bring=presenters.to_bring(assessment, declaration, rules, today=today),
        carried=carried(form),
    )
