"""The reads: the same statements, and the plainest page that holds what they say."""

import json
from datetime import UTC, date, datetime
from typing import Any

from bench.limit.connections import IS_POSTGRES, many, one, sql
from bench.limit.hand_over import UNIT
from bench.limit.promise import COUNTED, COUNTS, free_on_days
from bench.limit.requests import Asked, kind_of, kinds, site_id_of

_PER_PAGE = 50
_DAYS = 31
_IN = "= ANY(:kind_ids)" if IS_POSTGRES else "IN (SELECT value FROM json_each(:kind_ids))"
_STOCK = sql(
    "SELECT kind_id, state, due_on, free_from, count(*) FROM unit WHERE site_id = :site_id"
    f" AND kind_id {_IN} AND {COUNTS} GROUP BY kind_id, state, due_on, free_from"
)
_PROMISES = sql(
    "SELECT kind_id, 'promise', starts_on, blocked_until, count(*) FROM reservation"
    f" WHERE kind_id {_IN} AND site_id = :site_id AND blocked_until >= :today"
    " AND state IN ('confirmed', 'packed') GROUP BY kind_id, starts_on, blocked_until"
)


def unit_page(code: str) -> bytes:
    """Return the page that a QR code leads to."""
    unit = one(UNIT, {"code": code})
    kind = kinds()[unit[2]]
    return f"<!doctype html><title>{kind.zh}</title><h1>{kind.zh}</h1><p>{unit[1]}".encode()


def catalogue_page() -> bytes:
    """Return the first page of kinds, with how many are free today."""
    today = _today()
    shown = list(kinds().values())[:_PER_PAGE]
    ids: Any = [kind.id for kind in shown]
    asked = {"kind_ids": ids if IS_POSTGRES else json.dumps(ids), "site_id": 1, "today": today}
    rows: dict[int, list[tuple[Any, ...]]] = {kind.id: [] for kind in shown}
    for kind_id, *rest in (*many(_STOCK, asked), *many(_PROMISES, asked)):
        rows[kind_id].append(tuple(rest))
    items = (f"<li>{k.zh} {free_on_days(rows[k.id], today, 1)[0]}" for k in shown)
    return f"<!doctype html><title>目录</title><ul>{''.join(items)}</ul>".encode()


def availability(key: str, site: str) -> bytes:
    """Return how many units of the kind are free on each day of a month."""
    today, kind = _today(), kind_of(key)
    asked = {"kind_id": kind.id, "site_id": site_id_of(site), "today": today, "without": 0}
    free = free_on_days(many(COUNTED, asked), today, _DAYS)
    days = [
        {"date": date.fromordinal(today.toordinal() + n).isoformat(), "free": max(0, count)}
        for n, count in enumerate(free)
    ]
    following = next((one["date"] for one in days if one["free"]), None)
    said = {"kind_id": kind.key, "site": site, "days": days, "next_free_date": following}
    return json.dumps(said).encode()


def _today() -> date:
    return Asked(account_id=0, body={}, at=datetime.now(UTC)).on
