from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rental.foundation.errors import Conflict, DomainError
from rental.foundation.words import Named, Sentence
from rental.loans.policy import (
    CONDITION_NAMES,
    HARD_STOPS,
    STATE_NAMES,
    TRANSITIONS,
    BlockerCode,
    CheckUpNeeded,
    Condition,
    DeviceExpires,
    Displaced,
    EligibilityHasEnded,
    EligibilityMissing,
    IssueFacts,
    LatenessKind,
    LoanCannotMove,
    LoanNotOpen,
    LoanState,
    OthersAreWaiting,
    PromisedAfterDue,
    RenewalFacts,
    RenewalTooEarly,
    RenewedTooOften,
    blockers,
    due_date,
    ensure_can_move,
    ensure_can_renew,
    is_free_for_renewal,
    is_stopped,
    lateness,
    reminders_due,
    renewal_refusal,
    renewed_due_date,
)
from rental.reservations.policy import Commitment, StockGroup, change_list, free_days

TODAY = date(2026, 9, 21)
DAY = timedelta(days=1)


def skip_sunday(day: date) -> date:
    return day + DAY if day.weekday() == 6 else day


class TestLateness:
    @pytest.mark.parametrize(
        ("left", "kind", "days"),
        [
            (4, LatenessKind.NOT_DUE, 4),
            (3, LatenessKind.DUE_SOON, 3),
            (1, LatenessKind.DUE_SOON, 1),
            (0, LatenessKind.DUE_TODAY, 0),
            (-1, LatenessKind.OVERDUE, 1),
            (-40, LatenessKind.OVERDUE, 40),
        ],
    )
    def test_counts_whole_days(self, left: int, kind: LatenessKind, days: int) -> None:
        found = lateness(LoanState.OPEN, TODAY + left * DAY, TODAY)
        assert (found.kind, found.days) == (kind, days)

    @pytest.mark.parametrize("state", [LoanState.RETURNED, LoanState.LOST])
    def test_ends_with_the_loan(self, state: LoanState) -> None:
        found = lateness(state, TODAY - 9 * DAY, TODAY)
        assert (found.kind, found.days) == (LatenessKind.NOT_DUE, 0)


class TestDueDate:
    def test_does_not_count_the_day_of_the_hand_over(self) -> None:
        assert due_date(date(2026, 6, 1), 30, skip_sunday) == date(2026, 7, 1)

    def test_moves_off_a_closed_day(self) -> None:
        assert due_date(date(2026, 9, 20), 7, skip_sunday) == date(2026, 9, 28)


class TestRemindersDue:
    @pytest.mark.parametrize(
        ("after", "expected"),
        [(-4, ()), (-3, (-3,)), (-2, ()), (0, (0,)), (1, (1,)), (2, ()), (7, (7,)), (8, ())],
    )
    def test_falls_on_four_days(self, after: int, expected: tuple[int, ...]) -> None:
        assert reminders_due(TODAY - after * DAY, TODAY) == expected

    def test_catches_up_after_a_pause(self) -> None:
        assert reminders_due(TODAY - DAY, TODAY, since=TODAY - 3 * DAY) == (0, 1)

    @given(st.lists(st.integers(1, 5), min_size=12))
    def test_goes_out_exactly_once_whatever_the_pauses(self, pauses: list[int]) -> None:
        due_on, since = TODAY, TODAY - 4 * DAY
        sent: list[int] = []
        for pause in pauses:
            today = since + pause * DAY
            sent += reminders_due(due_on, today, since=since)
            since = today
        assert sent == [-3, 0, 1, 7]


RENEWAL = RenewalFacts(
    state=LoanState.OPEN,
    due_on=TODAY + 14 * DAY,
    renewed_until=TODAY + 44 * DAY,
    renewals=0,
    max_renewals=2,
    eligible_until=TODAY,
    waiting=False,
    free_after_due=True,
    today=TODAY,
)


