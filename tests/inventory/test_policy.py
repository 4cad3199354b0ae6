"""Zones and next acts. Pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rental.foundation.actor import Actor, Role
from rental.inventory.policy import (
    ACTION_WORDS,
    CIRCULATING,
    LENDABLE,
    TRANSITIONS,
    UnitAction,
    UnitState,
    ZoneBreach,
    ZoneNotForThisUnit,
    actions,
    can_move,
    ensure_zone,
    zone_kind_after,
)
from rental.places.policy import ZoneKind


def somebody(*roles: Role) -> Actor:
    return Actor(account_id=1, name="x", roles=frozenset(roles))


class TestZones:
    @pytest.mark.parametrize("zone", [ZoneKind.CLEAN, ZoneKind.SHOWROOM])
    @pytest.mark.parametrize(
        "state", [UnitState.DIRTY, UnitState.CLEANING, UnitState.INSPECTED, UnitState.NEW]
    )
    def test_keep_the_unreleased_from_the_clean(self, state: UnitState, zone: ZoneKind) -> None:
        with pytest.raises(ZoneBreach):
            ensure_zone(state, zone, code="7K3M9QXA")

    def test_keep_the_released_from_the_dirty(self) -> None:
        with pytest.raises(ZoneNotForThisUnit):
            ensure_zone(UnitState.AVAILABLE, ZoneKind.DIRTY, code="7K3M9QXA")

    @pytest.mark.parametrize("zone", ZoneKind)
    def test_have_no_place_for_what_is_away(self, zone: ZoneKind) -> None:
        with pytest.raises(ZoneNotForThisUnit):
            ensure_zone(UnitState.ON_LOAN, zone, code="7K3M9QXA")

    @given(state=st.sampled_from(UnitState))
    def test_follow_every_arrow_to_a_place_that_is_allowed(self, state: UnitState) -> None:
        for to in TRANSITIONS[state]:
            kind = zone_kind_after(state, to)
            if kind is not None and kind != "stays":
                ensure_zone(to, kind, code="7K3M9QXA")


class TestActions:
    def test_leave_a_stranger_the_fault_report(self) -> None:
        assert actions(UnitState.ON_LOAN, by=None) == (UnitAction.REPORT_FAULT,)
        resident = somebody(Role.RESIDENT)
        assert actions(UnitState.AVAILABLE, by=resident) == (UnitAction.REPORT_FAULT,)

    def test_end_with_the_unit(self) -> None:
        assert actions(UnitState.SCRAPPED, by=somebody(Role.MANAGER)) == ()

    def test_of_the_desk(self) -> None:
        clerk = somebody(Role.CLERK)
        assert UnitAction.ISSUE in actions(UnitState.AVAILABLE, by=clerk)
        assert UnitAction.TAKE_BACK in actions(UnitState.ON_LOAN, by=clerk)
        assert UnitAction.RELEASE not in actions(UnitState.INSPECTED, by=clerk)

    def test_bring_back_what_a_borrower_lost_by_the_desk_alone(self) -> None:
        manager = somebody(Role.MANAGER)
        by_borrower = actions(UnitState.LOST, by=manager, out=True)
        from_shelf = actions(UnitState.LOST, by=manager)
        assert UnitAction.TAKE_BACK in by_borrower
        assert UnitAction.BACK_TO_WASH not in by_borrower
        assert UnitAction.TAKE_BACK not in from_shelf
        assert UnitAction.BACK_TO_WASH in from_shelf
        cleaner = actions(UnitState.LOST, by=somebody(Role.CLEANER), out=True)
        assert cleaner == (UnitAction.REPORT_FAULT,)

    @given(state=st.sampled_from(UnitState), roles=st.frozensets(st.sampled_from(Role)))
    def test_are_never_beyond_the_table(self, state: UnitState, roles: frozenset[Role]) -> None:
        by = Actor(account_id=1, name="x", roles=roles)
        arrows = {
            UnitAction.ISSUE: UnitState.ON_LOAN,
            UnitAction.TAKE_BACK: UnitState.DIRTY,
            UnitAction.RELEASE: UnitState.AVAILABLE,
            UnitAction.SEND_TO_REPAIR: UnitState.REPAIR,
            UnitAction.QUARANTINE: UnitState.QUARANTINE,
            UnitAction.BACK_TO_WASH: UnitState.DIRTY,
            UnitAction.SCRAP: UnitState.SCRAPPED,
        }
        for action in actions(state, by=by):
            if action in arrows:
                assert can_move(state, arrows[action], by=by)

    def test_all_have_words(self) -> None:
        assert set(ACTION_WORDS) == set(UnitAction)


def test_what_is_lendable_circulates() -> None:
    assert LENDABLE < CIRCULATING
