"""Issuing a unit and taking it back."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from bench.limit.chain import Line, line, write
from bench.limit.connections import Row, many, one, put, sql
from bench.limit.promise import CONSENT_VERSION, COUNTED, free_on_days
from bench.limit.requests import Asked, Known, Refused, day, kinds, tell, zone_id_of
from rental.foundation.codes import CodeKind, new_code

_LOCK_STOCK = sql(
    "SELECT stock.id FROM stock JOIN unit ON unit.site_id = stock.site_id"
    " AND unit.kind_id = stock.kind_id WHERE unit.code = :code FOR UPDATE OF stock"
)
_UNIT_COLUMNS = (
    "id, code, kind_id, site_id, zone_id, state, due_on, free_from, serial_number, maker,"
    " load_limit_kg, electrical_test_due_on, expires_on, missing, note, journal_seq, journal_hash"
)
UNIT = sql(f"SELECT {_UNIT_COLUMNS} FROM unit WHERE code = :code")
_LOCK_UNIT = sql(f"SELECT {_UNIT_COLUMNS} FROM unit WHERE code = :code FOR UPDATE")
_RESIDENT = sql(
    "SELECT id, state, EXISTS (SELECT 1 FROM consent WHERE resident_id = resident.id"
    " AND purpose = 'service' AND version = :version AND withdrawn_at IS NULL)"
    " AND EXISTS (SELECT 1 FROM consent WHERE resident_id = resident.id"
    " AND purpose = 'health' AND version = :version AND withdrawn_at IS NULL),"
    " (SELECT max(valid_until) FROM decision WHERE resident_id = resident.id"
    " AND valid_from <= :today AND valid_until >= :today AND revoked_at IS NULL),"
    " (SELECT count(*) FROM loan WHERE resident_id = resident.id AND state = 'open'),"
    " EXISTS (SELECT 1 FROM fault WHERE unit_id = :unit_id AND state = 'open')"
    " FROM resident WHERE code = :code FOR KEY SHARE OF resident"
)
_RESERVATION = sql(
    "SELECT id, code, kind_id, site_id, resident_id, state, starts_on, ends_on, blocked_until,"
    " hold_until, fulfilment, slot_on, slot_half, address, unit_id, created_at, journal_seq,"
    " journal_hash FROM reservation WHERE resident_id = :resident_id AND kind_id = :kind_id"
    " AND site_id = :site_id AND state IN ('confirmed', 'packed') ORDER BY starts_on, id LIMIT 1"
)
_INSERT_LOAN = sql(
    "INSERT INTO loan (code, unit_id, kind_id, site_id, resident_id, reservation_id, state,"
    " issued_on, issued_at, issued_by, due_on, renewals, forced_reason, returned_on, missing,"
    " return_note, journal_seq, journal_hash) VALUES (:code, :unit_id, :kind_id, :site_id,"
    " :resident_id, NULL, 'open', :today, :at, :issued_by, :due_on, 0, NULL, NULL, '[]', '',"
    " :seq, :hash)"
)
_MOVE = sql(
    "UPDATE unit SET state = :state, due_on = :due_on, free_from = :free_from, zone_id = :zone_id,"
    " missing = '[]', journal_seq = :seq, journal_hash = :hash"
    " WHERE id = :unit_id AND journal_seq = :expected"
)
_LOCK_LOAN = sql(
    "SELECT loan.id, loan.code, loan.unit_id, loan.resident_id, loan.issued_on, loan.issued_at,"
    " loan.due_on, loan.journal_seq, loan.journal_hash, loan.kind_id, loan.site_id,"
    " loan.reservation_id, loan.state, loan.issued_by, loan.renewals, loan.forced_reason,"
    " loan.returned_on, loan.returned_at, loan.received_by, loan.condition, loan.missing,"
    " loan.return_note, unit.code, resident.code, resident.name FROM loan"
    " JOIN unit ON unit.id = loan.unit_id JOIN resident ON resident.id = loan.resident_id"
    " WHERE loan.unit_id = :unit_id AND loan.state = 'open' FOR UPDATE OF loan"
)
_END_LOAN = sql(
    "UPDATE loan SET state = 'returned', returned_on = :today, returned_at = :at,"
    " received_by = :received_by, condition = :condition, missing = '[]', return_note = '',"
    " journal_seq = :seq, journal_hash = :hash WHERE id = :loan_id AND journal_seq = :expected"
)
_INSERT_UPKEEP = sql(
    "INSERT INTO upkeep (code, unit_id, site_id, reason, hygiene, state, opened_at, expected_on,"
    " released_at, released_by, journal_seq, journal_hash) VALUES (:code, :unit_id, :site_id,"
    " 'return', :hygiene, 'open', :at, :expected_on, NULL, NULL, :seq, :hash)"
    " ON CONFLICT DO NOTHING"
)

_MOST_LOANS = 2


def issue(asked: Asked) -> tuple[dict[str, Any], int]:
    """Hand the unit over."""
    one(_LOCK_STOCK, {"code": asked.body["unit_code"]})
    unit = one(_LOCK_UNIT, {"code": asked.body["unit_code"]})
    kind = kinds()[unit[2]]
    due_on = day(asked.on, kind.loan_days)
    free_from = day(due_on, kind.turnround_days + 1)
    resident_id = _borrower(asked, unit, until=free_from)
    loan = _begin_loan(asked, unit, resident_id, due_on)
    moved = _move(asked, unit, Step("on_loan", "issued", due_on, free_from), loan)
    write([loan, moved])
    code = loan.values["subject"].removeprefix("loan:")
    params = {"kind": kind.name, "due": {"date": due_on.isoformat()}}
    tell(asked, "issued", resident_id=resident_id, once=code, params=params)
    return {
        "code": code,
        "unit_code": unit[1],
        "resident_code": asked.body["resident_code"],
        "reservation_code": None,
        "state": "open",
        "issued_at": asked.at.isoformat(),
        "issued_on": asked.on.isoformat(),
        "due_on": due_on.isoformat(),
        "forced": False,
        "blockers": [],
    }, 201


def _borrower(asked: Asked, unit: Row, *, until: date) -> int:
    """Return the key of the resident, who may have the unit."""
    who = {
        "code": asked.body["resident_code"],
        "today": asked.on,
        "version": CONSENT_VERSION,
        "unit_id": unit[0],
    }
    resident_id, _, consented, eligible_until, open_loans, faulty = one(_RESIDENT, who)
    place = {"kind_id": unit[2], "site_id": unit[3]}
    reserved = many(_RESERVATION, {"resident_id": resident_id, **place})
    rows = many(COUNTED, {**place, "today": asked.on, "without": 0})
    may = consented and eligible_until and open_loans <= _MOST_LOANS
    if unit[5] != "available" or _has_expired(unit, asked.on) or faulty or reserved or not may:
        raise Refused(f"{unit} can't be handed over")
    if min(free_on_days(rows, asked.on, (until - asked.on).days)) < 1:
        raise Refused("promised to somebody else")
    return int(resident_id)


def _has_expired(unit: Row, on: date) -> bool:
    """Tell whether the expiry or the electrical test of the unit is over."""
    return any(until is not None and str(until) < on.isoformat() for until in unit[11:13])


def _begin_loan(asked: Asked, unit: Row, resident_id: int, due_on: date) -> Line:
    code = new_code(CodeKind.LOAN)
    written = line(
        f"loan:{code}",
        "issued",
        at=asked.at,
        actor_id=asked.account_id,
        resident_id=resident_id,
        row={
            "state": "open",
            "unit_id": unit[0],
            "resident_id": resident_id,
            "issued_on": asked.on.isoformat(),
            "due_on": due_on.isoformat(),
            "returned_on": None,
        },
        details={},
    )
    put(
        _INSERT_LOAN,
        {
            **written.head,
            "code": code,
            "unit_id": unit[0],
            "kind_id": unit[2],
            "site_id": unit[3],
            "resident_id": resident_id,
            "today": asked.on,
            "at": asked.stored_at,
            "issued_by": asked.account_id,
            "due_on": due_on,
        },
    )
    return written


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of the unit."""

    state: str
    act: str
    due_on: date | None
    free_from: date