class TestEnsureCanRenew:
    @pytest.mark.parametrize(
        "facts",
        [
            RENEWAL,
            replace(RENEWAL, due_on=TODAY),
            replace(RENEWAL, due_on=TODAY - 5 * DAY),
            replace(RENEWAL, renewals=1),
            replace(RENEWAL, needs_check_up=True, checked_up=True),
            replace(RENEWAL, expires_on=TODAY + 44 * DAY),
            replace(RENEWAL, renewed_until=TODAY + 15 * DAY, expires_on=TODAY + 15 * DAY),
            replace(RENEWAL, due_on=TODAY - 5 * DAY, renewed_until=TODAY, expires_on=TODAY),
        ],
    )
    def test_accepts(self, facts: RenewalFacts) -> None:
        ensure_can_renew(facts)
        assert renewal_refusal(facts) is None

    @pytest.mark.parametrize(
        ("facts", "fact"),
        [
            (replace(RENEWAL, state=LoanState.RETURNED), LoanNotOpen),
            (replace(RENEWAL, state=LoanState.LOST), LoanNotOpen),
            (replace(RENEWAL, due_on=TODAY + 15 * DAY), RenewalTooEarly),
            (replace(RENEWAL, opens_days_before=13), RenewalTooEarly),
            (replace(RENEWAL, renewals=2), RenewedTooOften),
            (replace(RENEWAL, eligible_until=TODAY - DAY), EligibilityHasEnded),
            (replace(RENEWAL, eligible_until=None), EligibilityMissing),
            (replace(RENEWAL, waiting=True), OthersAreWaiting),
            (replace(RENEWAL, free_after_due=False), PromisedAfterDue),
            (replace(RENEWAL, needs_check_up=True), CheckUpNeeded),
            (
                replace(RENEWAL, renewed_until=TODAY + 14 * DAY, expires_on=TODAY + 14 * DAY),
                DeviceExpires,
            ),
            (
                replace(
                    RENEWAL,
                    due_on=TODAY - 5 * DAY,
                    renewed_until=TODAY - DAY,
                    expires_on=TODAY - DAY,
                ),
                DeviceExpires,
            ),
        ],
    )
    def test_refuses(self, facts: RenewalFacts, fact: type[DomainError]) -> None:
        with pytest.raises(fact) as refusal:
            ensure_can_renew(facts)
        assert isinstance(refusal.value, Conflict)
        assert "%(" not in str(refusal.value)

    def test_names_the_first_day(self) -> None:
        refusal = renewal_refusal(replace(RENEWAL, due_on=TODAY + 15 * DAY))
        assert "2026-09-22" in str(refusal)


class TestRenewedDueDate:
    @pytest.mark.parametrize(("due", "expected"), [(5, 35), (0, 30), (-5, 30)])
    def test_counts_from_the_later_of_due_and_today(self, due: int, expected: int) -> None:
        found = renewed_due_date(TODAY + due * DAY, 30, today=TODAY, next_open=lambda day: day)
        assert found == TODAY + expected * DAY

    def test_moves_off_a_closed_day(self) -> None:
        sunday = date(2026, 9, 27)
        found = renewed_due_date(TODAY, 6, today=TODAY, next_open=skip_sunday)
        assert found == sunday + DAY


PROMISES = st.lists(
    st.builds(
        lambda start, length: Commitment(TODAY + start * DAY, TODAY + (start + length) * DAY),
        st.integers(-5, 60),
        st.integers(0, 40),
    ),
    max_size=6,
)


class TestIsFreeForRenewal:
    @given(
        promises=PROMISES,
        others=st.integers(0, 4),
        ready=st.integers(1, 30),
        longer=st.integers(0, 35),
        kept=st.integers(0, 60),
    )
    def test_takes_from_nobody_who_would_have_had_one(
        self, promises: list[Commitment], others: int, ready: int, longer: int, kept: int
    ) -> None:
        def free(ready_on: date) -> list[int]:
            stock = [StockGroup(TODAY, others), StockGroup(ready_on)]
            found = change_list(stock, promises, today=TODAY)
            return [number for _, number in free_days(found, TODAY, TODAY + 120 * DAY)]

        ready_on, until = TODAY + ready * DAY, TODAY + (ready + kept) * DAY
        counted_from = ready_on + longer * DAY
        stock = [StockGroup(TODAY, others), StockGroup(counted_from)]
        allowed = is_free_for_renewal(
            change_list(stock, promises, today=TODAY),
            ready_on=ready_on,
            counted_from=counted_from,
            until=until,
        )
        before, after = free(ready_on), free(until + DAY)
        days = range(ready, ready + kept + 1)
        assert allowed == all(after[day] >= 0 for day in days)
        if allowed:
            assert all(new >= min(old, 0) for old, new in zip(before, after, strict=True))


ISSUE = IssueFacts(
    today=TODAY,
    unit_code="7K3M9QXA",
    unit_kind="light_wheelchair",
    eligible_until=TODAY,
    consented=True,
)
CHAIR = Named("轻便轮椅", "lightweight wheelchair")
OBSTACLES: dict[BlockerCode, dict[str, Any]] = {
    BlockerCode.ALREADY_ON_LOAN: {"open_loan_code": "L-7K3M9QXA"},
    BlockerCode.SCAN_OLDER_THAN_UNIT: {"scan_is_overtaken": True},
    BlockerCode.EXPIRED: {"expires_on": TODAY - DAY},
    BlockerCode.OVERWEIGHT: {"resident_mass_kg": 101, "load_limit_kg": 100},
    BlockerCode.WEIGHT_MISSING: {"load_limit_kg": 100},
    BlockerCode.NOT_ELIGIBLE: {"eligible_until": TODAY - DAY},
    BlockerCode.CONSENT_MISSING: {"consented": False},
    BlockerCode.PROMISED_TO_SOMEONE_ELSE: {
        "displaces": Displaced(reservation_code="B-4T6W8YZ2", starts_on=TODAY + DAY)
    },
    BlockerCode.NOT_RELEASED: {"unreleased_state": Named("消毒中", "being disinfected")},
    BlockerCode.FAULT_OPEN: {"fault_open": True},
    BlockerCode.ELECTRICAL_TEST_OVERDUE: {
        "needs_electrical_test": True,
        "electrical_test_until": TODAY - DAY,
    },
    BlockerCode.WRONG_KIND: {"reserved_kind": "bed", "reserved_kind_name": CHAIR},
    BlockerCode.RESERVATION_NOT_STARTED: {"reserved_from": TODAY + DAY},
    BlockerCode.LIMIT_REACHED: {"open_loans": 2, "max_loans": 2},
    BlockerCode.DUE_TOO_FAR: {"due_on": TODAY + 31 * DAY, "longest": TODAY + 30 * DAY},
    BlockerCode.GUIDANCE_MISSING: {"needs_guidance": True},
}


