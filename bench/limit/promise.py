"""Counting what is free, and promising one unit of it."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from bench.limit.chain import line, write
from bench.limit.connections import IS_POSTGRES, Row, connection, many, one, put, sql
from bench.limit.requests import Asked, Refused, day, kind_of, site_id_of, tell
from rental.foundation.codes import CodeKind, new_code

CIRCULATING = "('available', 'packed', 'dirty', 'cleaning', 'disinfected', 'inspected', 'on_loan')"
COUNTS = (
    f"state IN {CIRCULATING} AND (expires_on IS NULL OR expires_on >= :today)"
    " AND (electrical_test_due_on IS NULL OR electrical_test_due_on >= :today"
    " OR state NOT IN ('available', 'packed'))"
)
COUNTED = sql(
    "SELECT state, due_on, free_from, count(*) FROM unit WHERE site_id = :site_id"
    f" AND kind_id = :kind_id AND {COUNTS} GROUP BY state, due_on, free_from"
    " UNION ALL SELECT 'promise', starts_on, blocked_until, count(*) FROM reservation"
    " WHERE kind_id = :kind_id AND site_id = :site_id AND blocked_until >= :today"
    " AND state IN ('confirmed', 'packed') AND id <> :without GROUP BY starts_on, blocked_until"
)
LOCK_RESIDENT = sql(
    "SELECT pg_advisory_xact_lock(7101, :resident_id) FROM resident WHERE id = :resident_id"
    " FOR KEY SHARE"
)
_RESIDENT = sql(
    "SELECT id, code, account_id, state, name, name_initials, citizen_number,"
    " citizen_number_index, born_on, phone, phone_index, address, register, community_id,"
    " grid_id, lives_alone, created_at, journal_seq, journal_hash FROM resident"
    " WHERE code = :code"
)
_STANDING = sql(
    "SELECT EXISTS (SELECT 1 FROM resident WHERE id = :resident_id AND state <> 'anonymised'),"
    " EXISTS (SELECT 1 FROM consent WHERE resident_id = :resident_id"
    " AND purpose = 'service' AND version = :version AND withdrawn_at IS NULL),"
    " (SELECT max(valid_until) FROM decision WHERE resident_id = :resident_id"
    " AND valid_from <= :starts_on AND valid_until >= :starts_on AND revoked_at IS NULL),"
    " count(*), count(*) FILTER (WHERE kind_id = :kind_id) FROM reservation"
    " WHERE resident_id = :resident_id AND state IN ('confirmed', 'packed')"
)
_LOCK_STOCK = sql("SELECT id FROM stock WHERE site_id = :site_id AND kind_id = :kind_id FOR UPDATE")
_INSERT = sql(
    "INSERT INTO reservation (code, kind_id, site_id, resident_id, made_by, state, starts_on,"
    " ends_on, blocked_until, hold_until, fulfilment, slot_on, slot_half, address, unit_id,"
    " created_at, ended_at, journal_seq, journal_hash) VALUES (:code, :kind_id, :site_id,"
    " :resident_id, :made_by, 'confirmed', :starts_on, :ends_on, :blocked_until, :hold_until,"
    " 'pickup', NULL, NULL, NULL, NULL, :at, NULL, :seq, :hash)"
)
CONSENT_VERSION = "2026-11"


def free_on_days(rows: Iterable[Row], first: date, count: int) -> list[int]:
    """Return how many units are free on each of the days."""
    free = [0] * count
    for what, begins, ends, number in rows:
        if what == "promise":
            start, stop, step = _place(begins, first), _place(ends, first) + 1, -number
        elif what in {"available", "packed"}:
            start, stop, step = 0, count, number
        else:
            start, stop, step = max(1, _place(ends, first)), count, number
        for n in range(max(start, 0), min(stop, count)):
            free[n] += step
    return free


def _place(on: date | str, first: date) -> int:
    return ((date.fromisoformat(on) if isinstance(on, str) else on) - first).days


def reserve(asked: Asked) -> tuple[dict[str, Any], int]:
    """Promise a unit of the kind."""
    kind, site_id = kind_of(asked.body["kind_id"]), site_id_of(asked.body["site"])
    place = {"kind_id": kind.id, "site_id": site_id}
    starts_on, ends_on = (date.fromisoformat(asked.body[name]) for name in ("from", "to"))
    blocked_until = day(ends_on, kind.turnround_days)
    resident_id = _may_reserve(asked, place, starts_on)
    one(_LOCK_STOCK, place)
    rows = many(COUNTED, {**place, "today": asked.on, "without": 0})
    free = free_on_days(rows, asked.on, (blocked_until - asked.on).days + 1)
    if min(free[(starts_on - asked.on).days :]) < 1:
        raise Refused("nothing is free")
    code = _insert(asked, resident_id, place, (starts_on, ends_on, blocked_until))
    params = {"kind": kind.name, "start": {"date": starts_on.isoformat()}, "code": code}
    tell(asked, "reserved", resident_id=resident_id, once=code, params=params)
    return {
        "code": code,
        "state": "confirmed",
        "kind_id": kind.key,
        "site": asked.body["site"],
        "from": starts_on.isoformat(),
        "to": ends_on.isoformat(),
        "hold_until": (starts_on + timedelta(days=2)).isoformat(),
        "fulfilment": "pickup",
        "slot_on": None,
        "slot_half": None,
    }, 201


def _may_reserve(asked: Asked, place: dict[str, int], starts_on: date) -> int:
    """Return the key of the resident, who may reserve."""
    resident_id = int(one(_RESIDENT, {"code": asked.body["resident"]})[0])
    if IS_POSTGRES:
        connection().execute(LOCK_RESIDENT, {"resident_id": resident_id})
    person = {"resident_id": resident_id, "version": CONSENT_VERSION, "starts_on": starts_on}
    known, consented, eligible_until, active, same_kind = one(_STANDING, {**person, **place})
    if not known or not consented or eligible_until is None or same_kind or active > 2:
        raise Refused("the resident may not")
    return resident_id


def _insert(
    asked: Asked, resident_id: int, place: dict[str, int], dates: tuple[date, date, date]
) -> str:
    """Insert the reservation and its first line; return its code."""
    code = new_code(CodeKind.RESERVATION)
    starts_on, ends_on, blocked_until = dates
    days = {"starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat()}
    written = line(
        f"reservation:{code}",
        "reserved",
        at=asked.at,
        actor_id=asked.account_id,
        resident_id=resident_id,
        row={"state": "confirmed", **place, "resident_id": resident_id, **days},
        details={"fulfilment": "pickup"},
    )
    put(
        _INSERT,
        {
            **place,
            **written.head,
            "code": code,
            "resident_id": resident_id,
            "made_by": asked.account_id,
            "starts_on": starts_on,
            "ends_on": ends_on,
            "blocked_until": blocked_until,
            "hold_until": starts_on + timedelta(days=2),
            "at": asked.stored_at,
        },
    )
    write([written])
    return code