def _move(asked: Asked, unit: Row, step: Step, loan: Line) -> Line:
    """Update the unit; return its line."""
    details = {"loan": loan.values["subject"].removeprefix("loan:")}
    if step.state == "dirty":
        details["condition"] = asked.body["condition"]
    written = line(
        f"unit:{unit[1]}",
        step.act,
        at=asked.at,
        actor_id=asked.account_id,
        resident_id=loan.values["resident_id"],
        row={
            "state": step.state,
            "kind_id": unit[2],
            "site_id": unit[3],
            "due_on": step.due_on.isoformat() if step.due_on else None,
            "free_from": step.free_from.isoformat(),
        },
        details=details,
        after=(unit[15], unit[16]),
    )
    put(
        _MOVE,
        {
            **written.head,
            "unit_id": unit[0],
            "expected": unit[15],
            "state": step.state,
            "due_on": step.due_on,
            "free_from": step.free_from,
            "zone_id": zone_id_of(unit[3], "dirty") if step.state == "dirty" else None,
        },
    )
    return written


def take_back(asked: Asked, code: str) -> tuple[dict[str, Any], int]:
    """Take the unit back."""
    unit = one(_LOCK_UNIT, {"code": code})
    loan = one(_LOCK_LOAN, {"unit_id": unit[0]})
    kind = kinds()[unit[2]]
    expected_on = day(asked.on, kind.turnround_days)
    free_from = day(expected_on, 1)
    ended = _end_loan(asked, loan)
    moved = _move(asked, unit, Step("dirty", "returned", None, free_from), ended)
    write([ended, moved, _begin_upkeep(asked, unit, kind, expected_on)])
    tell(asked, "returned", resident_id=loan[3], once=loan[1], params={"kind": kind.name})
    return {
        "loan_code": loan[1],
        "unit_code": code,
        "state": "dirty",
        "returned_at": asked.at.isoformat(),
        "returned_on": asked.on.isoformat(),
        "condition": asked.body["condition"],
        "missing_accessories": [],
        "free_from": free_from.isoformat(),
    }, 200


