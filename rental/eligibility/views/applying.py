"""Applying for oneself, for family, or at the desk for a resident."""

from datetime import date

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.eligibility import presenters, queries, service
from rental.eligibility.forms import ApplyForm, carried
from rental.eligibility.policy import (
    HEALTH_DIFFICULTIES,
    Claim,
    Rules,
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
from rental.people.queries import Person
from rental.places import queries as places
from rental.web.access import actor, signed_in
from rental.web.links import resident_page
from rental.web.say import say


@bp.get("/residents/<string:code>/apply")
@signed_in
def apply_page(code: str) -> ResponseReturnValue:
    """Show what to fill in, or what must be done first."""
    session = reading()
    person = people.person_to_change(session, code=code, by=actor())
    ready = queries.readiness(session, person)
    if ready.open_application:
        flash(say(service.ApplicationAlreadyOpen().said), "info")
        return redirect(_address(code, ready.open_application), 303)
    form = _form(queries.rules(session), ready)
    return _page(person, ready, form)


@bp.post("/residents/<string:code>/apply")
@signed_in
def apply(code: str) -> ResponseReturnValue:
    """Check the answers, change them, or hand in."""
    session = reading()
    person = people.person_to_change(session, code=code, by=actor())
    ready = queries.readiness(session, person)
    rules = queries.rules(session)
    form = _form(rules, ready)
    is_sound = form.validate()
    moment = clock.now()
    own = queries.number_of(session, person, today=moment.on)
    claims = form.claims(today=moment.on, own=own)
    _complain(form, claims, ready)
    if not is_sound or form.errors:
        return _page(person, ready, form), 422
    if form.step.data == "change":
        return _page(person, ready, form)
    if form.step.data == "send":
        with transaction() as writing:
            found = service.apply(writing, resident_code=code, claims=claims, by=actor(), at=moment)
        flash(_("申请已经交上来了。"), "success")
        return redirect(_address(code, found), 303)
    return _check_answers(person, form, claims, rules=rules, today=moment.on)


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
        events=presenters.timeline(happenings, names),
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


def _form(rules: Rules, ready: Readiness) -> ApplyForm:
    """Return the form; without consent to health data it doesn't ask for any."""
    form = ApplyForm()
    form.offer(
        rules.difficulties - (frozenset() if ready.consented_health else HEALTH_DIFFICULTIES)
    )
    return form


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
        form=form,
    )


def _check_answers(
    person: Person,
    form: ApplyForm,
    claims: tuple[Claim, ...],
    *,
    rules: Rules,
    today: date,
) -> str:
    declaration = queries.declared_by(reading(), person, claims, today=today)
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
