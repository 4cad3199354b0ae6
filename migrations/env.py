"""Alembic's environment: runs migrations with the app's engine and metadata."""

from alembic import context
from sqlalchemy import text

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


def run() -> None:
    """Run the migrations in one transaction."""
    with db.engine.connect().execution_options(rental_write=True) as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.rollback()
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
            render_as_batch=connection.dialect.name == "sqlite",
        )
        with context.begin_transaction():
            context.run_migrations()
        if connection.dialect.name == "sqlite":
            connection.rollback()
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


run()