def _end_loan(asked: Asked, loan: Row) -> Line:
    condition = asked.body["condition"]
    written = line(
        f"loan:{loan[1]}",
        "returned",
        at=asked.at,
        actor_id=asked.account_id,
        resident_id=loan[3],
        row={
            "state": "returned",
            "unit_id": loan[2],
            "resident_id": loan[3],
            "issued_on": str(loan[4]),
            "due_on": str(loan[6]),
            "returned_on": asked.on.isoformat(),
        },
        details={"condition": condition},
        after=(loan[7], loan[8]),
    )
    put(
        _END_LOAN,
        {
            **written.head,
            "loan_id": loan[0],
            "expected": loan[7],
            "today": asked.on,
            "at": asked.stored_at,
            "received_by": asked.account_id,
            "condition": condition,
        },
    )
    return written


def _begin_upkeep(asked: Asked, unit: Row, kind: Known, expected_on: date) -> Line:
    code = new_code(CodeKind.UPKEEP)
    written = line(
        f"upkeep:{code}",
        "opened",
        at=asked.at,
        actor_id=asked.account_id,
        resident_id=None,
        row={"unit_id": unit[0], "state": "open", "released_by": None},
        details={"unit": unit[1], "reason": "return"},
    )
    put(
        _INSERT_UPKEEP,
        {
            **written.head,
            "code": code,
            "unit_id": unit[0],
            "site_id": unit[3],
            "hygiene": kind.hygiene,
            "at": asked.stored_at,
            "expected_on": expected_on,
        },
    )
    return written
