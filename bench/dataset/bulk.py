"""Inserting many rows at once: plain SQL that both databases understand, on a bare connection."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import psycopg
from sqlalchemy import Column, Table, make_url

#: What stands for a value that nobody reads.
FAKE_HASH = "0" * 64


@dataclass(frozen=True)
class Bulk:
    """A connection that checks no foreign keys; its statements are written for both databases."""

    connection: Any
    is_postgres: bool

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement without parameters; return its rows, if it gives any."""
        cursor = self.connection.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []

    def number(self, statement: str) -> int:
        """Return the one number that the statement gives."""
        return int(self.run(statement)[0][0] or 0)

    def copy(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert rows that were made in Python."""
        names = ", ".join(columns)
        cursor = self.connection.cursor()
        if self.is_postgres:
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as out:
                for row in rows:
                    out.write_row(row)
        else:
            marks = ", ".join("?" * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)

    def fill(self, table: Table, source: str, values: Mapping[str, object]) -> None:
        """Insert one row for each row of the source.

        Args:
            table: Where.
            source: What stands behind FROM.
            values: An SQL expression (text) for each column; an enum or a constant of another
                kind is written out. Columns that are missing here get the model's default.
        """
        said = {
            column.name: _text(values[column.name]) if column.name in values else _default(column)
            for column in table.columns
            if column.name in values or not column.primary_key
        }
        lacking = sorted(values.keys() - said.keys())
        if lacking:
            msg = f"{table.name} has no {lacking}"
            raise ValueError(msg)
        names = ", ".join(f'"{name}"' for name in said)
        self.run(f'INSERT INTO "{table.name}" ({names}) SELECT {", ".join(said.values())} {source}')

    def renumber(self, tables: Iterable[Table]) -> None:
        """Let PostgreSQL go on counting after the keys that were given."""
        for table in tables if self.is_postgres else ():
            if "id" in table.columns and table.columns["id"].autoincrement:
                self.run(
                    f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'),"
                    f' (SELECT coalesce(max(id), 0) + 1 FROM "{table.name}"), false)'
                )


def open_bulk(url: str) -> Bulk:
    """Open the database for filling."""
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        text = address.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = psycopg.connect(text, autocommit=True)
        for setting in (
            "session_replication_role = replica",
            "synchronous_commit = off",
            "timezone = 'UTC'",
            "maintenance_work_mem = '512MB'",
            "work_mem = '128MB'",
        ):
            connection.execute(f"SET {setting}")
        return Bulk(connection, is_postgres=True)
    lite = sqlite3.connect(address.database or "", isolation_level=None)
    for pragma in (
        "foreign_keys=OFF",
        "synchronous=OFF",
        "cache_size=-262144",
        "temp_store=MEMORY",
    ):
        lite.execute(f"PRAGMA {pragma}")
    return Bulk(lite, is_postgres=False)


def quoted(text: str) -> str:
    """Return the text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _text(value: object) -> str:
    match value:
        case Enum():
            return quoted(str(value.value))
        case bool():
            return "TRUE" if value else "FALSE"
        case None:
            return "NULL"
        case _:
            return str(value)


def _default(column: Column[Any]) -> str:
    """Return the model's default as SQL."""
    given = getattr(column.default, "arg", None)
    if given is None or callable(given):
        if not column.nullable:
            msg = f"{column} needs a value"
            raise ValueError(msg)
        return "NULL"
    return quoted(given) if isinstance(given, str) and not isinstance(given, Enum) else _text(given)
