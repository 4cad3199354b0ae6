from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
)

from rental.places.policy import OpeningCalendar
from rental.reservations.policy import (
    ACTIVE,
    STATE_NAMES,
    TRANSITIONS,
    Alternatives,
    Change,
    Commitment,
    EndsBeforeStart,
    Fulfilment,
    Keeping,
    Period,
    PeriodTooLong,
    PeriodTooShort,
    ReservationCannotMove,
    ReservationState,
    StartsTooEarly,
    StartsTooLate,
    StockGroup,
    Terms,
    Whereabouts,
    alternatives,
    blocked_until,
    can_promise,
    can_wait_again,
    change_list,
    ensure_can_move,
    ensure_period,
    expected_free_from,
    expected_until,
    free_days,
    free_on,
    hold_until,
    lowest,
    next_free,
)

TODAY = date(2026, 9, 21)  # a Monday
DAY = timedelta(days=1)
HORIZON = 60
HOURS = ((time(8, 30), time(17)),)
WEEKDAYS = OpeningCalendar(weekly=dict.fromkeys(range(5), HOURS))
EVERY_DAY = OpeningCalendar(weekly=dict.fromkeys(range(7), HOURS))
KEEPING = Keeping(calendar=WEEKDAYS, turnround_open_days=1, hold_open_days=0)


def on(offset: int) -> date:
    return TODAY + offset * DAY


def promise(first: int, last: int, count: int = 1) -> Commitment:
    return Commitment(on(first), on(last), count)


STOCK = st.lists(
    st.builds(StockGroup, st.none() | st.integers(-5, 30).map(on), st.integers(0, 3)),
    max_size=5,
)
COMMITMENTS = st.lists(
    st.builds(
        lambda first, days, count: promise(first, first + days, count),
        st.integers(-10, 40),
        st.integers(0, 12),
        st.integers(1, 2),
    ),
    max_size=8,
)
LISTS = st.builds(lambda s, c: change_list(s, c, today=TODAY), STOCK, COMMITMENTS)


def naive(stock: list[StockGroup], commitments: list[Commitment], day: date) -> int:
    units = sum(g.count for g in stock if g.free_from is not None and g.free_from <= day)
    return units - sum(c.count for c in commitments if c.starts_on <= day <= c.blocked_until)


class TestChangeList:
    def test_starts_today(self) -> None:
        assert change_list([], [], today=TODAY) == (Change(TODAY, 0),)

    def test_tells_each_day_on_which_the_number_changes(self) -> None:
        stock = [StockGroup(TODAY, 2), StockGroup(on(5)), StockGroup(None, 4)]
        found = change_list(stock, [promise(2, 4), promise(3, 6)], today=TODAY)
        assert found == (
            Change(on(0), 2),
            Change(on(2), 1),
            Change(on(3), 0),
            Change(on(5), 2),
            Change(on(7), 3),
        )

    def test_blocks_the_last_day_too(self) -> None:
        found = change_list([StockGroup(TODAY)], [promise(0, 3)], today=TODAY)
        assert (free_on(found, on(3)), free_on(found, on(4))) == (0, 1)

    def test_counts_a_promise_that_began_and_forgets_one_that_ended(self) -> None:
        found = change_list([StockGroup(TODAY, 2)], [promise(-9, 0), promise(-9, -1)], today=TODAY)
        assert found == (Change(TODAY, 1), Change(on(1), 2))

    def test_shows_when_too_much_is_promised(self) -> None:
        assert change_list([], [promise(0, 1)], today=TODAY)[0].free == -1

    @given(STOCK, COMMITMENTS)
    def test_agrees_with_counting_day_by_day(
        self, stock: list[StockGroup], commitments: list[Commitment]
    ) -> None:
        changes = change_list(stock, commitments, today=TODAY)
        for offset in range(HORIZON):
            assert free_on(changes, on(offset)) == naive(stock, commitments, on(offset))

    @given(LISTS)
    def test_is_sorted_and_says_nothing_twice(self, changes: tuple[Change, ...]) -> None:
        assert changes[0].on == TODAY
        for one, following in pairwise(changes):
            assert one.on < following.on
            assert one.free != following.free


