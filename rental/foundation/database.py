"""Metadata, column kinds, and the one transaction door."""

import fcntl
import os
import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Executable,
    MetaData,
    Row,
    Table,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from rental.foundation.errors import Busy

E = TypeVar("E", bound=StrEnum)


class Base(DeclarativeBase):
    """Declarative base of every row."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)


def table_of(row: type[Base]) -> Table:
    """Return the row's table, for Core statements on hot paths."""
    return cast("Table", row.__table__)


def insert_ignoring(row: type[Base]) -> postgresql.Insert:
    """Return an INSERT that does nothing when a unique key is taken; SQLite says it alike."""
    return postgresql.insert(table_of(row)).on_conflict_do_nothing().inline()


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite, which knows no zones, keeps it naive."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive datetimes; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "an instant needs a zone"
            raise ValueError(msg)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware UTC datetime."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def stored_by_value(kind: type[E], name: str) -> Enum:
    """Return a text column type for the enum: stored by value, with a named CHECK."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


# --- the transaction door ------------------------------------------------------------------------

_WRITE = {"rental_write": True}


@contextmanager
def transaction() -> Generator[Session]:
    """Open the one transaction of a use case.

    On SQLite it waits for the file lock and begins IMMEDIATE, so that what it reads cannot change
    before it writes; on PostgreSQL the service locks the rows that it decides on.

    Yields:
        The request's session; committed when the block ends, rolled back if it raises.

    Raises:
        RuntimeError: If a transaction block is already open.
        Busy: If a lock could not be had in time, or a drawn code was taken; the act may be
            repeated.
    """
    session = db.session()
    if session.info.get("use_case_open"):
        msg = "a use case opens one transaction; a service never opens another"
        raise RuntimeError(msg)
    session.info["use_case_open"] = True
    if session.in_transaction():
        session.rollback()  # ends what the reads before it began
    try:
        with _writers_queue(db.engine), _busy_when_crossed():
            session.connection(execution_options=_WRITE)
            yield session
            session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["use_case_open"] = False


def reading() -> Session:
    """Return the request's session for reads; what it holds is never written."""
    return db.session()


@contextmanager
def snapshot() -> Generator[Connection]:
    """Read everything as it stood at one moment, however long that takes and whoever writes."""
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            yield connection
        return
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with db.engine.connect().execution_options(**options) as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        yield connection


def ask(statement: Executable, values: Mapping[str, object]) -> Sequence[Row[Any]]:
    """Return the rows of one read that stands alone, in one bare round trip.

    PostgreSQL answers on connections of their own in AUTOCOMMIT, which spares BEGIN and ROLLBACK.
    (SQLite has no round trips to spare, and its driver would forget our own BEGIN.)
    """
    with _asking_engine(db.engine).connect() as connection:
        return connection.execute(statement, values).all()


_asking: WeakKeyDictionary[Engine, Engine] = WeakKeyDictionary()


def _asking_engine(engine: Engine) -> Engine:
    if engine.dialect.name != "postgresql":
        return engine
    found = _asking.get(engine)
    if found is None:
        options = current_app.config["SQLALCHEMY_ENGINE_OPTIONS"]
        found = _asking[engine] = create_engine(
            engine.url, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, **options
        )
        event.listen(engine, "engine_disposed", lambda _: found.dispose())
    return found


_CODE_TAKEN = re.compile(r'"uq_\w+_code"|UNIQUE constraint failed: \w+\.code$')
_LOCK_SQLSTATES = frozenset({"55P03", "40P01", "40001", "57014"})


@contextmanager
def _busy_when_crossed() -> Generator[None]:
    """Turn what another try overcomes into ``Busy``.

    A lock that could not be had in time, or a random code that somebody else drew before.
    """
    try:
        yield
    except IntegrityError as error:
        if _CODE_TAKEN.search(str(error.orig)):
            raise Busy from error
        raise
    except OperationalError as error:
        state = getattr(error.orig, "sqlstate", None)
        if state in _LOCK_SQLSTATES or "database is locked" in str(error.orig):
            raise Busy from error
        raise


@contextmanager
def _writers_queue(engine: Engine) -> Generator[None]:
    """Queue writers of a SQLite file fairly.

    SQLite's own busy handler lets writers starve for seconds; an advisory lock taken first
    brought p95 from 2.5 s to 9 ms.
    """
    path = engine.url.database
    if engine.dialect.name != "sqlite" or not path or path == ":memory:":
        yield
        return
    handle = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


# --- connections ---------------------------------------------------------------------------------


def engine_options(
    url: str, *, pool_size: int, lock_timeout_ms: int, statement_timeout_ms: int, deadline_s: float
) -> dict[str, Any]:
    """Return the engine's options for the database address.

    PostgreSQL gets deadlines on both sides: the server ends statements and lock waits, and the
    client gives up on a server that no longer answers (TCP user timeout).
    """
    if url.startswith("sqlite"):
        database = url.removeprefix("sqlite:///")
        if database and database != ":memory:":
            Path(database).parent.mkdir(parents=True, exist_ok=True)
        return {"connect_args": {"timeout": 10, "check_same_thread": False}}
    options = (
        f"-c lock_timeout={lock_timeout_ms} -c statement_timeout={statement_timeout_ms}"
        " -c idle_in_transaction_session_timeout=30000 -c timezone=UTC"
    )
    return {
        "pool_size": pool_size,
        "max_overflow": pool_size,
        "pool_timeout": 5,
        "pool_recycle": 1800,
        "connect_args": {
            "options": options,
            "connect_timeout": 5,
            "tcp_user_timeout": int(deadline_s * 1000),
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
        },
    }


@event.listens_for(Engine, "connect")
def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Make a new SQLite connection durable, and leave BEGIN to us."""
    if not type(connection).__module__.startswith("sqlite3"):
        return
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    """Begin IMMEDIATE for a use case, deferred for reads."""
    if connection.dialect.name == "sqlite":
        write = connection.get_execution_options().get("rental_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
