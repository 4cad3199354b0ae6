"""The manager's home, and the pages of the policies."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from rental.catalogue import queries as catalogue
from rental.foundation import clock
from rental.foundation.actor import Role
from rental.foundation.database import reading, transaction
from rental.foundation.errors import DomainError, Invalid, NotFound
from rental.foundation.words import N_
from rental.people import queries as people
from rental.places import queries as places
from rental.policies import labels, queries, service
from rental.policies.forms import ScopeForm, ValueForm, as_typed, value_form
from rental.policies.policy import GROUNDS, SPECS, Policy, Scope
from rental.web.access import actor, staff
from rental.web.say import say

bp = Blueprint("policies", __name__, template_folder="templates")


class PolicyNotFound(NotFound):
    """No policy has the name."""

    sentence = N_("没有这条规则。请回到规则列表重新选。")


class ScopeUnknown(Invalid):
    """The scope names something that isn't there."""

    sentence = N_("选的范围已经不在了，请从列表里重新选。")
    field = "site"


# --- home ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Card:
    """A place to go from the manager's home."""

    title: Any
    text: Any
    icon: str
    endpoints: tuple[str, ...]


_CARDS = (
    Card(_l("账号和权限"), _l("谁能登录、做什么工作；停用离职的人。"), "person",
         ("people.accounts",)),
    Card(_l("器具目录"), _l("类别、品种、使用说明；换新的目录文件。"), "list",
         ("catalogue.manage",)),
    Card(_l("器具单件"), _l("登记新器具、打印二维码、看每一件的经过。"), "wheelchair",
         ("inventory.units", "inventory.list_units", "inventory.index")),
    Card(_l("规则"), _l("借多少天、能借几件、消毒浓度；每条都能按范围单独设。"), "shield",
         ("policies.manage",)),
    Card(_l("开放日历"), _l("每周几点开门，哪天休息，更新法定节假日。"), "calendar",
         ("places.calendar",)),
    Card(_l("租赁点和区域"), _l("名称、地址、电话，污区净区的二维码。"), "place",
         ("places.manage",)),
)  # fmt: skip


@bp.get("/manage")
@staff(Role.MANAGER)
def manage_home() -> str:
    """Show where the manager can go."""
    there = current_app.view_functions
    return render_template(
        "policies/home.html",
        cards=[
            (card, url_for(endpoint))
            for card in _CARDS
            for endpoint in [name for name in card.endpoints if name in there][:1]
        ],
    )


# --- the list ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRow:
    """One stored value as a page shows it."""

    scope: str
    value: str
    fields: dict[str, str]
    by: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow:
    """One policy as a page shows it."""

    name: str
    label: str
    help: str
    default: str
    present: str
    narrower: int


@bp.get("/manage/policies")
@staff(Role.MANAGER)
def manage() -> str:
    """List every policy with its present value."""
    groups = [(title, [_row(policy) for policy in members]) for title, members in labels.GROUPS]
    return render_template("policies/manage.html", groups=groups)


def _row(policy: Policy) -> PolicyRow:
    spec, session = SPECS[policy], reading()
    stored = queries.stored(session, policy)
    everywhere = [found.value for found in stored if found.scope == Scope()]
    return PolicyRow(
        name=policy.value,
        label=_(spec.label),
        help=_(spec.help),
        default=labels.shown(policy, spec.default),
        present=labels.shown(policy, everywhere[0] if everywhere else spec.default),
        narrower=len(stored) - len(everywhere),
    )


# --- one policy ----------------------------------------------------------------------------------


@bp.get("/manage/policies/<string:name>")
@staff(Role.MANAGER)
def show(name: str) -> str:
    """Show a policy, its values by scope, and the form that sets one."""
    policy = _policy(name)
    present = queries.everywhere(reading(), policy)
    return _page(
        policy, value_form(policy, labels.CHOICE_WORDS)(data={"value": as_typed(policy, present)})
    )


@bp.post("/manage/policies/<string:name>")
@staff(Role.MANAGER)
def set_value(name: str) -> ResponseReturnValue:
    """Set a value for a scope."""
    policy = _policy(name)
    form = value_form(policy, labels.CHOICE_WORDS)()
    _offer(form)
    if not form.validate():
        return _page(policy, form), 422
    try:
        scope = _scope(form)
        with transaction() as session:
            service.set_value(session, policy, form.typed, scope, by=actor(), at=clock.now())
    except Invalid as refused:
        form.refuse(refused.field or "value", say(refused.said))
        return _page(policy, form), 422
    shown = labels.shown(policy, form.typed)
    flash(
        _("规则已保存：%(scope)s，设成 %(value)s。", scope=_scope_words(scope), value=shown),
        "success",
    )
    return redirect(url_for("policies.show", name=name), 303)