class TestLowest:
    @given(LISTS, st.integers(-3, 50), st.integers(0, 30))
    def test_agrees_with_looking_at_each_day(
        self, changes: tuple[Change, ...], first: int, days: int
    ) -> None:
        found = lowest(changes, on(first), on(first + days))
        if first < 0:
            assert found == 0
        else:
            every = free_days(changes, on(first), on(first + days))
            assert len(every) == days + 1
            assert found == min(free for _, free in every)

    def test_counts_both_ends(self) -> None:
        changes = change_list([StockGroup(TODAY)], [promise(3, 4)], today=TODAY)
        assert can_promise(changes, on(0), on(2))
        assert not can_promise(changes, on(0), on(3))
        assert not can_promise(changes, on(4), on(9))
        assert can_promise(changes, on(5), on(9))

    def test_promises_nothing_in_the_past(self) -> None:
        assert not can_promise(change_list([StockGroup(TODAY)], [], today=TODAY), on(-1), on(1))


class TestNextFree:
    @given(LISTS, st.integers(-3, 50), st.integers(1, 20), st.integers(-3, 60))
    def test_agrees_with_trying_every_day(
        self, changes: tuple[Change, ...], first: int, days: int, until: int
    ) -> None:
        tried = (
            on(start)
            for start in range(max(first, 0), until + 1)
            if can_promise(changes, on(start), on(start + days - 1))
        )
        assert next_free(changes, on(first), days, on(until)) == next(tried, None)

    def test_skips_a_gap_that_is_too_short(self) -> None:
        changes = change_list([StockGroup(TODAY)], [promise(2, 3), promise(6, 8)], today=TODAY)
        assert next_free(changes, TODAY, 2, on(30)) == TODAY
        assert next_free(changes, on(1), 2, on(30)) == on(4)
        assert next_free(changes, TODAY, 3, on(30)) == on(9)
        assert next_free(changes, TODAY, 3, on(8)) is None

    def test_finds_nothing_without_units(self) -> None:
        assert next_free(change_list([], [], today=TODAY), TODAY, 1, on(99)) is None


class TestExpectedFreeFrom:
    def test_is_today_when_ready(self) -> None:
        assert expected_free_from(Whereabouts.READY, today=TODAY) == TODAY

    @pytest.mark.parametrize("due", [0, 1, 30])
    def test_believes_a_loan_that_is_not_late(self, due: int) -> None:
        found = expected_free_from(
            Whereabouts.ON_LOAN, due_on=on(due), free_from=on(due + 3), today=TODAY
        )
        assert found == on(due + 3)

    @pytest.mark.parametrize(
        ("today", "expected"),
        [
            (date(2026, 9, 21), date(2026, 10, 21)),
            (date(2026, 9, 22), date(2026, 10, 22)),
            (date(2027, 1, 31), date(2027, 2, 28)),
            (date(2028, 1, 30), date(2028, 2, 29)),
        ],
    )
    def test_assumes_a_late_unit_away_for_a_month(self, today: date, expected: date) -> None:
        found = expected_free_from(
            Whereabouts.ON_LOAN, due_on=today - DAY, free_from=today + DAY, today=today
        )
        assert found == expected

    @pytest.mark.parametrize(("planned", "expected"), [(-5, 1), (0, 1), (1, 1), (4, 4)])
    def test_moves_late_upkeep_to_tomorrow(self, planned: int, expected: int) -> None:
        found = expected_free_from(Whereabouts.IN_UPKEEP, free_from=on(planned), today=TODAY)
        assert found == on(expected)

    def test_never_expects_what_is_gone(self) -> None:
        assert expected_free_from(Whereabouts.GONE, free_from=TODAY, today=TODAY) is None
        assert expected_free_from(Whereabouts.IN_UPKEEP, today=TODAY) is None


class TestExpectedUntil:
    def test_is_as_planned_up_to_the_last_day(self) -> None:
        assert expected_until(TODAY, TODAY) == TODAY
        assert expected_until(on(5), TODAY) == on(5)

    def test_keeps_for_another_month_what_was_not_delivered_in_time(self) -> None:
        assert expected_until(on(-1), TODAY) == date(2026, 10, 21)


TERMS = Terms(max_days=30, min_days=3, earliest_on=on(0), latest_on=on(60))


