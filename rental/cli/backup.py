"""`flask backup DIR` and `flask restore DIR`: a consistent copy while serving, and back.

SQLite is copied with its own online backup; PostgreSQL table by table with COPY inside one
REPEATABLE READ transaction, which needs no client programs of the right version. Keys are never
part of a backup: without them its personal data cannot be read, so keep them apart. A fingerprint
tells a restore whether the keys at hand are the right ones.
"""

import hashlib
import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import flask_migrate
from alembic.migration import MigrationContext
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import Connection, text

from rental.foundation import clock, crypto
from rental.foundation.database import Base, db, snapshot
from rental.settings import Settings

_MANIFEST = "manifest.json"


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path))
@with_appcontext
def backup(folder: Path) -> None:
    """Copy database and files into FOLDER, which must not exist yet."""
    if folder.exists():
        raise click.ClickException(f"{folder} exists already; name a new folder")
    os.umask(0o077)
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    settings: Settings = current_app.extensions["rental_settings"]
    manifest = _copy_sqlite(partial) if settings.is_sqlite else _copy_postgresql(partial)
    files = settings.var_dir / "files"
    if files.is_dir():
        shutil.copytree(files, partial / "files")
    manifest |= {"made_at": clock.now().at.isoformat(), "keys": _fingerprints()}
    (partial / _MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    partial.rename(folder)
    click.echo(f"backup: {folder}")


@click.command("restore")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--overwrite", is_flag=True, help="Replace a database that is not empty.")
@with_appcontext
def restore(folder: Path, *, overwrite: bool) -> None:
    """Bring the backup in FOLDER back. Stop the service first."""
    settings: Settings = current_app.extensions["rental_settings"]
    manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    if not set(manifest["keys"]) <= set(_fingerprints()):
        raise click.ClickException("the keys at hand are not the ones this backup was made with")
    if manifest["database"] != ("sqlite" if settings.is_sqlite else "postgresql"):
        raise click.ClickException(f"this is a backup of {manifest['database']}")
    if not overwrite and _holds_data():
        raise click.ClickException("the database is not empty; say --overwrite to replace it")
    _restore_sqlite(folder) if settings.is_sqlite else _restore_postgresql(folder, manifest)
    if (folder / "files").is_dir():
        shutil.rmtree(settings.var_dir / "files", ignore_errors=True)
        shutil.copytree(folder / "files", settings.var_dir / "files")
    flask_migrate.upgrade(directory=current_app.extensions["migrate"].directory)
    click.echo(f"restored: {folder}")


def _fingerprints() -> list[str]:
    """Return one fingerprint a key; it reveals nothing about the key. Newer keys may be added."""
    keys = crypto.ring()
    parts = [keys.index, keys.journal, *(keys.encryption[v] for v in sorted(keys.encryption))]
    return [hashlib.sha256(b"backup\0" + part).hexdigest()[:16] for part in parts]


def _holds_data() -> bool:
    with db.engine.connect() as connection:
        if not db.engine.dialect.has_table(connection, "account"):
            return False
        return connection.execute(text("SELECT count(*) FROM account")).scalar() != 0


def _copy_sqlite(folder: Path) -> dict[str, Any]:
    source = str(db.engine.url.database)
    with (
        closing(sqlite3.connect(source)) as live,
        closing(sqlite3.connect(folder / "rental.db")) as copy,
    ):
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        (sound,) = copy.execute("PRAGMA integrity_check").fetchone()
    if sound != "ok":
        raise click.ClickException(f"the copy is damaged: {sound}")
    return {"database": "sqlite"}


def _restore_sqlite(folder: Path) -> None:
    target = Path(str(db.engine.url.database))
    db.engine.dispose()
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        closing(sqlite3.connect(folder / "rental.db")) as copy,
        closing(sqlite3.connect(target)) as live,
    ):
        copy.backup(live)


def _copy_postgresql(folder: Path) -> dict[str, Any]:
    counts: dict[str, int] = {}
    with snapshot() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
        cursor = connection.connection.cursor()
        for table in Base.metadata.sorted_tables:
            columns = ", ".join(f'"{column.name}"' for column in table.columns)
            copying = f'COPY "{table.name}" ({columns}) TO STDOUT'
            with (folder / f"{table.name}.copy").open("wb") as out, cursor.copy(copying) as rows:
                for block in rows:
                    out.write(bytes(block))
            counts[table.name] = connection.execute(
                text(f'SELECT count(*) FROM "{table.name}"')  # ruff: ignore[hardcoded-sql-expression] - our own table names
            ).scalar_one()
    return {"database": "postgresql", "revision": revision, "rows": counts}


def _restore_postgresql(folder: Path, manifest: dict[str, Any]) -> None:
    flask_migrate.upgrade(
        directory=current_app.extensions["migrate"].directory, revision=manifest["revision"]
    )
    tables = Base.metadata.sorted_tables
    with db.engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        names = ", ".join(f'"{table.name}"' for table in tables)
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
        cursor = connection.connection.cursor()
        for table in tables:
            columns = ", ".join(f'"{column.name}"' for column in table.columns)
            copying = f'COPY "{table.name}" ({columns}) FROM STDIN'
            with (folder / f"{table.name}.copy").open("rb") as rows, cursor.copy(copying) as into:
                while block := rows.read(1 << 16):
                    into.write(block)
            _move_sequence(connection, table.name, "id" in table.columns)
            _same_count(connection, table.name, manifest["rows"][table.name])


def _move_sequence(connection: Connection, table: str, has_id: bool) -> None:  # ruff: ignore[boolean-type-hint-positional-argument] - one caller
    if has_id:
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "  # ruff: ignore[hardcoded-sql-expression] - our own table names
                f'coalesce((SELECT max(id) FROM "{table}"), 1), '
                f'EXISTS (SELECT 1 FROM "{table}"))'
            )
        )


def _same_count(connection: Connection, table: str, expected: int) -> None:
    found = connection.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one()  # ruff: ignore[hardcoded-sql-expression] - our own table names
    if found != expected:
        raise click.ClickException(f"{table}: {found} rows came back, {expected} were saved")
