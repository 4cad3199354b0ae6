from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rental.foundation.words import Named
from rental.places.policy import Half, OpeningCalendar
from rental.reservations.policy import Fulfilment, PeriodTooLong, StartsTooEarly, Terms
from rental.reservations.policy.offer import (
    AlreadyReservedThisKind,
    ConsentMissing,
    KindNotDelivered,
    NotEligible,
    Offer,
    Slot,
    SlotNotOffered,
    Standing,
    StartsOnClosedDay,
    TooManyReservations,
    dates,
    ensure_fulfilment,
    ensure_slot,
    ensure_standing,
    slots,
)

TODAY = date(2026, 12, 1)  # a Tuesday
DAY = timedelta(days=1)
WHOLE = ((time(8, 30), time(11, 30)), (time(14), time(17)))
CALENDAR = OpeningCalendar(
    weekly={**dict.fromkeys(range(5), WHOLE), 5: ((time(8, 30), time(11, 30)),)}
)
OFFER = Offer(
    terms=Terms(max_days=30, earliest_on=TODAY, latest_on=TODAY + 60 * DAY),
    calendar=CALENDAR,
    turnround_open_days=2,
    hold_open_days=2,
    slot_capacity=6,
    delivery=False,
)
GOOD = Standing(known=True, consented=True, eligible_until=date(2027, 6, 1), active=0, same_kind=0)
CHAIR = Named("轮椅", "wheelchair")


class TestDates:
    def test_are_as_long_as_allowed_without_an_end(self) -> None:
        found = dates(OFFER, TODAY)
        assert (found.ends_on, found.days) == (date(2026, 12, 30), 30)

    def test_move_an_end_on_a_closed_day(self) -> None:
        found = dates(OFFER, TODAY, date(2026, 12, 6))
        assert found.ends_on == date(2026, 12, 7)

    def test_accept_their_own_moved_end(self) -> None:
        offer = replace(OFFER, terms=replace(OFFER.terms, max_days=6))
        found = dates(offer, TODAY)
        assert found.ends_on == date(2026, 12, 7)
        assert dates(offer, TODAY, found.ends_on) == found

    def test_block_the_unit_for_the_turn_round_in_open_days(self) -> None:
        assert dates(OFFER, TODAY, date(2026, 12, 4)).blocked_until == date(2026, 12, 7)

    def test_hold_the_unit_over_the_closed_day(self) -> None:
        assert dates(OFFER, date(2026, 12, 4)).hold_until == date(2026, 12, 7)

    def test_refuse_a_closed_first_day_and_name_the_next_open_one(self) -> None:
        with pytest.raises(StartsOnClosedDay) as refused:
            dates(OFFER, date(2026, 12, 6))
        assert refused.value.next_open == date(2026, 12, 7)
        assert refused.value.more()["alternatives"]["other_start"] == "2026-12-07"

    def test_refuse_one_day_too_many(self) -> None:
        with pytest.raises(PeriodTooLong):
            dates(OFFER, TODAY, TODAY + 30 * DAY)

    def test_refuse_yesterday(self) -> None:
        with pytest.raises(StartsTooEarly):
            dates(OFFER, TODAY - DAY)

    @given(ahead=st.integers(0, 60), length=st.integers(1, 30))
    def test_are_in_order_and_open_where_somebody_must_be_there(
        self, ahead: int, length: int
    ) -> None:
        start = CALENDAR.next_open(TODAY + ahead * DAY)
        if start > OFFER.terms.latest_on:
            return
        found = dates(OFFER, start, start + (length - 1) * DAY)
        assert found.starts_on <= found.ends_on <= found.blocked_until
        assert found.starts_on <= found.hold_until
        assert all(
            CALENDAR.is_open(day)
            for day in (found.starts_on, found.ends_on, found.blocked_until, found.hold_until)
        )


class TestSlots:
    def test_are_the_open_halves_while_the_unit_waits(self) -> None:
        found = slots(OFFER, dates(OFFER, date(2026, 12, 4)), today=TODAY, clock=time(10))
        assert found == (
            Slot(date(2026, 12, 4), Half.MORNING),
            Slot(date(2026, 12, 4), Half.AFTERNOON),
            Slot(date(2026, 12, 5), Half.MORNING),
            Slot(date(2026, 12, 7), Half.MORNING),
            Slot(date(2026, 12, 7), Half.AFTERNOON),
        )

    def test_leave_out_the_half_that_is_over(self) -> None:
        found = slots(OFFER, dates(OFFER, TODAY), today=TODAY, clock=time(11, 30))
        assert found[0] == Slot(TODAY, Half.AFTERNOON)

    def test_need_not_be_chosen(self) -> None:
        ensure_slot(None, ())

    def test_refuse_a_half_that_is_not_offered(self) -> None:
        with pytest.raises(SlotNotOffered):
            ensure_slot(Slot(TODAY, Half.MORNING), ())


class TestEnsureFulfilment:
    def test_refuses_delivery_of_what_is_fitted_at_the_desk(self) -> None:
        with pytest.raises(KindNotDelivered):
            ensure_fulfilment(OFFER, Fulfilment.DELIVERY)

    def test_lets_everything_be_fetched(self) -> None:
        ensure_fulfilment(OFFER, Fulfilment.PICKUP)


class TestEnsureStanding:
    def test_lets_a_decision_end_on_the_first_day(self) -> None:
        standing = replace(GOOD, eligible_until=TODAY)
        ensure_standing(standing, most=3, kind=CHAIR, starts_on=TODAY)

    @pytest.mark.parametrize(
        ("change", "refusal"),
        [
            ({"consented": False}, ConsentMissing),
            ({"eligible_until": None}, NotEligible),
            ({"eligible_until": TODAY - DAY}, NotEligible),
            ({"same_kind": 1, "active": 1}, AlreadyReservedThisKind),
            ({"active": 3}, TooManyReservations),
        ],
    )
    def test_refuses(self, change: dict[str, object], refusal: type[Exception]) -> None:
        standing = replace(GOOD, **change)  # type: ignore[arg-type]
        with pytest.raises(refusal):
            ensure_standing(standing, most=3, kind=CHAIR, starts_on=TODAY)