class TestEnsurePeriod:
    @pytest.mark.parametrize(("first", "last"), [(0, 2), (0, 29), (60, 62)])
    def test_accepts_the_bounds(self, first: int, last: int) -> None:
        ensure_period(Period(starts_on=on(first), ends_on=on(last)), TERMS)

    @pytest.mark.parametrize(
        ("first", "last", "fact"),
        [
            (-1, 5, StartsTooEarly),
            (61, 65, StartsTooLate),
            (5, 4, EndsBeforeStart),
            (0, 30, PeriodTooLong),
            (0, 1, PeriodTooShort),
        ],
    )
    def test_says_what_is_wrong(self, first: int, last: int, fact: type[Exception]) -> None:
        with pytest.raises(fact) as refusal:
            ensure_period(Period(starts_on=on(first), ends_on=on(last)), TERMS)
        assert "2026-" in str(refusal.value)


class TestBlockedUntil:
    def test_counts_open_days_only(self) -> None:
        friday = on(4)
        assert blocked_until(friday, 1, WEEKDAYS) == on(7)
        assert blocked_until(friday, 2, WEEKDAYS) == on(8)

    def test_moves_an_end_on_a_closed_day(self) -> None:
        saturday = on(5)
        assert blocked_until(saturday, 0, WEEKDAYS) == on(7)
        assert blocked_until(saturday, 1, WEEKDAYS) == on(8)


class TestKeeping:
    @given(st.integers(0, 30), st.integers(1, 10), st.integers(0, 3), st.integers(0, 9))
    def test_leaves_time_to_wash_a_unit_fetched_on_the_last_day(
        self, first: int, days: int, turnround: int, hold: int
    ) -> None:
        keeping = Keeping(calendar=WEEKDAYS, turnround_open_days=turnround, hold_open_days=hold)
        start, end = on(first), on(first + days - 1)
        waits_until = keeping.hold_until(start)
        blocked = keeping.blocked_until(end, waits_until)
        assert blocked >= max(waits_until, blocked_until(end, turnround, WEEKDAYS))
        assert blocked >= blocked_until(waits_until, turnround, WEEKDAYS)


class TestHoldUntil:
    def test_waits_open_days(self) -> None:
        assert hold_until(on(4), 0, WEEKDAYS) == on(4)
        assert hold_until(on(4), 2, WEEKDAYS) == on(8)


class TestWaitingAgain:
    def waits(self, **changed: object) -> bool:
        facts: dict[str, Any] = {
            "state": ReservationState.FULFILLED,
            "fulfilment": Fulfilment.PICKUP,
            "hold_until": TODAY,
            "ends_on": TODAY,
        }
        facts |= changed
        state, way = facts.pop("state"), facts.pop("fulfilment")
        return can_wait_again(state, way, today=TODAY, **facts)

    @pytest.mark.parametrize("state", list(ReservationState))
    def test_only_what_was_kept_waits_again(self, state: ReservationState) -> None:
        assert self.waits(state=state) is (state is ReservationState.FULFILLED)

    def test_only_until_its_days_are_over(self) -> None:
        assert not self.waits(hold_until=on(-1))
        assert self.waits(hold_until=on(-1), fulfilment=Fulfilment.DELIVERY)
        assert not self.waits(ends_on=on(-1), fulfilment=Fulfilment.DELIVERY)


