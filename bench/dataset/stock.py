"""Units, those that are away or in the wash room, and what is promised."""

from bench.dataset.bulk import FAKE_HASH, Bulk, quoted
from bench.dataset.codes import code_body
from bench.dataset.reference import day, noon
from bench.dataset.size import Size
from rental.foundation.database import db
from rental.inventory.models import Stock, Unit
from rental.inventory.policy import UnitState
from rental.loans.models import Loan
from rental.loans.policy import LoanState
from rental.places.policy import ZoneKind
from rental.reservations.models import Reservation
from rental.reservations.policy import Fulfilment, ReservationState
from rental.upkeep.models import Upkeep
from rental.upkeep.policy import UpkeepReason, UpkeepState

_TABLES = db.metadata.tables
_SPREAD = 40
"""Loans end, and promises begin, on so many different days."""


def units(bulk: Bulk, size: Size) -> None:
    """Insert the stock: of each kind at each site one unit is away, every other kind has one dirty.

    The temporary table ``pieces`` keeps for each unit, by its place from 0: kind, site, which of
    its kind it is (``nth``), and the kind's place in the catalogue (``k``).
    """
    kinds = bulk.number("SELECT count(*) FROM kinds")
    each = size.units_per_kind
    bulk.run("CREATE TEMPORARY TABLE codes (n integer PRIMARY KEY, code text)")
    count = size.sites * kinds * each
    bulk.copy("codes", ("n", "code"), ((n, code_body(n)) for n in range(count)))
    bulk.run(
        "CREATE TEMPORARY TABLE pieces AS SELECT codes.n AS n, codes.code AS code,"
        f" 1 + codes.n / {kinds * each} AS site_id, kinds.id AS kind_id, kinds.n AS k,"
        f" kinds.hygiene AS hygiene, codes.n % {each} AS nth"
        f" FROM codes JOIN kinds ON kinds.n = codes.n / {each} % {kinds}"
    )
    zone = "(SELECT min(id) FROM zone WHERE zone.site_id = pieces.site_id AND kind = '{}')"
    dirty = "nth = 1 AND k % 2 = 0"
    bulk.fill(
        _TABLES[Unit.__tablename__],
        "FROM pieces",
        {
            "id": "n + 1",
            "code": "code",
            "kind_id": "kind_id",
            "site_id": "site_id",
            "zone_id": f"CASE WHEN nth = 0 THEN NULL WHEN {dirty} THEN "
            f"{zone.format(ZoneKind.DIRTY.value)} ELSE {zone.format(ZoneKind.CLEAN.value)} END",
            "state": f"CASE WHEN nth = 0 THEN '{UnitState.ON_LOAN.value}'"
            f" WHEN {dirty} THEN '{UnitState.DIRTY.value}'"
            f" ELSE '{UnitState.AVAILABLE.value}' END",
            "due_on": f"CASE WHEN nth = 0 THEN {day(_due('n'))} END",
            "free_from": f"CASE WHEN nth = 0 THEN {day(_due('n') + ' + 2')}"
            f" WHEN {dirty} THEN {day(2)} END",
            "serial_number": "'S' || n",
            "maker": "'测试厂'",
            "created_at": noon(-700),
            "journal_seq": str(lines_per_unit(bulk, size)),
            "journal_hash": quoted(FAKE_HASH),
        },
    )
    bulk.fill(
        _TABLES[Stock.__tablename__],
        "FROM pieces WHERE nth = 0",
        {"id": f"1 + n / {each}", "site_id": "site_id", "kind_id": "kind_id"},
    )


def unit_count(bulk: Bulk) -> int:
    """Return how many units were inserted."""
    return bulk.number("SELECT count(*) FROM pieces")


def lines_per_unit(bulk: Bulk, size: Size) -> int:
    """Return how many lines of history each unit has."""
    return size.closed_loans // unit_count(bulk)


def away(bulk: Bulk, size: Size) -> None:
    """Insert the open loans and open upkeep that the units' states speak of."""
    ends = _due("n")
    bulk.fill(
        _TABLES[Loan.__tablename__],
        "FROM pieces WHERE nth = 0",
        {
            "code": "'L-00' || n",
            "unit_id": "n + 1",
            "kind_id": "kind_id",
            "site_id": "site_id",
            "resident_id": _resident(size, 0),
            "state": LoanState.OPEN,
            "issued_on": day(f"{ends} - 90"),
            "issued_at": noon(f"{ends} - 90"),
            "issued_by": 1,
            "due_on": day(ends),
            "journal_hash": quoted(FAKE_HASH),
        },
    )
    bulk.fill(
        _TABLES[Upkeep.__tablename__],
        "FROM pieces WHERE nth = 1 AND k % 2 = 0",
        {
            "code": "'U-00' || n",
            "unit_id": "n + 1",
            "site_id": "site_id",
            "reason": UpkeepReason.RETURN,
            "hygiene": "hygiene",
            "state": UpkeepState.OPEN,
            "opened_at": noon(-1),
            "expected_on": day(1),
            "journal_hash": quoted(FAKE_HASH),
        },
    )


def promises(bulk: Bulk, size: Size) -> None:
    """Insert active reservations, each of two weeks, beginning after more than a month."""
    for nth in range(size.promises_per_kind):
        begins = f"{35 + 20 * nth} + n % 10"
        bulk.fill(
            _TABLES[Reservation.__tablename__],
            "FROM pieces WHERE nth = 0",
            {
                "code": f"'B-00' || n || '-' || {nth}",
                "kind_id": "kind_id",
                "site_id": "site_id",
                "resident_id": _resident(size, nth + 1),
                "made_by": 1,
                "state": ReservationState.CONFIRMED,
                "starts_on": day(begins),
                "ends_on": day(f"{begins} + 13"),
                "blocked_until": day(f"{begins} + 16"),
                "hold_until": day(f"{begins} + 2"),
                "fulfilment": Fulfilment.PICKUP,
                "created_at": noon(-3),
                "journal_hash": quoted(FAKE_HASH),
            },
        )


#: Residents whose place from 0, modulo 20, is below this have an open loan or a promise.
BUSY = 3


def _resident(size: Size, band: int) -> str:
    """Return SQL for the resident of the piece: the bands never meet, nobody has two of one."""
    return f"1 + n / {size.units_per_kind} * 20 % {size.residents} + {band}"


def _due(n: str) -> str:
    return f"1 + {n} % {_SPREAD}"
