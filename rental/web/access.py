"""Who may ask for which endpoint. Every view carries exactly one of the rules below.

A view without a rule is refused (and fails the build), so that nothing becomes public by accident.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf.csrf import CSRFProtect

from rental.foundation.actor import Actor, Role
from rental.foundation.errors import NotAllowed
from rental.foundation.words import N_

View = TypeVar("View", bound=Callable[..., Any])

_RULE = "rental_access"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class NotYourPage(NotAllowed):
    """The account's roles do not open this page."""

    sentence = N_("这个页面是给工作人员用的，您的账号打不开。请回到首页，或换一个账号登录。")


class NotSignedIn(NotAllowed):
    """Nobody is signed in."""

    sentence = N_("请先登录，再办这件事。")


@dataclass(frozen=True, slots=True)
class Rule:
    """An access rule: anyone, any account, or accounts with one of the roles."""

    anyone: bool = False
    roles: frozenset[Role] | None = None
    csrf: bool = True


class SignedIn(UserMixin):
    """What Flask-Login keeps of the signed-in account."""

    def __init__(self, actor: Actor, *, epoch: int, by_token: bool = False) -> None:
        """Wrap the actor; the epoch ends all sessions when it moves."""
        self.actor = actor
        self.epoch = epoch
        self.by_token = by_token

    def get_id(self) -> str:
        """Return what the session cookie holds."""
        return f"{self.actor.account_id}.{self.epoch}"


login = LoginManager()
csrf = CSRFProtect()


def public(view: View | None = None, *, csrf: bool = True) -> Any:
    """Let anyone in. ``csrf=False`` is for posts that change nothing."""

    def mark(marked: View) -> View:
        return _mark(marked, Rule(anyone=True, csrf=csrf))

    return mark if view is None else mark(view)


def signed_in(view: View) -> View:
    """Let any signed-in account in; the view checks whose things they are."""
    return _mark(view, Rule())


def staff(*roles: Role) -> Callable[[View], View]:
    """Let accounts with at least one of the roles in."""
    return lambda view: _mark(view, Rule(roles=frozenset(roles)))


def _mark(view: View, rule: Rule) -> View:
    setattr(view, _RULE, rule)
    return view


def rule_of(view: Callable[..., Any] | None) -> Rule | None:
    """Return the rule of a view function, or None when it has none."""
    return cast("Rule | None", getattr(view, _RULE, None))


def opens(endpoint: str) -> bool:
    """Tell whether the reader's roles open the endpoint, so that pages show no dead links."""
    rule = rule_of(current_app.view_functions.get(endpoint))
    if rule is None or rule.anyone:
        return rule is not None
    who = actor_or_none()
    return who is not None and (rule.roles is None or who.has(*rule.roles))


def actor_or_none() -> Actor | None:
    """Return the signed-in actor, or None for a stranger."""
    if "actor" not in g:
        user = current_user if current_user and current_user.is_authenticated else None
        g.actor = user.actor if user else None
    return cast("Actor | None", g.actor)


def actor() -> Actor:
    """Return the signed-in actor.

    Raises:
        NotSignedIn: If nobody is signed in.
    """
    found = actor_or_none()
    if found is None:
        raise NotSignedIn
    return found


def register_access(app: Flask) -> None:
    """Enforce the rules before every request."""
    login.init_app(app)
    login.session_protection = None
    if login._user_callback is None:  # ruff: ignore[private-member-access] - until the people slice says who is who
        login.user_loader(lambda _id: None)
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    csrf.init_app(app)
    app.jinja_env.globals["opens"] = opens
    app.before_request(_guard)


def _guard() -> ResponseReturnValue | None:
    """Answer strangers and the wrong roles; check the CSRF token of session posts."""
    if request.endpoint is None or request.endpoint == "static":
        return None
    rule = rule_of(current_app.view_functions.get(request.endpoint))
    if rule is None:
        msg = f"endpoint {request.endpoint} has no access rule"
        raise RuntimeError(msg)
    if not rule.anyone:
        refused = _refuse(rule)
        if refused is not None:
            return refused
    checked = current_app.config.get("WTF_CSRF_ENABLED", True)
    if checked and request.method not in _SAFE and rule.csrf and not _by_token():
        csrf.protect()
    return None


def _refuse(rule: Rule) -> ResponseReturnValue | None:
    who = actor_or_none()
    if who is None:
        if request.path.startswith("/api/") or request.method not in _SAFE:
            raise NotSignedIn
        return redirect(url_for("people.sign_in", next=request.full_path.rstrip("?")), 303)
    if rule.roles is not None and not who.has(*rule.roles):
        raise NotYourPage
    return None


def _by_token() -> bool:
    if "Authorization" not in request.headers:
        return False
    return actor_or_none() is not None and getattr(current_user, "by_token", False)
