"""Connections without a pool: one per thread, with the service's own durability."""

import fcntl
import os
import re
import sqlite3
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import psycopg

URL = os.environ.get("DATABASE_URL", "sqlite:///:memory:")
IS_POSTGRES = URL.startswith("postgres")

_kept = threading.local()

Row = tuple[Any, ...]


def sql(text: str) -> str:
    """Return the statement in the database's own dialect; ``:name`` is a parameter."""
    if IS_POSTGRES:
        return re.sub(r":(\w+)", r"%(\1)s", text)
    return re.sub(r"\s+FOR (UPDATE|KEY SHARE)( OF \w+)?", "", text)


def kept_as(at: datetime) -> object:
    """Return the UTC instant as the database keeps it."""
    return at if IS_POSTGRES else at.strftime("%Y-%m-%d %H:%M:%S.%f")


def connection() -> Any:
    """Return this thread's connection; it is in autocommit mode."""
    found = getattr(_kept, "connection", None)
    if found is None:
        found = _kept.connection = _open_postgres() if IS_POSTGRES else _open_sqlite()
    return found


def one(statement: str, values: Mapping[str, Any]) -> Row:
    """Return the only row.

    Raises:
        LookupError: If there is none.
    """
    row = connection().execute(statement, values).fetchone()
    if row is None:
        raise LookupError(statement)
    found: Row = row
    return found


def many(statement: str, values: Mapping[str, Any]) -> list[Row]:
    """Return all rows."""
    rows: list[Row] = connection().execute(statement, values).fetchall()
    return rows


def put(statement: str, values: Mapping[str, Any]) -> None:
    """Write; exactly one row must be concerned.

    Raises:
        LookupError: If it was none or several.
    """
    if connection().execute(statement, values).rowcount != 1:
        raise LookupError(statement)


@contextmanager
def transaction() -> Generator[None]:
    """Hold one transaction; on SQLite wait for the writers' file lock first."""
    with _lock():
        link = connection()
        link.execute("BEGIN" if IS_POSTGRES else "BEGIN IMMEDIATE")
        try:
            yield
            link.execute("COMMIT")
        except BaseException:
            link.execute("ROLLBACK")
            raise


@contextmanager
def _lock() -> Generator[None]:
    if IS_POSTGRES:
        yield
        return
    handle = os.open(f"{_path()}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _path() -> str:
    return urlsplit(URL).path.removeprefix("/")


def _open_postgres() -> "psycopg.Connection[Row]":
    bare = URL.replace("postgresql+psycopg://", "postgresql://", 1)
    return psycopg.connect(
        bare,
        autocommit=True,
        options="-c lock_timeout=3000 -c timezone=UTC -c statement_timeout=10000",
    )


def _open_sqlite() -> sqlite3.Connection:
    link = sqlite3.connect(_path(), timeout=10, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        link.execute(f"PRAGMA {pragma}")
    return link
