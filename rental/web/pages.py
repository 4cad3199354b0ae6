"""What every page knows: language, text size, theme, navigation, the point's telephone."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from jinja2 import StrictUndefined
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from rental.foundation.actor import Actor, Role
from rental.foundation.words import Sentence
from rental.web.access import actor_or_none, public
from rental.web.say import in_english, register_words, say

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
        text: The word, a msgid.
        href: Where it leads.
        roles: Who gets to see it; None for everybody.
        signed_in: Only for people with an account.
        hidden_from: Roles that have no use for it.
    """

    text: str
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

    @property
    def phone_href(self) -> str:
        """The telephone as a link."""
        return "tel:" + self.phone.replace(" ", "").replace("-", "")


#: Said when the database can't be asked: an error page must not fail for want of it.
UNKNOWN_POINT = Point(name="康复辅具租赁点", address="", phone="")


class Page:
    """The page being rendered; computed when a template first asks."""

    @cached_property
    def lang(self) -> str:
        """The language of the page as an HTML tag."""
        return "en" if in_english() else "zh-Hans"

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
            NavItem(say(Sentence(entry.text)), entry.href, _is_current(entry.href))
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
        return self.point.phone_href

    @property
    def footer(self) -> Markup:
        """The foot of the page."""
        return _footer(self.point, lang=self.lang, size=self.size, theme=self.theme)

    @property
    def here(self) -> str:
        """The address to come back to: this page's own, or of the page that its form stands on."""
        if request.method != "POST":
            return request.full_path.rstrip("?")
        return page_before() or _page_above(request.path)


def register_pages(app: Flask, *, nav: list[Entry], point: Callable[[], Point]) -> None:
    """Set up templates, translations and preferences."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.do")
    app.extensions["rental_nav"] = nav
    app.extensions["rental_point"] = point
    Babel(
        app,
        default_locale="zh_Hans",
        default_timezone="Asia/Shanghai",
        default_translation_directories=str(Path(__file__).parent / "translations"),
        locale_selector=_locale,
        configure_jinja=False,
    )
    register_words(app)
    app.context_processor(lambda: {"page": Page()})
    app.jinja_env.globals["static_url"] = _static_urls(Path(app.static_folder or "")).__getitem__
    app.register_blueprint(bp)


def _static_urls(folder: Path) -> dict[str, str]:
    """Return each static file's address with its content's hash, so that caches may keep it."""
    return {
        name: f"/static/{name}?v={sha256(path.read_bytes()).hexdigest()[:10]}"
        for path in folder.rglob("*")
        if path.is_file()
        for name in [path.relative_to(folder).as_posix()]
    }


@lru_cache(maxsize=128)
def _footer(point: Point, *, lang: str, size: str, theme: str) -> Markup:
    """Return the foot of pages; the same for everybody who reads in this way."""
    del lang  # it is the request's own, and tells the cache apart
    return Markup(  # ruff: ignore[unsafe-markup-use] - our own template
        render_template(
            "web/footer.html",
            phone=point.phone,
            phone_href=point.phone_href,
            address=point.address,
            size=size,
            theme=theme,
        )
    )


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


def page_before() -> str | None:
    """Return the path of our own page that the request came from, None when it is no page."""
    try:
        before = urlsplit(request.referrer or "")
    except ValueError:
        return None
    if before.netloc != request.host or not _is_page(before.path):
        return None
    return safe_next(f"{before.path}?{before.query}" if before.query else before.path)


def _page_above(path: str) -> str:
    """Return the path itself when it is that of a page, else the nearest one above it."""
    while path and not _is_page(path):
        path = path.rpartition("/")[0]
    return path or "/"


def _is_page(path: str) -> bool:
    """Tell whether a browser may ask for the path."""
    ours = current_app.create_url_adapter(request)
    try:
        return ours is not None and bool(ours.match(path, method="GET"))
    except HTTPException:
        return False


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


__all__ = ["Entry", "Page", "Point", "page_before", "register_pages", "safe_next"]
