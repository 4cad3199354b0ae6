"""Setting and clearing policy values."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from rental.foundation.actor import Actor
from rental.foundation.clock import Moment
from rental.foundation.constraints import refusing
from rental.foundation.errors import Conflict, NotFound
from rental.foundation.words import N_
from rental.policies import queries
from rental.policies.models import PolicyValue
from rental.policies.policy import (
    Policy,
    Row,
    Scope,
    ensure_chlorine_range,
    ensure_scope,
    ensure_value,
    most_specific,
)


class ValueNotFound(NotFound):
    """Nothing is set for that scope."""

    sentence = N_("这个范围没有单独设置，可能刚被删掉。请刷新页面再看一次。")


class SetMeanwhile(Conflict):
    """Somebody else set a value for the scope at the same moment."""

    sentence = N_("刚才有人给同一个范围设了值，请刷新页面，看清楚再改。")


_CHLORINE = frozenset({Policy.MIN_CHLORINE_MG_L, Policy.MAX_CHLORINE_MG_L})


def set_value(
    session: Session,
    policy: Policy,
    value: Any,
    scope: Scope,
    *,
    by: Actor,
    at: Moment,
) -> None:
    """Set the policy's value for the scope, replacing the one that holds there.

    Raises:
        PolicyValueWrong: If the value's type or range is wrong.
        ScopeWithoutEffect: If nobody would ask for it there.
        ChlorineRangeEmpty: If the lowest concentration would exceed the highest.
        SetMeanwhile: If somebody else did the same at the same moment.
    """
    fitting = ensure_value(policy, value)
    ensure_scope(policy, scope)
    row = session.scalar(_find(policy, scope))
    if row is None:
        row = PolicyValue(
            name=policy.value,
            site_id=scope.site_id,
            ground=scope.ground,
            category_id=scope.category_id,
            kind_id=scope.kind_id,
        )
    row.value = json.dumps(fitting, ensure_ascii=False)
    row.set_by, row.set_at = by.account_id, at.at
    with refusing("policy_value.name", "uq_policy_value_name_scope_key", refusal=SetMeanwhile()):
        session.add(row)
        session.flush()
    if policy in _CHLORINE:
        _ensure_chlorine(queries.fresh_rows(session))
    queries.memo.forget(session)


def clear_value(session: Session, policy: Policy, scope: Scope) -> None:
    """Remove what is set for the scope, so that the next wider one holds.

    Raises:
        ValueNotFound: If nothing is set for it.
        ChlorineRangeEmpty: If the lowest concentration would exceed the highest.
    """
    row = session.scalar(_find(policy, scope))
    if row is None:
        raise ValueNotFound
    session.delete(row)
    session.flush()
    if policy in _CHLORINE:
        _ensure_chlorine(queries.fresh_rows(session))
    queries.memo.forget(session)


def _find(policy: Policy, scope: Scope) -> Any:
    """Return the statement that finds, and locks, the value of exactly this scope."""
    return (
        select(PolicyValue)
        .where(
            PolicyValue.name == policy.value,
            _same(PolicyValue.site_id, scope.site_id),
            _same(PolicyValue.ground, scope.ground),
            _same(PolicyValue.category_id, scope.category_id),
            _same(PolicyValue.kind_id, scope.kind_id),
        )
        .with_for_update()
    )


def _same(column: Any, value: int | str | None) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = column.is_(None) if value is None else column == value
    return condition


def _ensure_chlorine(rows: Iterable[Row]) -> None:
    """Check the range in every scope in which one of the two concentrations is set."""
    chlorine = [row for row in rows if row.policy in _CHLORINE]
    for scope in {row.scope for row in chlorine}:
        ensure_chlorine_range(
            most_specific(chlorine, Policy.MIN_CHLORINE_MG_L, scope),
            most_specific(chlorine, Policy.MAX_CHLORINE_MG_L, scope),
        )
