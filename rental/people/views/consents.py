"""Consent, one purpose at a time."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.foundation import clock
from rental.foundation.database import reading, transaction
from rental.people import forms, queries, service
from rental.people.policy import Purpose, Register
from rental.people.views import bp
from rental.people.views.residents import LAST_STEP, is_family, may_change, to_change
from rental.web.access import actor, signed_in
from rental.web.links import resident_page
from rental.web.pages import safe_next


@bp.get("/residents/<string:code>/consent")
@signed_in
def consent_page(code: str) -> str:
    """Say what health data are used for, and ask; show what was consented to."""
    session = reading()
    found = queries.person_for(session, code=code, by=actor())
    given = queries.consents(session, resident_id=found.id)
    return render_template(
        "people/consent.html",
        person=found,
        health=given.get(Purpose.HEALTH),
        service=given.get(Purpose.SERVICE),
        promises=queries.count_resting_on_consent(session, resident_id=found.id),
        step=request.args.get("step", ""),
        wanted=safe_next(request.args.get("next"), ""),
        home=resident_page(code),
        family=is_family(found),
        may_change=may_change(found),
    )


@bp.post("/residents/<string:code>/consent")
@signed_in
def answer_consent(code: str) -> ResponseReturnValue:
    """Note a yes or a no, and go on to what is still to be said."""
    form = forms.ConsentForm()
    if not form.validate():
        abort(422)
    own = is_family(to_change(code))
    purpose, yes = Purpose(form.purpose.data), form.answer.data == "yes"
    act = service.give_consent if yes else service.withdraw_consent
    with transaction() as session:
        act(session, code=code, purpose=purpose, by=actor(), at=clock.now())
    flash(_sentence(purpose, yes=yes) if own else _noted(purpose, yes=yes), "success")
    return redirect(_next_page(code, form.next.data), 303)


def _sentence(purpose: Purpose, *, yes: bool) -> str:
    if yes:
        return str(_("已记下您的同意。您随时可以在这里撤回。"))
    if purpose is Purpose.HEALTH:
        return str(_("已记下：不使用健康和残疾情况。您随时可以改主意。"))
    return str(_("已撤回同意。以后需要借器具时，可以再同意。"))


def _noted(purpose: Purpose, *, yes: bool) -> str:
    """Return what the desk reads that has noted the resident's answer."""
    if yes:
        return str(_("已记下居民的同意。"))
    if purpose is Purpose.HEALTH:
        return str(_("已记下：居民不同意使用健康和残疾情况，随时可以改主意。"))
    return str(_("已撤回居民的同意。以后需要借器具时，可以再同意。"))


def _next_page(code: str, wanted: str | None) -> str:
    """Return the details when they are still missing, else what was wanted, else this page."""
    found = queries.person_for(reading(), code=code, by=actor())
    if wanted == "details" and found.register is Register.UNKNOWN:
        after = safe_next(request.args.get("next"), "") or None
        return url_for("people.details_page", code=code, step=LAST_STEP, next=after)
    return safe_next(wanted, url_for("people.consent_page", code=code))
