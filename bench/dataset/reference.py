"""What the service itself loads, and what SQL needs to know of it: kinds, days, sealed values."""

import json
from datetime import UTC, datetime, time, timedelta

from bench.dataset.bulk import Bulk, quoted
from bench.dataset.size import Size
from rental.catalogue import service as catalogue
from rental.catalogue.models import Category, Kind
from rental.foundation import clock
from rental.foundation.clock import Moment
from rental.foundation.database import db, transaction
from rental.places import service as places
from rental.places.models import ClosedDay, OpeningHours, Site, SpecialDay, Zone
from rental.settings import Settings

#: The generated past ends today and began so many days ago.
PAST_DAYS = 730

_TABLES = db.metadata.tables


def load_reference(settings: Settings) -> Moment:
    """Load the first site, its calendar and the catalogue as a new installation does."""
    at = clock.now()
    with transaction() as session:
        places.ensure_reference_data(session, at=at)
        data = json.loads(settings.catalogue_file.read_text(encoding="utf-8"))
        catalogue.load(session, data, at=at)
    return at


def add_sites(bulk: Bulk, size: Size) -> None:
    """Add further sites, with zones and calendar like the first one's."""
    bulk.run("CREATE TEMPORARY TABLE further (n integer PRIMARY KEY)")
    bulk.copy("further", ("n",), ((n,) for n in range(2, size.sites + 1)))
    bulk.fill(
        _TABLES[Site.__tablename__],
        "FROM further",
        {
            "id": "n",
            "code": "'site-' || n",
            "zh": "'第 ' || n || ' 租赁点'",
            "en": "'Rental point ' || n",
            "address_zh": "'测试路 ' || n || ' 号'",
            "address_en": "n || ' Test Road'",
            "phone": "'0632-0000000'",
        },
    )
    for row in (Zone, OpeningHours, ClosedDay, SpecialDay):
        table = _TABLES[row.__tablename__]
        copied = {column.name for column in table.columns} - {"id", "code"}
        same = {name: f'old."{name}"' for name in sorted(copied)}
        code = {"code": "'Z-0' || n || '-' || old.id"} if row is Zone else {}
        source = f"FROM further CROSS JOIN {table.name} AS old WHERE old.site_id = 1"
        bulk.fill(table, source, {**same, "site_id": "n", **code})


def describe(bulk: Bulk, at: Moment) -> None:
    """Make temporary tables: ``kinds`` by place in the list, ``days`` by distance from today.

    The distance is negative in the past; ``noon`` is noon at the site.
    """
    bulk.run("CREATE TEMPORARY TABLE kinds (n integer PRIMARY KEY, id integer, hygiene text)")
    bulk.run(
        "INSERT INTO kinds SELECT row_number() OVER (ORDER BY kind.id) - 1, kind.id,"
        f" category.hygiene FROM {Kind.__tablename__} AS kind"
        f" JOIN {Category.__tablename__} AS category ON category.id = kind.category_id"
    )
    bulk.run(
        "CREATE TEMPORARY TABLE days (distance integer PRIMARY KEY, day date NOT NULL,"
        " noon timestamp with time zone NOT NULL)"
    )
    rows = []
    for n in range(-PAST_DAYS - 60, 800):
        day = at.on + timedelta(days=n)
        noon = datetime.combine(day, time(4), UTC)
        rows.append(f"({n}, {quoted(day.isoformat())}, {quoted(f'{noon:%Y-%m-%d %H:%M:%S.%f}')})")
    bulk.run(f"INSERT INTO days VALUES {', '.join(rows)}")


def day(n: int | str) -> str:
    """Return SQL for the civil date so many days from today."""
    return f"(SELECT day FROM days WHERE distance = {n})"


def noon(n: int | str) -> str:
    """Return SQL for noon at the site so many days from today."""
    return f"(SELECT noon FROM days WHERE distance = {n})"
