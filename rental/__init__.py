"""The front door: builds the app and decides nothing."""

import importlib.util
from types import ModuleType

from apiflask import APIFlask
from flask_migrate import Migrate
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from rental import settings as settings_
from rental.cli import register_commands
from rental.foundation import crypto
from rental.foundation.database import db, engine_options, reading
from rental.navigation import navigation
from rental.places import queries as places
from rental.settings import ROOT, Settings
from rental.web import access
from rental.web.access import register_access
from rental.web.api import register_api
from rental.web.errors import register_error_pages
from rental.web.health import register_health
from rental.web.logs import configure_logs
from rental.web.once import register_once
from rental.web.pages import UNKNOWN_POINT, Point, register_pages
from rental.web.say import say
from rental.web.security import register_security

SLICES = (
    "journal",
    "notices",
    "places",
    "people",
    "catalogue",
    "policies",
    "eligibility",
    "inventory",
    "upkeep",
    "reservations",
    "loans",
    "desk",
)


def create_app(settings: Settings | None = None) -> APIFlask:
    """Build the app from its settings; without any, they come from the environment."""
    settings = settings or settings_.load()
    app = APIFlask(
        __name__,
        title="Rental of rehabilitation devices",
        version="1",
        spec_path="/api/v1/openapi.json",
        docs_path=None,
        json_errors=False,
        static_folder="web/static",
        template_folder="web/templates",
    )
    _configure(app, settings)
    configure_logs()
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"))
    register_security(app, slow_s=settings.slow_request_s)
    register_access(app)
    register_error_pages(app)
    register_api(app)
    register_once(app)
    register_pages(app, nav=navigation(), point=_point)
    register_health(app)
    _register_slices(app)
    register_commands(app)
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app, root=app.static_folder, prefix="static/", max_age=365 * 24 * 3600
    )
    return app


def _configure(app: APIFlask, settings: Settings) -> None:
    """Turn settings into Flask's configuration."""
    crypto.use_keys(
        crypto.Keys(
            encryption={
                version: crypto.decode_key(key.get_secret_value())
                for version, key in settings.encryption_keys.items()
            },
            index=crypto.decode_key(settings.index_key.get_secret_value()),
            journal=crypto.decode_key(settings.journal_key.get_secret_value()),
        )
    )
    app.extensions["rental_settings"] = settings
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(
            settings.database_url,
            pool_size=settings.pool_size,
            lock_timeout_ms=settings.lock_timeout_ms,
            statement_timeout_ms=settings.statement_timeout_ms,
            deadline_s=settings.database_deadline_s,
        ),
        SESSION_COOKIE_NAME="rental",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.cookies_are_secure,
        MAX_CONTENT_LENGTH=8 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=256 * 1024,
        TRUSTED_HOSTS=settings.hosts or None,
        SEND_FILE_MAX_AGE_DEFAULT=365 * 24 * 3600,
    )
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _point() -> Point:
    """Return the rental point for header and footer."""
    try:
        site = places.point(reading())
    except (SQLAlchemyError, places.SiteNotFound):
        return UNKNOWN_POINT
    return Point(name=say(site.name), address=say(site.address), phone=site.phone)


def _register_slices(app: APIFlask) -> None:
    """Bring in every slice: its rows, pages, API and commands."""
    access.public(app.view_functions["openapi.spec"])
    app.extensions["rental_slices"] = SLICES
    for slice_ in SLICES:
        for room in ("models", "views", "api", "cli"):
            name = f"rental.{slice_}.{room}"
            if importlib.util.find_spec(name):
                _register(app, importlib.import_module(name))


def _register(app: APIFlask, module: ModuleType) -> None:
    """Register the blueprint or the command groups of a slice's module, where it has one."""
    if hasattr(module, "bp"):
        app.register_blueprint(module.bp)
    for group in getattr(module, "groups", ()):
        app.cli.add_command(group)
