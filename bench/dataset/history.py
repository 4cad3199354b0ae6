"""What happened long ago: closed loans, fulfilled reservations, history lines and messages."""

from bench.dataset.bulk import FAKE_HASH, Bulk, quoted
from bench.dataset.reference import PAST_DAYS, day, noon
from bench.dataset.size import Size
from bench.dataset.stock import lines_per_unit, unit_count
from rental.foundation.database import db
from rental.foundation.idempotency import IdempotencyKey
from rental.journal.models import JournalLine
from rental.loans.models import Loan
from rental.loans.policy import Condition, LoanState
from rental.notices.models import Notice
from rental.notices.policy import NoticeKind
from rental.reservations.models import Reservation
from rental.reservations.policy import Fulfilment, ReservationState
from rental.upkeep.models import Upkeep
from rental.upkeep.policy import UpkeepReason, UpkeepState

_TABLES = db.metadata.tables


def loans(bulk: Bulk, size: Size) -> None:
    """Insert closed loans, each with the upkeep that followed it."""
    count = unit_count(bulk)
    bulk.run("CREATE TEMPORARY TABLE past (n integer PRIMARY KEY, d integer, unit_n integer)")
    bulk.run(
        f"INSERT INTO past WITH RECURSIVE row(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM row"
        f" WHERE n + 1 < {max(size.closed_loans, size.past_reservations)})"
        f" SELECT n, n % {PAST_DAYS - 120} - {PAST_DAYS}, n % {count} FROM row"
    )
    source = f"FROM past JOIN pieces ON pieces.n = past.unit_n WHERE past.n < {size.closed_loans}"
    bulk.fill(
        _TABLES[Loan.__tablename__],
        source,
        {
            "code": "'L-0' || past.n",
            "unit_id": "past.unit_n + 1",
            "kind_id": "kind_id",
            "site_id": "site_id",
            "resident_id": f"1 + past.n % {size.residents}",
            "state": LoanState.RETURNED,
            "issued_on": day("past.d"),
            "issued_at": noon("past.d"),
            "issued_by": 1,
            "due_on": day("past.d + 90"),
            "returned_on": day("past.d + 80"),
            "returned_at": noon("past.d + 80"),
            "received_by": 1,
            "condition": Condition.GOOD,
            "journal_seq": "2",
            "journal_hash": quoted(FAKE_HASH),
        },
    )
    bulk.fill(
        _TABLES[Upkeep.__tablename__],
        source,
        {
            "code": "'U-0' || past.n",
            "unit_id": "past.unit_n + 1",
            "site_id": "site_id",
            "reason": UpkeepReason.RETURN,
            "hygiene": "hygiene",
            "state": UpkeepState.RELEASED,
            "opened_at": noon("past.d + 80"),
            "expected_on": day("past.d + 82"),
            "released_at": noon("past.d + 82"),
            "released_by": 1,
            "journal_hash": quoted(FAKE_HASH),
        },
    )


def reservations(bulk: Bulk, size: Size) -> None:
    """Insert fulfilled reservations."""
    bulk.fill(
        _TABLES[Reservation.__tablename__],
        f"FROM past JOIN pieces ON pieces.n = past.unit_n WHERE past.n < {size.past_reservations}",
        {
            "code": "'B-0' || past.n",
            "kind_id": "kind_id",
            "site_id": "site_id",
            "resident_id": f"1 + past.n % {size.residents}",
            "made_by": 1,
            "state": ReservationState.FULFILLED,
            "starts_on": day("past.d"),
            "ends_on": day("past.d + 90"),
            "blocked_until": day("past.d + 92"),
            "hold_until": day("past.d + 2"),
            "fulfilment": Fulfilment.PICKUP,
            "unit_id": "past.unit_n + 1",
            "created_at": noon("past.d"),
            "ended_at": noon("past.d"),
            "journal_hash": quoted(FAKE_HASH),
        },
    )


def lines(bulk: Bulk, size: Size) -> None:
    """Insert one line of each unit's and one of each loan's history for every closed loan."""
    most = lines_per_unit(bulk, size) * unit_count(bulk)
    common = {
        "actor_id": 1,
        "resident_id": f"1 + past.n % {size.residents}",
        "hash": quoted(FAKE_HASH),
    }
    facts = ',"kind_id":1,"site_id":1,"due_on":"2026-01-01","free_from":"2026-01-03"}'
    bulk.fill(
        _TABLES[JournalLine.__tablename__],
        f"FROM past JOIN pieces ON pieces.n = past.unit_n WHERE past.n < {most}",
        {
            **common,
            "subject": "'unit:' || pieces.code",
            "seq": f"1 + past.n / {unit_count(bulk)}",
            "act": "CASE WHEN past.n % 2 = 0 THEN 'issued' ELSE 'returned' END",
            "at": noon("past.d"),
            "row": 'CASE WHEN past.n % 2 = 0 THEN \'{"state":"on_loan"\' ELSE'
            f' \'{{"state":"dirty"\' END || {quoted(facts)}',
            "details": "'{\"loan\":\"L-0' || past.n || '\"}'",
        },
    )
    bulk.fill(
        _TABLES[JournalLine.__tablename__],
        f"FROM past WHERE past.n < {size.closed_loans}",
        {
            **common,
            "subject": "'loan:L-0' || past.n",
            "seq": "1",
            "act": "'issued'",
            "at": noon("past.d"),
            "row": quoted('{"state":"open"}'),
            "details": quoted("{}"),
        },
    )


def messages(bulk: Bulk, size: Size) -> None:
    """Insert a sent notice for every closed loan, and a kept answer for every tenth."""
    bulk.fill(
        _TABLES[Notice.__tablename__],
        f"FROM past WHERE past.n < {size.closed_loans}",
        {
            "resident_id": f"1 + past.n % {size.residents}",
            "kind": NoticeKind.ISSUED,
            "params": quoted(
                '{"kind":{"zh":"轮椅","en":"wheelchair"},"due":{"date":"2026-01-01"}}'
            ),
            "once_key": "'issued:L-0' || past.n",
            "created_at": noon("past.d"),
            "dispatched_at": noon("past.d"),
        },
    )
    bulk.fill(
        _TABLES[IdempotencyKey.__tablename__],
        f"FROM past WHERE past.n < {size.closed_loans} AND past.n % 10 = 0",
        {
            "account_id": "1",
            "key": "'past-' || past.n",
            "request_hash": quoted(FAKE_HASH),
            "status": "201",
            "body": quoted('{"code":"L-0","state":"open"}'),
            "at": noon(-1),
        },
    )
