"""Who a session or a token belongs to: asked before every request, so one round trip each.

The statements are built once; PostgreSQL answers on an AUTOCOMMIT connection, which spares BEGIN
and ROLLBACK. (SQLite has no round trips to spare, and its driver would forget our own BEGIN.)
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Executable, Row, bindparam, select

from rental.foundation.actor import Actor
from rental.foundation.crypto import blind_index
from rental.foundation.database import db
from rental.people.models import Account, AccountRole, ApiToken, Resident
from rental.web.access import SignedIn

TOKEN_PURPOSE = "api-token"  # ruff: ignore[hardcoded-password-string] - the purpose of a blind index

_SESSION = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,100}")

_WHO = (
    select(
        Account.id,
        Account.name,
        Account.site_id,
        Account.session_epoch,
        Resident.id.label("resident_id"),
        AccountRole.role,
    )
    .select_from(Account)
    .outerjoin(AccountRole, AccountRole.account_id == Account.id)
    .outerjoin(Resident, Resident.account_id == Account.id)
    .where(Account.active)
)
_BY_SESSION = _WHO.where(
    Account.id == bindparam("account"), Account.session_epoch == bindparam("epoch")
)
_BY_TOKEN = _WHO.join(ApiToken, ApiToken.account_id == Account.id).where(
    ApiToken.token_hash == bindparam("token"), ApiToken.revoked_at.is_(None)
)


def signed_in_by_session(text: str) -> SignedIn | None:
    """Return whom the session names (``<account id>.<epoch>``), or None when it has ended."""
    found = _SESSION.fullmatch(text)
    if found is None:
        return None
    who = {"account": int(found[1]), "epoch": int(found[2])}
    return _signed_in(_ask(_BY_SESSION, who), by_token=False)


def signed_in_by_token(token: str) -> SignedIn | None:
    """Return whose bearer token it is, or None when it is nobody's or was revoked."""
    if not _TOKEN.fullmatch(token):
        return None
    index = blind_index(token, purpose=TOKEN_PURPOSE)
    return _signed_in(_ask(_BY_TOKEN, {"token": index}), by_token=True)


def _ask(statement: Executable, values: Mapping[str, object]) -> Sequence[Row[Any]]:
    connection = db.engine.connect()
    if connection.dialect.name == "postgresql":
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
    with connection:
        return connection.execute(statement, values).all()


def _signed_in(rows: Sequence[Row[Any]], *, by_token: bool) -> SignedIn | None:
    if not rows:
        return None
    first = rows[0]
    actor = Actor(
        account_id=first.id,
        name=first.name,
        roles=frozenset(row.role for row in rows if row.role is not None),
        site_id=first.site_id,
        resident_id=first.resident_id,
    )
    return SignedIn(actor, epoch=first.session_epoch, by_token=by_token)
