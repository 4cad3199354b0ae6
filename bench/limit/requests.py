"""What every write shares: who asks, the kept answer of its key, the notice, the answer."""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bench.limit.connections import connection, kept_as, many, put, sql, transaction

_INDEX_KEY = base64.urlsafe_b64decode(os.environ.get("RENTAL_INDEX_KEY", ""))
_ZONE = ZoneInfo("Asia/Shanghai")


class Refused(Exception):
    """The request can't be answered as asked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to write.

    Attributes:
        account_id: Who asks.
        body: The posted JSON.
        at: Now, UTC; ``on`` is the civil date.
    """

    account_id: int
    body: Mapping[str, Any]
    at: datetime

    @property
    def on(self) -> date:
        """The civil date at the site."""
        return self.at.astimezone(_ZONE).date()

    @property
    def stored_at(self) -> object:
        """The instant as the database keeps it."""
        return kept_as(self.at)


def day(on: date, days: int) -> date:
    """Return the civil date so many days later."""
    return on + timedelta(days=days)


_WHO = sql(
    "SELECT account.id, account.name, account.site_id, account.session_epoch, resident.id,"
    " account_role.role FROM account"
    " LEFT JOIN account_role ON account_role.account_id = account.id"
    " LEFT JOIN resident ON resident.account_id = account.id"
    " JOIN api_token ON api_token.account_id = account.id"
    " WHERE account.active AND api_token.token_hash = :token AND api_token.revoked_at IS NULL"
)
_KEPT = sql(
    "SELECT request_hash, status, body FROM idempotency_key"
    " WHERE account_id = :account_id AND key = :key"
)
_KEEP = sql(
    "INSERT INTO idempotency_key (account_id, key, request_hash, status, body, at)"
    " VALUES (:account_id, :key, :request_hash, :status, :body, :at)"
)
_NOTICE = sql(
    "INSERT INTO notice (resident_id, kind, params, once_key, created_at)"
    " SELECT :resident_id, :kind, :params, :once_key, :at WHERE EXISTS"
    " (SELECT 1 FROM resident WHERE id = :resident_id AND state = 'active')"
    " ON CONFLICT DO NOTHING"
)

Act = Callable[[Asked], tuple[dict[str, Any], int]]


def once(environ: Mapping[str, Any], act: Act) -> tuple[int, bytes]:
    """Answer a write: who asks, then everything else in one transaction."""
    token = str(environ["HTTP_AUTHORIZATION"]).removeprefix("Bearer ")
    raw: bytes = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    index = hmac.digest(_INDEX_KEY, f"api-token\0{token}".encode(), hashlib.sha256).hex()
    rows = many(_WHO, {"token": index})
    if "clerk" not in {row[5] for row in rows}:
        raise Refused("not a clerk")
    said = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}\n".encode() + raw
    asked = Asked(account_id=rows[0][0], body=json.loads(raw), at=datetime.now(UTC))
    claim = {"account_id": asked.account_id, "key": environ["HTTP_IDEMPOTENCY_KEY"]}
    with transaction():
        kept = connection().execute(_KEPT, claim).fetchone()
        if kept is not None:
            return int(kept[1]), str(kept[2]).encode()
        body, status = act(asked)
        text = json.dumps(body)
        answer = {"status": status, "body": text, "at": asked.stored_at}
        put(_KEEP, {**claim, "request_hash": hashlib.sha256(said).hexdigest(), **answer})
    return status, text.encode()


def tell(asked: Asked, kind: str, *, resident_id: int, once: str, params: dict[str, Any]) -> None:
    """Put a notice into the outbox."""
    put(
        _NOTICE,
        {
            "resident_id": resident_id,
            "kind": kind,
            "params": json.dumps(params),
            "once_key": f"{kind}:{once}",
            "at": asked.stored_at,
        },
    )


# --- what the service keeps in memory -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """A kind of the catalogue."""

    id: int
    key: str
    zh: str
    en: str
    hygiene: str
    turnround_days: int
    loan_days: int

    @property
    def name(self) -> dict[str, str]:
        """Its names as a notice keeps them."""
        return {"zh": self.zh, "en": self.en}


_KINDS = sql(
    "SELECT kind.id, kind.key, kind.zh, kind.en, category.hygiene,"
    " hygiene_class.turnround_open_days, category.loan_days FROM kind"
    " JOIN category ON category.id = kind.category_id"
    " JOIN hygiene_class ON hygiene_class.key = category.hygiene ORDER BY kind.id"
)
_SITES = sql("SELECT code, id FROM site ORDER BY id")
_ZONES = sql("SELECT site_id, kind, min(id) FROM zone GROUP BY site_id, kind")
_memory: dict[str, Any] = {}


def kinds() -> dict[int, Known]:
    """Return the catalogue by key."""
    if "kinds" not in _memory:
        _memory["kinds"] = {row[0]: Known(*row) for row in many(_KINDS, {})}
    found: dict[int, Known] = _memory["kinds"]
    return found


def kind_of(key: str) -> Known:
    """Return the kind with the public key."""
    if "keys" not in _memory:
        _memory["keys"] = {kind.key: kind for kind in kinds().values()}
    found: Known = _memory["keys"][key]
    return found


def site_id_of(code: str) -> int:
    """Return the key of the site."""
    if "sites" not in _memory:
        _memory["sites"] = dict(many(_SITES, {}))
    return int(_memory["sites"][code])


def zone_id_of(site_id: int, kind: str) -> int:
    """Return the key of the site's zone."""
    if "zones" not in _memory:
        _memory["zones"] = {(site, zone): id_ for site, zone, id_ in many(_ZONES, {})}
    return int(_memory["zones"][site_id, kind])
