"""Making an account, for oneself or to act for family."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rental.foundation import clock
from rental.foundation.database import reading, transaction
from rental.people import forms, queries, service
from rental.people.policy import read_phone
from rental.people.views import bp
from rental.people.views.sign_in import enter
from rental.web.access import public
from rental.web.pages import safe_next
from rental.web.say import say


@bp.get("/sign-up")
@public
def sign_up_page() -> str:
    """Ask for telephone, name and password."""
    form = forms.SignUpForm(formdata=None, data={"next": request.args.get("next", "")})
    return render_template("people/sign_up.html", form=form, wait_minutes=0)


@bp.post("/sign-up")
@public
def sign_up() -> ResponseReturnValue:
    """Make the account and go on: to the separate consent, or to the family member's data."""
    form = forms.SignUpForm()
    if not form.validate():
        return _again(form)
    at = clock.now()
    phone = read_phone(form.phone.data)
    facts = queries.sign_in_facts(reading(), name=phone, address=request.remote_addr or "", at=at)
    if facts.wait_minutes:
        return _again(form, wait_minutes=facts.wait_minutes)
    wish = service.SigningUp(
        name=form.name.data,
        phone=phone,
        password_hash=service.hash_password(form.password.data),
        for_self=form.for_whom.data == "self",
    )
    try:
        with transaction() as session:
            made = service.sign_up(session, wish, at=at)
    except service.PhoneHasAccount as refusal:
        with transaction() as session:  # so that numbers can't be tried out one after the other
            service.note_failure(session, facts, at=at)
        form.refuse("phone", say(refusal.said))
        return _again(form)
    enter(made.session_text, at=at)
    wanted = safe_next(form.next.data, "") or None
    if made.resident_code is None:
        return redirect(url_for("people.register_family_page", next=wanted), 303)
    code = made.resident_code
    return redirect(url_for("people.consent_page", code=code, step=1, next=wanted), 303)


def _again(form: forms.SignUpForm, *, wait_minutes: int = 0) -> ResponseReturnValue:
    page = render_template("people/sign_up.html", form=form, wait_minutes=wait_minutes)
    if wait_minutes:
        return page, 429, {"Retry-After": str(wait_minutes * 60)}
    return page, 422
