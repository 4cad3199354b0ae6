"""Alembic's environment: runs migrations with the app's engine and metadata."""

from alembic import context
from sqlalchemy import Connection, text

from rental.foundation.crypto import Encrypted
from rental.foundation.database import Base, Instant, db

config = context.config


def include_object(thing: object, name: str | None, kind: str, *_: object) -> bool:
    """Leave tables that are not ours alone."""
    del thing
    return not (kind == "table" and name not in Base.metadata.tables)


def render_item(kind: str, thing: object, _context: object) -> str | bool:
    """Write our own column types as what the database sees."""
    if kind == "type" and isinstance(thing, Instant):
        return "sa.DateTime(timezone=True)"
    return "sa.Text()" if kind == "type" and isinstance(thing, Encrypted) else False


def _check_references(connection: Connection, *, on: bool) -> None:
    """Let SQLite check references, or not; inside a transaction it would not listen."""
    driver = connection.connection.driver_connection
    driver.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


def _ensure_whole(connection: Connection) -> None:
    """Test that no reference leads nowhere after tables were made again.

    Raises:
        RuntimeError: If one does; nothing is committed then.
    """
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if lost:
        msg = f"the migration would leave {len(lost)} references without their rows: {lost[:5]}"
        raise RuntimeError(msg)


def run() -> None:
    """Run the migrations in one transaction.

    SQLite changes a table by making it again, which other tables refer to meanwhile: references
    are checked at the end, as a whole.
    """
    with db.engine.connect().execution_options(rental_write=True) as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            _check_references(connection, on=False)
        else:
            connection.execute(text("SET lock_timeout = '3s'"))
            connection.execute(text("SET statement_timeout = 0"))
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=include_object,
            render_item=render_item,
            compare_type=True,
            render_as_batch=is_sqlite,
        )
        try:
            with context.begin_transaction():
                context.run_migrations()
                if is_sqlite:
                    _ensure_whole(connection)
        finally:
            if is_sqlite:
                connection.rollback()
                _check_references(connection, on=True)


run()
