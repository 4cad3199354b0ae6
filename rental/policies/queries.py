"""Asking for a policy's value."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental.foundation.memo import Memo
from rental.policies.models import PolicyValue
from rental.policies.policy import SPECS, Policy, Row, Scope, most_specific

memo: Memo[tuple[Row, ...]] = Memo()


def value(
    session: Session,
    policy: Policy,
    *,
    site_id: int | None = None,
    ground: str | None = None,
    category_id: int | None = None,
    kind_id: int | None = None,
) -> Any:
    """Return the policy's value for the scope: the most specific row, else the default.

    Raises:
        ValueError: If the caller doesn't name each part that the policy may be narrowed to.
    """
    asked = Scope(site_id=site_id, ground=ground, category_id=category_id, kind_id=kind_id)
    missing = set(SPECS[policy].scopes).difference(asked.named)
    if missing:
        msg = f"{policy} is asked for without {', '.join(sorted(missing))}"
        raise ValueError(msg)
    return most_specific(rows(session), policy, asked)


def everywhere(session: Session, policy: Policy) -> Any:
    """Return the policy's value where nothing narrower is set."""
    return most_specific(rows(session), policy, Scope())


def rows(session: Session) -> tuple[Row, ...]:
    """Return every stored value."""
    return memo.get(session, "rows", lambda: fresh_rows(session))


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredValue:
    """A stored value with who set it and when."""

    scope: Scope
    value: Any
    set_by: int | None
    set_at: datetime | None


def stored(session: Session, policy: Policy) -> tuple[StoredValue, ...]:
    """Return the policy's stored values, the widest scope first; always read."""
    found = session.scalars(select(PolicyValue).where(PolicyValue.name == policy.value))
    values = (
        StoredValue(
            scope=Scope(
                site_id=row.site_id,
                ground=row.ground,
                category_id=row.category_id,
                kind_id=row.kind_id,
            ),
            value=json.loads(row.value),
            set_by=row.set_by,
            set_at=row.set_at,
        )
        for row in found
    )
    return tuple(sorted(values, key=lambda value: (value.scope.weight, str(value.scope))))


def fresh_rows(session: Session) -> tuple[Row, ...]:
    """Return every stored value as the session sees it now; for deciding inside a transaction."""
    stored = session.execute(
        select(
            PolicyValue.name,
            PolicyValue.site_id,
            PolicyValue.ground,
            PolicyValue.category_id,
            PolicyValue.kind_id,
            PolicyValue.value,
        )
    )
    return tuple(
        Row(
            Policy(name),
            Scope(site_id=site, ground=ground, category_id=category, kind_id=kind),
            json.loads(text),
        )
        for name, site, ground, category, kind, text in stored
        if name in set(Policy)
    )
