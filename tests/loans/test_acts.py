from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rental.foundation.clock import Moment
from rental.loans.policy.acts import (
    CLOCK_SKEW,
    MAX_DUE_AHEAD_DAYS,
    MAX_SCAN_AGE,
    DueAfterExpiry,
    DueInThePast,
    DueTooFar,
    LoanTerms,
    ReasonTooShort,
    ScannedInTheFuture,
    ScannedTooLongAgo,
    agreed_due_date,
    moment_of_scan,
    reason_of,
)

TODAY = date(2026, 12, 1)
NOW = Moment.of(datetime(2026, 12, 1, 2, 0, tzinfo=UTC))
DAY = timedelta(days=1)


def same(day: date) -> date:
    return day


def skip_sunday(day: date) -> date:
    return day + DAY if day.weekday() == 6 else day


def terms(
    *,
    days: int = 30,
    until: date | None = None,
    expires: date | None = None,
    next_open: Callable[[date], date] = same,
) -> LoanTerms:
    return LoanTerms(
        today=TODAY,
        loan_days=days,
        reserved_until=until,
        expires_on=expires,
        next_open=next_open,
    )


class TestMomentOfScan:
    def test_is_now_without_a_scan(self) -> None:
        assert moment_of_scan(None, NOW) == NOW

    def test_is_the_moment_of_the_scan(self) -> None:
        scanned = NOW.at - timedelta(hours=20)
        assert moment_of_scan(scanned, NOW) == Moment.of(scanned)
        assert moment_of_scan(scanned, NOW).on == date(2026, 11, 30)

    def test_is_never_later_than_now(self) -> None:
        assert moment_of_scan(NOW.at + CLOCK_SKEW, NOW) == NOW

    def test_refuses_the_future(self) -> None:
        with pytest.raises(ScannedInTheFuture):
            moment_of_scan(NOW.at + CLOCK_SKEW + timedelta(seconds=1), NOW)

    def test_refuses_after_fourteen_days(self) -> None:
        oldest = NOW.at - MAX_SCAN_AGE
        assert moment_of_scan(oldest, NOW).at == oldest
        with pytest.raises(ScannedTooLongAgo):
            moment_of_scan(NOW.at - MAX_SCAN_AGE - timedelta(seconds=1), NOW)

    @given(st.timedeltas(-MAX_SCAN_AGE, CLOCK_SKEW))
    def test_stays_within_the_queue(self, shift: timedelta) -> None:
        found = moment_of_scan(NOW.at + shift, NOW)
        assert NOW.at - MAX_SCAN_AGE <= found.at <= NOW.at


class TestReasonOf:
    @pytest.mark.parametrize("text", [None, "", "   "])
    def test_is_none_without_words(self, text: str | None) -> None:
        assert reason_of(text) is None

    @pytest.mark.parametrize("text", ["急", "急急急急", " 1234 "])
    def test_needs_five_characters(self, text: str) -> None:
        with pytest.raises(ReasonTooShort):
            reason_of(text)

    def test_keeps_the_words(self) -> None:
        assert reason_of("  家里等着用  ") == "家里等着用"


class TestAgreedDueDate:
    def test_is_the_usual_one(self) -> None:
        assert agreed_due_date(None, terms(), forced=False) == TODAY + 30 * DAY

    def test_is_the_end_of_the_promise(self) -> None:
        promised = terms(until=TODAY + 9 * DAY)
        assert agreed_due_date(None, promised, forced=False) == TODAY + 9 * DAY

    def test_forgets_a_promise_that_is_over(self) -> None:
        assert agreed_due_date(None, terms(until=TODAY - DAY), forced=False) == TODAY + 30 * DAY

    def test_may_be_the_day_itself(self) -> None:
        assert agreed_due_date(TODAY, terms(), forced=False) == TODAY

    def test_is_never_in_the_past(self) -> None:
        with pytest.raises(DueInThePast):
            agreed_due_date(TODAY - DAY, terms(), forced=True)

    def test_is_never_later_than_the_policy_allows(self) -> None:
        latest = TODAY + 30 * DAY
        assert agreed_due_date(latest, terms(), forced=False) == latest
        with pytest.raises(DueTooFar):
            agreed_due_date(TODAY + 31 * DAY, terms(), forced=False)

    def test_keeps_a_longer_promise(self) -> None:
        promised = terms(until=TODAY + 50 * DAY)
        assert agreed_due_date(TODAY + 50 * DAY, promised, forced=False) == TODAY + 50 * DAY

    def test_may_be_later_with_a_reason_but_not_for_ever(self) -> None:
        assert agreed_due_date(TODAY + 31 * DAY, terms(), forced=True) == TODAY + 31 * DAY
        with pytest.raises(DueTooFar):
            agreed_due_date(TODAY + (MAX_DUE_AHEAD_DAYS + 1) * DAY, terms(), forced=True)

    @pytest.mark.parametrize(("expires", "expected"), [(9, 9), (5, 4), (30, 30), (40, 30), (-1, 0)])
    def test_is_an_open_day_on_which_the_unit_may_still_be_used(
        self, expires: int, expected: int
    ) -> None:
        found = terms(expires=TODAY + expires * DAY, next_open=skip_sunday)
        assert agreed_due_date(None, found, forced=False) == TODAY + expected * DAY

    def test_is_never_later_than_the_unit_may_be_used_whatever_the_reason(self) -> None:
        expiring = terms(until=TODAY + 20 * DAY, expires=TODAY + 5 * DAY, next_open=skip_sunday)
        assert agreed_due_date(None, expiring, forced=False) == TODAY + 4 * DAY
        assert agreed_due_date(TODAY + 5 * DAY, expiring, forced=False) == TODAY + 4 * DAY
        for forced in (False, True):
            with pytest.raises(DueAfterExpiry):
                agreed_due_date(TODAY + 6 * DAY, expiring, forced=forced)

    @given(st.integers(0, 30))
    def test_is_always_an_open_day(self, days: int) -> None:
        wish = TODAY + days * DAY
        assert agreed_due_date(wish, terms(next_open=skip_sunday), forced=False).weekday() != 6