class TestBlockers:
    def codes(self, changed: dict[str, Any]) -> list[BlockerCode]:
        return [blocker.code for blocker in blockers(replace(ISSUE, **changed))]

    def test_has_an_obstacle_for_every_code(self) -> None:
        assert set(OBSTACLES) == set(BlockerCode)

    @pytest.mark.parametrize("code", list(BlockerCode))
    def test_finds_each_alone_and_says_what_to_do(self, code: BlockerCode) -> None:
        (found,) = blockers(replace(ISSUE, **OBSTACLES[code]))
        assert found.code is code
        assert found.forceable is (code not in HARD_STOPS)
        for said in (found.sentence, found.remedy):
            assert isinstance(said, Sentence)
            assert "%(" not in str(said)

    @pytest.mark.parametrize(
        "changed",
        [
            {},
            {"resident_mass_kg": 100, "load_limit_kg": 100},
            {"resident_mass_kg": 300},
            {"expires_on": TODAY},
            {"due_on": TODAY + 30 * DAY, "longest": TODAY + 30 * DAY},
            {"longest": TODAY},
            {"needs_electrical_test": True, "electrical_test_until": TODAY},
            {"reserved_kind": "light_wheelchair", "reserved_from": TODAY},
            {"open_loans": 1, "max_loans": 2},
            {"open_loans": 50},
            {"needs_guidance": True, "guided": True},
        ],
    )
    def test_finds_nothing_within_the_bounds(self, changed: dict[str, Any]) -> None:
        assert self.codes(changed) == []

    def test_finds_all_at_once_with_hard_stops_first(self) -> None:
        everything = {name: value for part in OBSTACLES.values() for name, value in part.items()}
        found = self.codes(everything)
        hard = HARD_STOPS - {BlockerCode.WEIGHT_MISSING}
        assert set(found[: len(hard)]) == hard
        assert set(found) == set(BlockerCode) - {
            BlockerCode.NOT_RELEASED,
            BlockerCode.WEIGHT_MISSING,
        }

    @pytest.mark.parametrize("changed", [{"eligible_until": None}, {"needs_electrical_test": True}])
    def test_takes_what_is_missing_for_an_obstacle(self, changed: dict[str, Any]) -> None:
        assert len(self.codes(changed)) == 1

    def test_names_what_is_displaced(self) -> None:
        obstacle = OBSTACLES[BlockerCode.PROMISED_TO_SOMEONE_ELSE]
        said = str(blockers(replace(ISSUE, **obstacle))[0].sentence)
        assert "B-4T6W8YZ2" in said
        assert "2026-09-22" in said

    def test_names_the_state_of_an_unreleased_unit(self) -> None:
        obstacle = OBSTACLES[BlockerCode.NOT_RELEASED]
        assert "消毒中" in str(blockers(replace(ISSUE, **obstacle))[0].sentence)

    def test_names_a_kind_by_its_key_when_it_has_no_name(self) -> None:
        (found,) = blockers(replace(ISSUE, reserved_kind="bed"))
        assert "bed" in str(found.sentence)


class TestIsStopped:
    @pytest.mark.parametrize("code", list(BlockerCode))
    def test_gives_way_to_force_but_for_hard_stops(self, code: BlockerCode) -> None:
        found = blockers(replace(ISSUE, **OBSTACLES[code]))
        assert is_stopped(found, forced=False)
        assert is_stopped(found, forced=True) is (code in HARD_STOPS)

    def test_lets_a_clean_hand_over_pass(self) -> None:
        assert not is_stopped((), forced=False)


class TestEnsureCanMove:
    @pytest.mark.parametrize(("state", "to"), list(product(LoanState, LoanState)))
    def test_follows_the_table(self, state: LoanState, to: LoanState) -> None:
        if to in TRANSITIONS[state]:
            ensure_can_move(state, to)
        else:
            with pytest.raises(LoanCannotMove):
                ensure_can_move(state, to)

    def test_names_every_word(self) -> None:
        assert set(TRANSITIONS) == set(STATE_NAMES) == set(LoanState)
        assert set(CONDITION_NAMES) == set(Condition)
