"""Signing in and out, and the password."""

from flask import flash, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_user, logout_user

from rental.foundation import clock
from rental.foundation.clock import Moment
from rental.foundation.database import reading, transaction
from rental.people import forms, presenters, queries, service
from rental.people.policy import session_length
from rental.people.views import UNTIL, bp
from rental.web.access import actor, actor_or_none, public, signed_in
from rental.web.pages import safe_next


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """Ask who it is."""
    who = actor_or_none()
    if who is not None:
        return redirect(safe_next(request.args.get("next"), presenters.home_of(who)), 303)
    form = forms.SignInForm(formdata=None, data={"next": request.args.get("next", "")})
    return _page(form)


@bp.post("/sign-in")
@public
def sign_in_post() -> ResponseReturnValue:
    """Let somebody in, or say that name and password don't fit, or how long to wait."""
    form = forms.SignInForm()
    if not form.validate():
        return _page(form), 422
    at = clock.now()
    facts = queries.sign_in_facts(
        reading(), name=form.name.data, address=request.remote_addr or "", at=at
    )
    if facts.wait_minutes:
        return _paused(form, facts.wait_minutes)
    right = service.check_password(facts.password_hash, form.password.data)
    with transaction() as open_session:
        answer = service.answer_sign_in(open_session, facts, right=right, at=at)
    if answer.wait_minutes:
        return _paused(form, answer.wait_minutes)
    if answer.session_text is None:
        form.refuse(
            "name", _("账号或密码不对，请核对后再试。忘了密码，请打电话或到租赁点重新设置。")
        )
        return _page(form), 422
    enter(answer.session_text, at=at)
    return redirect(safe_next(form.next.data, presenters.home_of(actor())), 303)


def enter(session_text: str, *, at: Moment) -> None:
    """Begin a new session; whatever an earlier one held is gone."""
    user = queries.signed_in_by_session(session_text)
    session.clear()
    g.pop("actor", None)
    login_user(user)
    who = actor()
    session.permanent = not who.is_staff
    ends = at.at + session_length(is_staff=who.is_staff)
    session[UNTIL] = int(ends.timestamp())


def leave() -> None:
    """End this browser's session."""
    logout_user()
    session.clear()
    g.pop("actor", None)


def _page(form: forms.SignInForm, *, wait_minutes: int = 0) -> str:
    return render_template("people/sign_in.html", form=form, wait_minutes=wait_minutes)


def _paused(form: forms.SignInForm, minutes: int) -> ResponseReturnValue:
    response = make_response(_page(form, wait_minutes=minutes), 429)
    response.headers["Retry-After"] = str(minutes * 60)
    return response


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """End this browser's session."""
    leave()
    flash(_("您已退出。"), "success")
    return redirect(url_for("people.sign_in"), 303)


@bp.post("/sign-out-everywhere")
@signed_in
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session of the account."""
    with transaction() as open_session:
        service.sign_out_everywhere(open_session, by=actor(), at=clock.now())
    leave()
    flash(_("您已在所有手机和电脑上退出。"), "success")
    return redirect(url_for("people.sign_in"), 303)


@bp.get("/my/account")
@signed_in
def my_account() -> str:
    """Show what one can do with the own account."""
    view = queries.account(reading(), account_id=actor().account_id or 0)
    return render_template(
        "people/my_account.html", account=view, roles=presenters.role_words(view.roles)
    )


@bp.get("/my/password")
@signed_in
def password_page() -> str:
    """Ask for the present password and a new one."""
    return render_template("people/password.html", form=forms.ChangePasswordForm(formdata=None))


@bp.post("/my/password")
@signed_in
def change_password() -> ResponseReturnValue:
    """Set a new password; every other session ends."""
    form = forms.ChangePasswordForm()
    who, at = actor(), clock.now()
    if form.validate():
        kept = queries.password_hash_of(reading(), account_id=who.account_id or 0)
        if not service.check_password(kept, form.present.data):
            form.refuse("present", _("现在的密码不对，请再试一次。忘了请打电话或到租赁点。"))
    if form.errors:
        return render_template("people/password.html", form=form), 422
    password_hash = service.hash_password(form.password.data)
    with transaction() as open_session:
        text = service.change_password(open_session, password_hash=password_hash, by=who, at=at)
    enter(text, at=at)
    flash(_("密码已改好。别的手机和电脑上要用新密码重新登录。"), "success")
    return redirect(url_for("people.my_account"), 303)
