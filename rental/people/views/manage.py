"""The manager's accounts."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.foundation import clock
from rental.foundation.actor import Role
from rental.foundation.database import reading, transaction
from rental.people import forms, presenters, queries, service
from rental.people.policy import read_login
from rental.people.views import bp
from rental.places import queries as places
from rental.web.access import actor, staff
from rental.web.forms import clean
from rental.web.say import say

_MAX_QUERY = 60
_ID = "<int:account_id>"


@bp.get("/manage/accounts")
@staff(Role.MANAGER)
def accounts() -> str:
    """List the accounts of staff, or those of residents too."""
    return _listed("", everyone=request.args.get("who") == "all")


@bp.post("/manage/accounts")
@staff(Role.MANAGER)
def find_accounts() -> str:
    """Search the accounts; answers directly: what was typed goes into no address."""
    text = (clean(request.form.get("q")) or "")[:_MAX_QUERY]
    return _listed(text, everyone=request.form.get("who") == "all")


def _listed(text: str, *, everyone: bool) -> str:
    session = reading()
    found = queries.accounts(session, text=text, staff_only=not everyone)
    sites = {one.id: one.name for one in places.sites(session)}
    return render_template(
        "people/accounts.html",
        q=text,
        everyone=everyone,
        rows=[
            {
                "account": one,
                "roles": presenters.role_words(one.roles),
                "site": sites.get(one.site_id or 0, ""),
            }
            for one in found
        ],
    )


@bp.get("/manage/accounts/new")
@staff(Role.MANAGER)
def new_account_page() -> str:
    """Ask for a new account's name, roles and first password."""
    form = forms.NewAccountForm(formdata=None)
    _offer(form)
    return render_template("people/account_new.html", form=form)


@bp.post("/manage/accounts/new")
@staff(Role.MANAGER)
def create_account() -> ResponseReturnValue:
    """Make an account of staff."""
    form = forms.NewAccountForm()
    _offer(form)
    if form.validate():
        wish = _wish(form)
        password_hash = service.hash_password(form.password.data)
        try:
            with transaction() as session:
                account_id = service.create_account(
                    session,
                    login=read_login(form.login.data),
                    name=wish.name,
                    password_hash=password_hash,
                    roles=wish.roles,
                    site_id=wish.site_id,
                    grid_id=wish.grid_id,
                    by=actor(),
                    at=clock.now(),
                )
        except service.LoginTaken as refusal:
            form.refuse("login", say(refusal.said))
        else:
            flash(_("账号已建好。请当面把登录名和初始密码告诉本人。"), "success")
            return redirect(url_for("people.account", account_id=account_id), 303)
    return render_template("people/account_new.html", form=form), 422


@bp.get(f"/manage/accounts/{_ID}")
@staff(Role.MANAGER)
def account(account_id: int) -> str:
    """Show one account."""
    session = reading()
    view = queries.account(session, account_id=account_id)
    site = next((one.code for one in places.sites(session) if one.id == view.site_id), "")
    grid = next((one.code for one in places.grids(session) if one.id == view.grid_id), "")
    data = {
        "name": view.name,
        "roles": [role.value for role in view.roles],
        "site": site,
        "grid": grid,
    }
    form = forms.AccountForm(formdata=None, data=data)
    _offer(form)
    return _account(view, form, forms.PasswordResetForm(formdata=None))


@bp.post(f"/manage/accounts/{_ID}")
@staff(Role.MANAGER)
def set_account(account_id: int) -> ResponseReturnValue:
    """Set name, roles, site and grid."""
    view = queries.account(reading(), account_id=account_id)
    form = forms.AccountForm()
    _offer(form)
    if form.validate():
        try:
            with transaction() as session:
                service.set_account(
                    session, account_id, wish=_wish(form), by=actor(), at=clock.now()
                )
        except service.WouldLockYourselfOut as refusal:
            form.refuse("roles", say(refusal.said))
        else:
            flash(_("账号已保存。"), "success")
            return redirect(url_for("people.account", account_id=account_id), 303)
    return _account(view, form, forms.PasswordResetForm(formdata=None)), 422


@bp.post(f"/manage/accounts/{_ID}/password")
@staff(Role.MANAGER)
def reset_password(account_id: int) -> ResponseReturnValue:
    """Give the account a new password; its sessions end."""
    view = queries.account(reading(), account_id=account_id)
    form = forms.PasswordResetForm()
    if not form.validate():
        settings = forms.AccountForm(formdata=None, data={"name": view.name})
        _offer(settings)
        return _account(view, settings, form), 422
    password_hash = service.hash_password(form.password.data)
    with transaction() as session:
        service.reset_password(
            session, account_id, password_hash=password_hash, by=actor(), at=clock.now()
        )
    flash(_("密码已重设，原来的登录都已失效。请当面把新密码告诉本人。"), "success")
    return redirect(url_for("people.account", account_id=account_id), 303)


@bp.post(f"/manage/accounts/{_ID}/deactivate")
@staff(Role.MANAGER)
def deactivate_account(account_id: int) -> ResponseReturnValue:
    """Close the account; its sessions and tokens end."""
    with transaction() as session:
        service.deactivate_account(session, account_id, by=actor(), at=clock.now())
    flash(_("账号已停用，原来的登录都已失效。"), "success")
    return redirect(url_for("people.account", account_id=account_id), 303)


@bp.post(f"/manage/accounts/{_ID}/activate")
@staff(Role.MANAGER)
def activate_account(account_id: int) -> ResponseReturnValue:
    """Open the account again."""
    with transaction() as session:
        service.activate_account(session, account_id, by=actor(), at=clock.now())
    flash(_("账号已重新启用。"), "success")
    return redirect(url_for("people.account", account_id=account_id), 303)


def _wish(form: forms.AccountForm) -> service.AccountSettings:
    session = reading()
    sites = {one.code: one.id for one in places.sites(session)}
    grids = {one.code: one.id for one in places.grids(session)}
    return service.AccountSettings(
        name=form.name.data,
        roles=form.chosen_roles,
        site_id=sites.get(form.site.data),
        grid_id=grids.get(form.grid.data),
    )


def _offer(form: forms.AccountForm) -> None:
    session = reading()
    names = {one.id: say(one.name) for one in places.communities(session)}
    form.offer(
        sites=[(one.code, say(one.name)) for one in places.sites(session)],
        grids=[
            (one.code, f"{names.get(one.community_id, '')} {one.name}")
            for one in places.grids(session)
        ],
    )


def _account(
    view: queries.AccountView, form: forms.AccountForm, reset: forms.PasswordResetForm
) -> str:
    return render_template(
        "people/account.html",
        account=view,
        form=form,
        reset=reset,
        roles=presenters.role_words(view.roles),
        own=view.id == actor().account_id,
    )
