from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import event, insert

from rental.catalogue import queries as catalogue
from rental.foundation.clock import Moment
from rental.foundation.database import db, reading, transaction
from rental.policies import queries, service
from rental.policies.models import PolicyValue
from rental.policies.policy import (
    ChlorineRangeEmpty,
    Policy,
    PolicyValueWrong,
    Scope,
    ScopeWithoutEffect,
)
from tests.cast import Cast


def put(cast: Cast, at: Moment, policy: Policy, value: object, scope: Scope | None = None) -> None:
    with transaction() as session:
        service.set_value(session, policy, value, scope or Scope(), by=cast.actor("manager"), at=at)


class TestSetValue:
    def test_holds_at_once_and_for_its_scope_only(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        kind = cast.kind["lightweight-wheelchair"]
        wheelchair = catalogue.kind_by_id(reading(), kind_id=kind)
        place: dict[str, Any] = {
            "site_id": cast.site_id, "category_id": wheelchair.category.id, "kind_id": kind
        }  # fmt: skip
        assert queries.value(reading(), Policy.MAX_LOANS, **place) == 3
        put(cast, at, Policy.MAX_LOANS, 5)
        put(cast, at, Policy.MAX_LOANS, 1, Scope(kind_id=kind))
        assert queries.everywhere(reading(), Policy.MAX_LOANS) == 5
        assert queries.value(reading(), Policy.MAX_LOANS, **place) == 1

    def test_asks_readers_to_name_every_part(self, app: APIFlask, cast: Cast) -> None:
        with pytest.raises(ValueError, match="category, kind"):
            queries.value(reading(), Policy.TWO_PERSON_RELEASE, site_id=cast.site_id)

    def test_refuses_a_scope_that_nobody_asks_for(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        with pytest.raises(ScopeWithoutEffect):
            put(cast, at, Policy.MIN_AGE, 70, Scope(site_id=cast.site_id))
        assert queries.stored(reading(), Policy.MIN_AGE) == ()

    def test_replaces_what_holds_there(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        scope = Scope(ground="elderly")
        put(cast, at, Policy.MIN_AGE, 65, scope)
        put(cast, at, Policy.MIN_AGE, 70, scope)
        stored = queries.stored(reading(), Policy.MIN_AGE)
        assert [(found.scope, found.value) for found in stored] == [(scope, 70)]
        assert stored[0].set_by == cast.account["manager"]
        assert stored[0].set_at == at.at

    def test_refuses_a_wrong_value(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with pytest.raises(PolicyValueWrong):
            put(cast, at, Policy.MIN_AGE, 10**30)
        assert queries.stored(reading(), Policy.MIN_AGE) == ()

    def test_keeps_the_chlorine_range_open_in_every_scope(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        kind = Scope(kind_id=cast.kind["lightweight-wheelchair"])
        put(cast, at, Policy.MAX_CHLORINE_MG_L, 1000)
        put(cast, at, Policy.MIN_CHLORINE_MG_L, 900, kind)
        with pytest.raises(ChlorineRangeEmpty):
            put(cast, at, Policy.MAX_CHLORINE_MG_L, 800)
        with pytest.raises(ChlorineRangeEmpty), transaction() as session:
            service.clear_value(session, Policy.MAX_CHLORINE_MG_L, Scope())
        assert queries.everywhere(reading(), Policy.MAX_CHLORINE_MG_L) == 1000

    def test_leaves_one_row_a_scope(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        put(cast, at, Policy.MIN_AGE, 65)
        with pytest.raises(service.SetMeanwhile), transaction() as session:
            _second_row(session)

    def test_asks_the_database_nothing_when_kept(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        put(cast, at, Policy.MIN_AGE, 65)
        queries.everywhere(reading(), Policy.MIN_AGE)
        seen: list[object] = []
        event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
        assert queries.value(reading(), Policy.MIN_AGE, ground="elderly") == 65
        assert seen == []


def _second_row(session: object) -> None:
    """Add the same scope again, as a second writer would."""
    from sqlalchemy.orm import Session

    from rental.foundation.constraints import refusing

    assert isinstance(session, Session)
    with refusing(
        "policy_value.name", "uq_policy_value_name_scope_key", refusal=service.SetMeanwhile()
    ):
        session.execute(insert(PolicyValue), {"name": "min_age", "value": "66"})


class TestClearValue:
    def test_lets_the_wider_scope_hold(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        narrow = Scope(ground="elderly")
        put(cast, at, Policy.MIN_AGE, 65)
        put(cast, at, Policy.MIN_AGE, 70, narrow)
        with transaction() as session:
            service.clear_value(session, Policy.MIN_AGE, narrow)
        assert queries.value(reading(), Policy.MIN_AGE, ground="elderly") == 65

    def test_knows_what_is_not_set(self, app: APIFlask) -> None:
        with pytest.raises(service.ValueNotFound), transaction() as session:
            service.clear_value(session, Policy.MIN_AGE, Scope())