class TestAlternatives:
    def find(
        self, commitments: list[Commitment], wish: Period, opening: OpeningCalendar = EVERY_DAY
    ) -> Alternatives:
        changes = change_list([StockGroup(TODAY)], commitments, today=TODAY)
        return alternatives(changes, wish, TERMS, keeping=replace(KEEPING, calendar=opening))

    def test_offers_a_later_start_and_a_shorter_period(self) -> None:
        found = self.find([promise(6, 9)], Period(starts_on=on(0), ends_on=on(9)))
        assert found == Alternatives(other_start=on(10), shorter_until=on(4))

    def test_offers_nothing_shorter_than_allowed(self) -> None:
        found = self.find([promise(3, 9)], Period(starts_on=on(0), ends_on=on(9)))
        assert found.shorter_until is None

    def test_offers_nothing_beyond_the_terms(self) -> None:
        found = self.find([promise(0, 90)], Period(starts_on=on(0), ends_on=on(9)))
        assert found == Alternatives()
        assert not found

    def test_starts_on_an_open_day(self) -> None:
        friday, monday, wednesday = on(4), on(7), on(16)
        wish = Period(starts_on=friday, ends_on=on(9))
        assert self.find([promise(0, 4)], wish, WEEKDAYS).other_start == monday
        # From Monday 28 it would end on a Saturday, come back on Monday and be cleaned on the 15th.
        in_the_way = [promise(0, 4), promise(15, 15)]
        assert self.find(in_the_way, wish, WEEKDAYS).other_start == wednesday

    def test_ends_on_an_open_day(self) -> None:
        friday = on(4)
        found = self.find([promise(8, 9)], Period(starts_on=on(2), ends_on=on(6)), WEEKDAYS)
        assert found == Alternatives(other_start=on(10), shorter_until=friday)

    def test_passes_like_kinds_on(self) -> None:
        changes = change_list([], [], today=TODAY)
        wish = Period(starts_on=on(0), ends_on=on(9))
        found = alternatives(changes, wish, TERMS, keeping=KEEPING, like_kinds=("a", "b"))
        assert found.like_kinds == ("a", "b")
        assert found

    @given(LISTS, st.integers(0, 30), st.integers(2, 29), st.integers(0, 3), st.integers(0, 9))
    def test_offers_only_what_can_be_had(
        self, changes: tuple[Change, ...], first: int, days: int, turnround: int, hold: int
    ) -> None:
        keeping = Keeping(calendar=WEEKDAYS, turnround_open_days=turnround, hold_open_days=hold)
        wish = Period(starts_on=on(first), ends_on=on(first + days))
        found = alternatives(changes, wish, TERMS, keeping=keeping)
        if found.other_start:
            ensure_period(
                Period(starts_on=found.other_start, ends_on=found.other_start + days * DAY), TERMS
            )
            held = keeping.hold_until(found.other_start)
            end = keeping.blocked_until(found.other_start + days * DAY, held)
            assert can_promise(changes, found.other_start, end)
            assert WEEKDAYS.is_open(found.other_start)
        if found.shorter_until:
            ensure_period(Period(starts_on=on(first), ends_on=found.shorter_until), TERMS)
            end = keeping.blocked_until(found.shorter_until, keeping.hold_until(on(first)))
            assert can_promise(changes, on(first), end)
            assert found.shorter_until < wish.ends_on


class TestEnsureCanMove:
    @pytest.mark.parametrize(("state", "to"), list(product(ReservationState, ReservationState)))
    def test_follows_the_table(self, state: ReservationState, to: ReservationState) -> None:
        if to in TRANSITIONS[state]:
            ensure_can_move(state, to)
        else:
            with pytest.raises(ReservationCannotMove):
                ensure_can_move(state, to)

    def test_lets_only_active_reservations_move(self) -> None:
        assert set(TRANSITIONS) == set(STATE_NAMES) == set(ReservationState)
        moving = {state for state, to in TRANSITIONS.items() if to}
        assert moving - {ReservationState.FULFILLED} == ACTIVE

    def test_lets_a_kept_promise_only_wait_again(self) -> None:
        kept = TRANSITIONS[ReservationState.FULFILLED]
        assert kept == {ReservationState.CONFIRMED}


@dataclass
class Unit:
    whereabouts: Whereabouts = Whereabouts.READY
    lent_on: date | None = None
    due_on: date | None = None
    free_from: date | None = None


@dataclass
class Promise:
    period: Period
    state: ReservationState = ReservationState.CONFIRMED

    @property
    def held(self) -> date:
        return POINT.hold_until(self.period.starts_on)

    @property
    def blocked(self) -> date:
        return POINT.blocked_until(self.period.ends_on, self.held)


TURNROUND = 2
UNITS = 3
POINT = Keeping(calendar=WEEKDAYS, turnround_open_days=TURNROUND, hold_open_days=3)


