"""What every page knows: language, text size, theme, navigation, the point's telephone."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel, get_locale
from jinja2 import StrictUndefined

from rental.foundation.actor import Actor, Role
from rental.web.access import actor_or_none, public
from rental.web.say import register_words, say

#: What a page calls its language, and what Babel calls it.
LANGUAGES = {"zh-Hans": "zh_Hans", "en": "en"}
SIZES = ("100", "125", "160")
THEMES = ("auto", "light", "dark")
_YEAR_S = 365 * 24 * 3600

bp = Blueprint("web", __name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the main navigation.

    Attributes:
        text: A lazily translated word.
        href: Where it leads.
        roles: Who gets to see it; None for everybody.
        signed_in: Only for people with an account.
        hidden_from: Roles that have no use for it.
    """

    text: Any
    href: str
    roles: frozenset[Role] | None = None
    signed_in: bool = False
    hidden_from: frozenset[Role] = frozenset()

    def shown_to(self, who: Actor | None) -> bool:
        """Tell whether the reader gets to see the entry."""
        if who is None:
            return self.roles is None and not self.signed_in
        return (self.roles is None or who.has(*self.roles)) and not who.has(*self.hidden_from)


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry as the template shows it."""

    text: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Point:
    """The rental point as the header and footer name it."""

    name: str
    address: str
    phone: str


#: Said when the database can't be asked: an error page must not fail for want of it.
UNKNOWN_POINT = Point(name="康复辅具租赁点", address="", phone="")


class Page:
    """The page being rendered; computed when a template first asks."""

    @property
    def lang(self) -> str:
        """The language of the page as an HTML tag."""
        locale = get_locale()
        return "en" if locale is not None and locale.language == "en" else "zh-Hans"

    @cached_property
    def size(self) -> str:
        """Text size in percent."""
        return _chosen("size", SIZES)

    @cached_property
    def theme(self) -> str:
        """Colour theme."""
        return _chosen("theme", THEMES)

    @property
    def care(self) -> bool:
        """Whether care mode is on."""
        return self.size != "100"

    @cached_property
    def who(self) -> Actor | None:
        """The signed-in account."""
        return actor_or_none()

    @property
    def signed_in(self) -> bool:
        """Whether somebody is signed in."""
        return self.who is not None

    @property
    def is_staff(self) -> bool:
        """Whether the reader is staff."""
        return self.who is not None and self.who.is_staff

    @property
    def name(self) -> str:
        """What to call the signed-in person."""
        return self.who.name if self.who else ""

    @cached_property
    def nav(self) -> list[NavItem]:
        """The navigation for this reader."""
        entries: list[Entry] = current_app.extensions["rental_nav"]
        return [
            NavItem(str(entry.text), entry.href, _is_current(entry.href))
            for entry in entries
            if entry.shown_to(self.who)
        ]

    @cached_property
    def point(self) -> Point:
        """The rental point."""
        ask: Callable[[], Point] = current_app.extensions["rental_point"]
        return ask()

    @property
    def site_name(self) -> str:
        """The point's name."""
        return self.point.name

    @property
    def address(self) -> str:
        """The point's address."""
        return self.point.address

    @property
    def phone(self) -> str:
        """The point's telephone."""
        return self.point.phone

    @property
    def phone_href(self) -> str:
        """The telephone as a link."""
        return "tel:" + self.phone.replace(" ", "").replace("-", "")

    @property
    def here(self) -> str:
        """The address to come back to after a change of preferences."""
        return request.full_path.rstrip("?") if request.method == "GET" else request.path


def register_pages(app: Flask, *, nav: list[Entry], point: Callable[[], Point]) -> None:
    """Set up templates, translations and preferences."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.add_extension("jinja2.ext.do")
    app.extensions["rental_nav"] = nav
    app.extensions["rental_point"] = point
    Babel(
        app,
        default_locale="zh_Hans",
        default_timezone="Asia/Shanghai",
        default_translation_directories=str(Path(__file__).parent / "translations"),
        locale_selector=_locale,
    )
    register_words(app)
    app.context_processor(lambda: {"page": Page()})
    versions = _static_versions(Path(app.static_folder or ""))

    @app.url_defaults
    def version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "v" not in values:
            values["v"] = versions.get(values.get("filename", ""))

    app.register_blueprint(bp)


def _static_versions(folder: Path) -> dict[str, str]:
    """Return a short content hash for each static file, so that caches may keep it for ever."""
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()[:10]
        for path in folder.rglob("*")
        if path.is_file()
    }


def _locale() -> str:
    chosen = request.cookies.get("lang")
    if chosen in LANGUAGES:
        return LANGUAGES[chosen]
    if (
        request.path.startswith("/api/")
        and request.accept_languages.best_match(["zh", "en"]) == "en"
    ):
        return "en"
    return LANGUAGES["zh-Hans"]


def _chosen(name: str, allowed: tuple[str, ...]) -> str:
    value = request.cookies.get(name, allowed[0])
    return value if value in allowed else allowed[0]


def _is_current(href: str) -> bool:
    return request.path == href or (href != "/" and request.path.startswith(href + "/"))


def safe_next(target: str | None, default: str = "/") -> str:
    """Return the target when it is a path on this site, else the default."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return default
    return default if any(ord(letter) < 32 for letter in target) else target  # ruff: ignore[magic-value-comparison]


@bp.post("/preferences")
@public(csrf=False)
def preferences() -> ResponseReturnValue:
    """Keep language, text size and theme in cookies and go back."""
    response = redirect(safe_next(request.form.get("next")), 303)
    for name, allowed in (("lang", tuple(LANGUAGES)), ("size", SIZES), ("theme", THEMES)):
        value = request.form.get(name)
        if value is not None and value in allowed:
            response.set_cookie(
                name,
                value,
                max_age=_YEAR_S,
                samesite="Lax",
                httponly=True,
                secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
            )
    return response


@bp.get("/privacy")
@public
def privacy() -> str:
    """Say what is kept about a person, why, and for how long."""
    return render_template("web/privacy.html")


@bp.get("/help")
@public
def help_page() -> str:
    """Say how borrowing goes."""
    return render_template("web/help.html")


__all__ = ["Entry", "Page", "Point", "register_pages", "safe_next", "say"]
