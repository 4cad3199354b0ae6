from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rental.places.policy import (
    Half,
    OpenHalf,
    OpeningCalendar,
    PlaceStaysClosed,
    months_after,
    years_after,
)

DAY = timedelta(days=1)
MORNING = (time(8, 30), time(11, 30))
AFTERNOON = (time(13, 30), time(17))
FRIDAY = date(2026, 9, 25)
SATURDAY = date(2026, 9, 26)
MONDAY = date(2026, 9, 28)
NATIONAL_DAY = frozenset(date(2026, 10, 1) + n * DAY for n in range(7))

WEEKDAYS = OpeningCalendar(
    weekly=dict.fromkeys(range(5), (MORNING, AFTERNOON)),
    closed=NATIONAL_DAY,
    special={date(2026, 9, 27): (MORNING,)},
)


@st.composite
def calendars(draw: st.DrawFn) -> OpeningCalendar:
    weekdays = draw(st.sets(st.integers(0, 6), min_size=1))
    offsets = draw(st.sets(st.integers(0, 20)))
    return OpeningCalendar(
        weekly=dict.fromkeys(weekdays, (MORNING,)),
        closed=frozenset(FRIDAY + n * DAY for n in offsets),
    )


def count_open(opening: OpeningCalendar, first: date, last: date) -> int:
    """Count the open days from `first` to `last`, both included."""
    return sum(opening.is_open(first + n * DAY) for n in range((last - first).days + 1))


class TestIsOpen:
    def test_follows_the_week(self) -> None:
        assert WEEKDAYS.is_open(FRIDAY)
        assert not WEEKDAYS.is_open(SATURDAY)

    def test_knows_a_working_sunday(self) -> None:
        assert WEEKDAYS.is_open(date(2026, 9, 27))

    def test_tells_the_halves_apart(self) -> None:
        working_sunday = date(2026, 9, 27)
        assert WEEKDAYS.is_open(working_sunday, Half.MORNING)
        assert not WEEKDAYS.is_open(working_sunday, Half.AFTERNOON)
        assert not WEEKDAYS.is_open(SATURDAY, Half.MORNING)

    def test_lets_a_closed_day_win(self) -> None:
        shut = OpeningCalendar(weekly={}, closed=frozenset({FRIDAY}), special={FRIDAY: (MORNING,)})
        assert not shut.is_open(FRIDAY)


class TestNextOpen:
    def test_keeps_an_open_day(self) -> None:
        assert WEEKDAYS.next_open(FRIDAY) == FRIDAY

    def test_moves_past_a_holiday(self) -> None:
        assert WEEKDAYS.next_open(date(2026, 10, 1)) == date(2026, 10, 8)

    def test_gives_up_after_sixty_days(self) -> None:
        with pytest.raises(PlaceStaysClosed) as refusal:
            OpeningCalendar(weekly={}).next_open(FRIDAY)
        assert "2026-09-25" in str(refusal.value)

    def test_still_finds_the_sixtieth_day(self) -> None:
        lone = OpeningCalendar(weekly={}, special={FRIDAY + 59 * DAY: (MORNING,)})
        assert lone.next_open(FRIDAY) == FRIDAY + 59 * DAY

    @given(calendars(), st.integers(0, 40))
    def test_finds_the_first_open_day(self, opening: OpeningCalendar, offset: int) -> None:
        day = FRIDAY + offset * DAY
        found = opening.next_open(day)
        assert opening.is_open(found)
        assert count_open(opening, day, found) == 1


class TestAddOpenDays:
    def test_does_not_count_the_day_itself(self) -> None:
        assert WEEKDAYS.add_open_days(MONDAY, 1) == date(2026, 9, 29)

    def test_keeps_the_day_when_nothing_is_added(self) -> None:
        assert WEEKDAYS.add_open_days(SATURDAY, 0) == SATURDAY

    def test_steps_over_a_holiday(self) -> None:
        assert WEEKDAYS.add_open_days(date(2026, 9, 30), 2) == date(2026, 10, 9)

    @given(calendars(), st.integers(0, 10))
    def test_agrees_with_counting(self, opening: OpeningCalendar, n: int) -> None:
        end = opening.add_open_days(FRIDAY, n)
        assert count_open(opening, FRIDAY + DAY, end) == n


class TestHalves:
    def test_takes_the_spans_as_they_are(self) -> None:
        assert WEEKDAYS.halves(FRIDAY) == (
            OpenHalf(half=Half.MORNING, opens=time(8, 30), closes=time(11, 30)),
            OpenHalf(half=Half.AFTERNOON, opens=time(13, 30), closes=time(17)),
        )

    def test_splits_a_long_day_at_noon(self) -> None:
        long_day = OpeningCalendar(weekly={4: ((time(8), time(18)),)})
        assert [(h.opens, h.closes) for h in long_day.halves(FRIDAY)] == [
            (time(8), time(12)),
            (time(13), time(18)),
        ]

    def test_joins_spans_of_one_half(self) -> None:
        broken = OpeningCalendar(weekly={4: ((time(8), time(9)), (time(10), time(11)))})
        assert broken.halves(FRIDAY) == (
            OpenHalf(half=Half.MORNING, opens=time(8), closes=time(11)),
        )

    def test_offers_nothing_on_a_closed_day(self) -> None:
        assert WEEKDAYS.halves(SATURDAY) == ()


class TestMonthsAfter:
    @pytest.mark.parametrize(
        ("day", "months", "expected"),
        [
            (date(2026, 1, 15), 1, date(2026, 2, 15)),
            (date(2026, 1, 31), 1, date(2026, 2, 28)),
            (date(2028, 1, 31), 1, date(2028, 2, 29)),
            (date(2026, 12, 1), 1, date(2027, 1, 1)),
            (date(2026, 11, 30), 14, date(2028, 1, 30)),
        ],
    )
    def test_clips_at_the_month_end(self, day: date, months: int, expected: date) -> None:
        assert months_after(day, months) == expected

    def test_ends_a_leap_year_on_28_february(self) -> None:
        assert years_after(date(2028, 2, 29), 1) == date(2029, 2, 28)
        assert years_after(date(2028, 2, 29), 4) == date(2032, 2, 29)
