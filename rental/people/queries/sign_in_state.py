"""Who a session or a token belongs to: asked before every request, so one round trip each.

The statements are built once.
"""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select

from rental.foundation.actor import Actor
from rental.foundation.crypto import blind_index
from rental.foundation.database import ask, table_of
from rental.people.models import Account, AccountRole, ApiToken, Resident
from rental.web.access import SignedIn

TOKEN_PURPOSE = "api-token"  # ruff: ignore[hardcoded-password-string] - the purpose of a blind index

_SESSION = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,100}")

_account = table_of(Account).c
_role = table_of(AccountRole).c
_resident = table_of(Resident).c
_token = table_of(ApiToken).c
_WHO = (
    select(
        _account.id,
        _account.name,
        _account.site_id,
        _account.session_epoch,
        _resident.id.label("resident_id"),
        _role.role,
    )
    .select_from(table_of(Account))
    .outerjoin(table_of(AccountRole), _role.account_id == _account.id)
    .outerjoin(table_of(Resident), _resident.account_id == _account.id)
    .where(_account.active)
)
_BY_SESSION = _WHO.where(
    _account.id == bindparam("account"), _account.session_epoch == bindparam("epoch")
)
_BY_TOKEN = _WHO.join(table_of(ApiToken), _token.account_id == _account.id).where(
    _token.token_hash == bindparam("token"), _token.revoked_at.is_(None)
)


def signed_in_by_session(text: str) -> SignedIn | None:
    """Return whom the session names (``<account id>.<epoch>``), or None when it has ended."""
    found = _SESSION.fullmatch(text)
    if found is None:
        return None
    who = {"account": int(found[1]), "epoch": int(found[2])}
    return _signed_in(ask(_BY_SESSION, who), by_token=False)


def signed_in_by_token(token: str) -> SignedIn | None:
    """Return whose bearer token it is, or None when it is nobody's or was revoked."""
    if not _TOKEN.fullmatch(token):
        return None
    index = blind_index(token, purpose=TOKEN_PURPOSE)
    return _signed_in(ask(_BY_TOKEN, {"token": index}), by_token=True)


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