@bp.post("/manage/policies/<string:name>/clear")
@staff(Role.MANAGER)
def clear_value(name: str) -> ResponseReturnValue:
    """Remove what is set for a scope."""
    policy, form = _policy(name), ScopeForm()
    scope = _scope(form)
    try:
        with transaction() as session:
            service.clear_value(session, policy, scope)
    except Invalid as refused:
        flash(say(refused.said), "error")
    else:
        flash(_("已删除这个范围的设置：%(scope)s。", scope=_scope_words(scope)), "success")
    return redirect(url_for("policies.show", name=name), 303)


def _policy(name: str) -> Policy:
    try:
        return Policy(name)
    except ValueError:
        raise PolicyNotFound from None


def _scope(form: ScopeForm) -> Scope:
    """Return the scope that was chosen.

    Raises:
        ScopeUnknown: If it names something that isn't there.
    """
    session = reading()
    site, ground, category, kind = (
        form[name].data or None for name in ("site", "ground", "category", "kind")
    )
    if ground is not None and ground not in GROUNDS:
        raise ScopeUnknown
    try:
        return Scope(
            site_id=places.site(session, code=site).id if site else None,
            ground=ground,
            category_id=catalogue.category(session, key=category).id if category else None,
            kind_id=catalogue.kind(session, key=kind).id if kind else None,
        )
    except NotFound as missing:
        raise ScopeUnknown from missing


def _offer(form: ValueForm) -> None:
    session = reading()
    form.offer(
        ground=[(ground, str(labels.GROUND_WORDS[ground])) for ground in GROUNDS],
        site=[(site.code, say(site.name)) for site in places.sites(session)],
        category=_choices(catalogue.categories(session)),
        kind=_choices(catalogue.kinds(session)),
    )


def _choices(
    views: Iterable[catalogue.CategoryView] | Iterable[catalogue.KindView],
) -> list[tuple[str, str]]:
    return [(view.key, say(view.name)) for view in views]


def _page(policy: Policy, form: ValueForm) -> str:
    _offer(form)
    session, spec = reading(), SPECS[policy]
    stored = queries.stored(session, policy)
    names = people.account_names(session, [found.set_by for found in stored])
    return render_template(
        "policies/policy.html",
        form=form,
        policy=_row(policy),
        spec=spec,
        sort=_sort(policy),
        rows=[
            ValueRow(
                scope=_scope_words(found.scope),
                value=labels.shown(policy, found.value),
                fields=_scope_fields(found.scope),
                by=names.get(found.set_by or 0, ""),
                at=found.set_at,
            )
            for found in stored
        ],
    )


def _sort(policy: Policy) -> str:
    """Return which control the value needs: number, many, or one."""
    spec = SPECS[policy]
    if isinstance(spec.default, list):
        return "many"
    return "one" if spec.choices or isinstance(spec.default, bool) else "number"


def _scope_fields(scope: Scope) -> dict[str, str]:
    """Return the scope as the hidden fields of a form."""
    session = reading()
    named = {
        "site": scope.site_id
        and next((site.code for site in places.sites(session) if site.id == scope.site_id), ""),
        "ground": scope.ground,
        "category": scope.category_id and _category(scope.category_id).key,
        "kind": scope.kind_id and catalogue.kind_by_id(session, kind_id=scope.kind_id).key,
    }
    return {name: str(value) for name, value in named.items() if value}


def _category(category_id: int) -> catalogue.CategoryView:
    every = catalogue.categories(reading(), include_withdrawn=True)
    return next(category for category in every if category.id == category_id)


def _scope_words(scope: Scope) -> str:
    """Return the scope in words."""
    session = reading()
    parts = []
    if scope.site_id:
        parts.append(say(_site_name(scope.site_id)))
    if scope.ground:
        parts.append(str(labels.GROUND_WORDS.get(scope.ground, scope.ground)))
    if scope.category_id:
        parts.append(_("类别：%(name)s", name=say(_category(scope.category_id).name)))
    if scope.kind_id:
        kind = catalogue.kind_by_id(session, kind_id=scope.kind_id)
        parts.append(_("品种：%(name)s", name=say(kind.name)))
    return "，".join(parts) or _("全部")


def _site_name(site_id: int) -> Any:
    try:
        return places.site_by_id(reading(), site_id=site_id).name
    except DomainError:
        return site_id
