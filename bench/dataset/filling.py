"""Filling a fresh database from first to last table."""

from apiflask import APIFlask

from bench.dataset import history, people, stock
from bench.dataset.bulk import Bulk, open_bulk
from bench.dataset.reference import add_sites, describe, load_reference
from bench.dataset.size import Size
from rental.foundation.database import db


def fill(app: APIFlask, size: Size) -> None:
    """Create the tables of the app's empty database and fill them.

    Indexes of the big tables are built at the end; PostgreSQL gets its statistics, as autovacuum
    would make them in time.
    """
    with app.app_context():
        db.create_all()
        at = load_reference(app.extensions["rental_settings"])
        db.session.remove()
        url = db.engine.url.render_as_string(hide_password=False)
        indexes = [index for table in db.metadata.sorted_tables for index in table.indexes]
        for index in indexes:
            index.drop(db.engine)
        bulk = open_bulk(url)
        describe(bulk, at)
        _rows(bulk, size)
        bulk.connection.close()
        for index in indexes:
            index.create(db.engine)
        db.engine.dispose()
    _settle(url)


def _rows(bulk: Bulk, size: Size) -> None:
    bulk.run("BEGIN")
    add_sites(bulk, size)
    people.staff(bulk, size)
    people.residents(bulk, size)
    stock.units(bulk, size)
    stock.away(bulk, size)
    stock.promises(bulk, size)
    history.loans(bulk, size)
    history.reservations(bulk, size)
    history.lines(bulk, size)
    history.messages(bulk, size)
    bulk.renumber(db.metadata.sorted_tables)
    bulk.run("COMMIT")


def _settle(url: str) -> None:
    """Leave nothing for later: statistics and visibility, and the log back in the file."""
    bulk = open_bulk(url)
    if bulk.is_postgres:
        bulk.run("VACUUM ANALYZE")
        bulk.run("CHECKPOINT")
    else:
        bulk.run("PRAGMA wal_checkpoint(TRUNCATE)")
    bulk.connection.close()
