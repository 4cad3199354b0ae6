"""Fixtures every test may use. The cast of people and devices stands in ``cast.py``."""

import contextvars
import functools
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
import sqlalchemy
import time_machine
from apiflask import APIFlask
from flask import has_app_context
from flask.testing import FlaskClient
from sqlalchemy import text

from rental import create_app
from rental.foundation.clock import Moment
from rental.foundation.database import db, transaction
from rental.settings import Environment, Settings
from tests.cast import Cast, build_cast
from tests.postgres import Postgres

#: Tuesday, 2026-12-01, ten in the morning at the site.
NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)

MIGRATIONS = Path(__file__).parents[1] / "migrations"

KEYS = {
    "secret_key": "test-secret",
    "index_key": "aW5kZXgta2V5LWZvci10aGUtdGVzdHMtMzItYnl0ZXM=",
    "journal_key": "am91cm5hbC1rZXktZm9yLXRlc3RzLTMyLWJ5dGVzISE=",
    "encryption_keys": {"1": "ZW5jcnlwdGlvbi1rZXktZm9yLXRlc3RzLTMyLWJ5dGU="},
}


class Visitor(FlaskClient):
    """A client whose every request has an app context and a database session of its own.

    Tests keep a context pushed; Flask would reuse it and with it whoever was signed in.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send the request outside the test's own context."""
        if has_app_context():
            db.session.remove()
        return contextvars.Context().run(super().open, *args, **kwargs)


def make_app(url: str) -> APIFlask:
    """Return an app for the database, with the tests' keys."""
    settings = Settings.model_validate({
        **KEYS,
        "env": Environment.TEST,
        "DATABASE_URL": url,
        "pool_size": 20,
    })
    app = create_app(settings)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.test_client_class = Visitor
    return app


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run service and query tests on both databases."""
    if "database" not in metafunc.fixturenames:
        return
    both = metafunc.module.__name__.rsplit(".", 1)[-1] in {"test_service", "test_queries"}
    wanted = getattr(metafunc.module, "DATABASES", None)
    names = wanted or (["sqlite", "postgresql"] if both else ["sqlite"])
    metafunc.parametrize("database", names, indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Return a PostgreSQL server of this test process."""
    server = Postgres()
    yield server
    server.stop()


def _fill(url: str) -> None:
    app = make_app(url)
    with app.app_context():
        flask_migrate.upgrade(directory=str(MIGRATIONS))
        with time_machine.travel(NOW, tick=False), transaction() as session:
            build_cast(session)
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a filled SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _fill(f"sqlite:///{path}")
    with sqlalchemy.create_engine(f"sqlite:///{path}").connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> Postgres:
    """Return the server with a filled template database."""
    url = postgres.create("template_filled")
    _fill(url)
    return postgres


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of a fresh filled database."""
    if getattr(request, "param", "sqlite") == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = tmp_path / "rental.db"
        shutil.copy(template, path)
        yield f"sqlite:///{path}"
        return
    server: Postgres = request.getfixturevalue("postgres_template")
    name, url = server.copy_of("template_filled")
    yield url
    server.drop(name)


@pytest.fixture
def frozen(request: pytest.FixtureRequest) -> Iterator[None]:
    """Stop the clock at ``NOW`` unless the test asks for the real one."""
    if request.node.get_closest_marker("real_clock"):
        yield
        return
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(scope="session")
def apps() -> Callable[[str], APIFlask]:
    """Return the app for a kind of database: building one costs more than most tests."""
    return functools.cache(lambda dialect: make_app(f"{dialect}://"))


@pytest.fixture
def app(database: str, frozen: None, apps: Callable[[str], APIFlask]) -> Iterator[APIFlask]:
    """Return an app on a fresh database with reference data and cast; its context is pushed.

    The app is shared, its database is not, and what a test changes of its configuration is put
    back.
    """
    app = apps(database.partition(":")[0])
    config, settings = dict(app.config), app.extensions["rental_settings"]
    hooks = {name: list(functions) for name, functions in app.before_request_funcs.items()}
    app.config["SQLALCHEMY_DATABASE_URI"] = database
    app.extensions["rental_settings"] = settings.model_copy(update={"database_url": database})
    options = dict(app.config["SQLALCHEMY_ENGINE_OPTIONS"])
    with app.app_context():
        db._app_engines[app][None] = sqlalchemy.create_engine(database, **options)
        yield app
        db.session.remove()
        db.engine.dispose()
    app.config.clear()
    app.config.update(config)
    app.extensions["rental_settings"] = settings
    app.before_request_funcs.clear()
    app.before_request_funcs.update(hooks)


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    """Return the codes and ids of the cast."""
    return Cast(db.session())


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    """Return a stranger's client."""
    return app.test_client()


@pytest.fixture
def sign_in(app: APIFlask, cast: Cast) -> Callable[[str], FlaskClient]:
    """Return a function that gives the client of a signed-in member of the cast."""

    def enter(login: str) -> FlaskClient:
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = f"{cast.account[login]}.1"
            session["_fresh"] = True
        return client

    return enter


@pytest.fixture
def at() -> Moment:
    """Return the moment at which every test happens."""
    return Moment.of(NOW)