class ARentalPoint(RuleBasedStateMachine):
    """A tiny rental point that asks the policy before every promise and every hand-over."""

    promises = Bundle("promises")

    @initialize()
    def open_the_door(self) -> None:
        self.today = TODAY
        self.punctual = True
        self.units = [Unit() for _ in range(UNITS)]
        self.book: list[Promise] = []

    # What the policy is told

    def changes(self) -> tuple[Change, ...]:
        stock = [
            StockGroup(
                expected_free_from(
                    unit.whereabouts,
                    due_on=unit.due_on,
                    free_from=unit.free_from,
                    today=self.today,
                )
            )
            for unit in self.units
        ]
        commitments = [Commitment(p.period.starts_on, p.blocked) for p in self.active()]
        return change_list(stock, commitments, today=self.today)

    def active(self) -> list[Promise]:
        return [p for p in self.book if p.state in ACTIVE]

    def units_that(self, whereabouts: Whereabouts) -> list[Unit]:
        return [unit for unit in self.units if unit.whereabouts is whereabouts]

    def lend(self, ends_on: date) -> None:
        unit = self.units_that(Whereabouts.READY)[0]
        unit.whereabouts = Whereabouts.ON_LOAN
        unit.lent_on, unit.due_on = self.today, WEEKDAYS.next_open(ends_on)
        unit.free_from = blocked_until(ends_on, TURNROUND, WEEKDAYS) + DAY

    # What happens

    @rule(target=promises, ahead=st.integers(0, 20), days=st.integers(1, 15))
    def reserve(self, ahead: int, days: int) -> Promise:
        start = self.today + ahead * DAY
        wished = Promise(Period(starts_on=start, ends_on=start + (days - 1) * DAY))
        if can_promise(self.changes(), start, wished.blocked):
            self.book.append(wished)
        else:
            wished.state = ReservationState.CANCELLED
        return wished

    @rule(promised=consumes(promises))
    def cancel(self, promised: Promise) -> None:
        if promised.state in ACTIVE:
            ensure_can_move(promised.state, ReservationState.CANCELLED)
            promised.state = ReservationState.CANCELLED

    @rule(promised=promises)
    def issue(self, promised: Promise) -> None:
        begun = promised.period.starts_on <= self.today <= promised.held
        if promised.state in ACTIVE and begun and self.units_that(Whereabouts.READY):
            ensure_can_move(promised.state, ReservationState.FULFILLED)
            promised.state = ReservationState.FULFILLED
            self.lend(max(promised.period.ends_on, self.today))

    @rule(days=st.integers(1, 15))
    def issue_to_a_walk_in(self, days: int) -> None:
        end = self.today + (days - 1) * DAY
        blocked = blocked_until(end, TURNROUND, WEEKDAYS)
        if can_promise(self.changes(), self.today, blocked):
            assert self.units_that(Whereabouts.READY), "free today means on the shelf"
            self.lend(end)

    @precondition(lambda self: self.units_that(Whereabouts.ON_LOAN))
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        unit = data.draw(st.sampled_from(self.units_that(Whereabouts.ON_LOAN)))
        unit.whereabouts, unit.due_on = Whereabouts.IN_UPKEEP, None
        unit.free_from = blocked_until(self.today, TURNROUND, WEEKDAYS) + DAY

    @precondition(lambda self: self.units_that(Whereabouts.IN_UPKEEP))
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        unit = data.draw(st.sampled_from(self.units_that(Whereabouts.IN_UPKEEP)))
        unit.whereabouts = Whereabouts.READY

    @rule(days=st.integers(1, 12), everybody_is_punctual=st.booleans())
    def let_days_pass(self, days: int, everybody_is_punctual: bool) -> None:
        for _ in range(days):
            self.today += DAY
            for unit in self.units:
                if everybody_is_punctual:
                    self.be_punctual(unit)
                else:
                    self.punctual = self.punctual and not self.is_late(unit)
            self.expire()

    def be_punctual(self, unit: Unit) -> None:
        """Return the unit on its last day and release it before its first free one."""
        if unit.due_on and unit.due_on < self.today:
            unit.whereabouts, unit.due_on = Whereabouts.IN_UPKEEP, None
        if unit.whereabouts is Whereabouts.IN_UPKEEP and self.is_late(unit):
            unit.whereabouts = Whereabouts.READY

    def is_late(self, unit: Unit) -> bool:
        if unit.due_on:
            return unit.due_on < self.today
        planned = unit.free_from or self.today
        return unit.whereabouts is Whereabouts.IN_UPKEEP and planned <= self.today

    def expire(self) -> None:
        for promised in self.active():
            if promised.held < self.today:
                ensure_can_move(promised.state, ReservationState.EXPIRED)
                promised.state = ReservationState.EXPIRED

    # What must hold

    @invariant()
    def never_more_promises_and_loans_than_units(self) -> None:
        lent = self.units_that(Whereabouts.ON_LOAN)
        for offset in range(HORIZON):
            day = self.today + offset * DAY
            promised = sum(p.period.starts_on <= day <= p.blocked for p in self.active())
            away = sum(unit.due_on is not None and day <= unit.due_on for unit in lent)
            assert promised + away <= UNITS

    @invariant()
    def every_promise_can_be_kept_while_all_are_punctual(self) -> None:
        if self.punctual:
            assert min(change.free for change in self.changes()) >= 0


TestARentalPoint = ARentalPoint.TestCase
TestARentalPoint.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
