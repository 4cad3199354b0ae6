"""After the site has closed for the day, nothing is promised for that day any more."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from apiflask import APIFlask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from rental.foundation.clock import Moment
from rental.foundation.database import reading, transaction
from rental.places.policy import OpeningCalendar
from rental.reservations import queries, service
from rental.reservations.policy import StartsTooEarly
from rental.reservations.service import Wish
from tests.cast import Cast

CHAIR = "lightweight-wheelchair"
TUESDAY = date(2026, 12, 1)
WEDNESDAY = date(2026, 12, 2)
DAY = timedelta(days=1)
WHOLE = ((time(8, 30), time(11, 30)), (time(14), time(17)))
OPENING = OpeningCalendar(weekly=dict.fromkeys(range(5), WHOLE))
SignIn = Callable[[str], FlaskClient]


class TestOpensFrom:
    @pytest.mark.parametrize(
        ("day", "clock", "found"),
        [
            (TUESDAY, time(0), TUESDAY),
            (TUESDAY, time(12), TUESDAY),
            (TUESDAY, time(16, 59), TUESDAY),
            (TUESDAY, time(17), WEDNESDAY),
            (TUESDAY, time(22, 30), WEDNESDAY),
            (date(2026, 12, 4), time(18), date(2026, 12, 7)),
            (date(2026, 12, 6), time(9), date(2026, 12, 7)),
        ],
    )
    def test_is_today_until_the_last_closing(self, day: date, clock: time, found: date) -> None:
        assert OPENING.opens_from(day, clock) == found

    def test_is_nothing_while_nobody_can_say(self) -> None:
        assert OpeningCalendar(weekly={}).opens_from(TUESDAY, time(9)) is None

    @given(st.dates(TUESDAY, date(2027, 2, 1)), st.times())
    def test_has_a_half_to_come_in(self, day: date, clock: time) -> None:
        found = OPENING.opens_from(day, clock)
        assert found is not None
        assert OPENING.halves_left(found, clock if found == day else time())


@pytest.fixture
def evening(app: APIFlask) -> Iterator[Moment]:
    """Let it be half past ten at night, on the Tuesday."""
    with time_machine.travel(datetime(2026, 12, 1, 14, 30, tzinfo=UTC), tick=False):
        yield Moment.of(datetime(2026, 12, 1, 14, 30, tzinfo=UTC))


@pytest.mark.usefixtures("evening")
class TestPages:
    def test_the_list_says_from_which_day(self, client: FlaskClient) -> None:
        page = client.get("/catalogue?q=轮椅").text
        assert "今天" not in page
        assert "12月2日 周三起可借 3 件" in page
        assert '<option value="2026-12-01"' not in page

    def test_a_day_gone_by_narrows_nothing(self, client: FlaskClient) -> None:
        assert "rd-card__title" in client.get("/catalogue?free_on=2026-12-01").text
        assert "种。" in client.get("/catalogue?free_on=2026-12-01").text

    def test_a_chosen_day_is_named(self, client: FlaskClient) -> None:
        assert "12月3日 周四可借 3 件" in client.get("/catalogue?q=轮椅&free_on=2026-12-03").text

    def test_the_kind_offers_the_next_day(self, client: FlaskClient) -> None:
        page = client.get(f"/catalogue/kinds/{CHAIR}").text
        assert "12月2日 周三起可借 3 件" in page
        assert "start=2026-12-01" not in page
        assert "start=2026-12-02" in page

    def test_english_says_it_too(self, client: FlaskClient) -> None:
        client.set_cookie("lang", "en")
        assert "3 available from" in client.get(f"/catalogue/kinds/{CHAIR}").text

    def test_the_steps_begin_with_the_next_day(self, sign_in: SignIn) -> None:
        who = sign_in("wang-guilan")
        for stale in ("", "?start=2026-12-01"):
            page = who.get(f"/reserve/{CHAIR}{stale}").text
            assert 'value="2026-12-02" checked' in page
            assert 'value="2026-12-01"' not in page
        asked = f"/reserve/{CHAIR}?start=2026-12-02&days=7"
        assert "2026-12-02.morning" in who.get(asked).text
        assert who.get(f"/reserve/{CHAIR}?start=2026-12-01&days=7").status_code == 422

    def test_programs_are_told_the_same(self, client: FlaskClient) -> None:
        found = client.get("/api/v1/kinds", query_string={"q": "轮椅"}).get_json()
        assert found["on"] == "2026-12-02"
        free = client.get(f"/api/v1/kinds/{CHAIR}/availability").get_json()
        assert free["days"][0] == {"date": "2026-12-02", "free": 3}
        assert free["next_free_date"] == "2026-12-02"
        whole = client.get(f"/api/v1/kinds/{CHAIR}/availability?from=2026-12-01").get_json()
        assert [day["free"] for day in whole["days"][:2]] == [0, 3]


class TestReserve:
    def wish(self, cast: Cast, starts_on: date) -> Wish:
        return Wish(
            kind_id=cast.kind[CHAIR],
            site_id=cast.site_id,
            resident_id=cast.resident["wang-guilan"].id,
            starts_on=starts_on,
            ends_on=starts_on + 6 * DAY,
        )

    def test_waits_from_the_day_on_which_one_can_come(self, cast: Cast, evening: Moment) -> None:
        by = cast.actor("wang-guilan")
        with pytest.raises(StartsTooEarly), transaction() as session:
            service.reserve(session, self.wish(cast, TUESDAY), by=by, at=evening)
        with transaction() as session:
            done = service.reserve(session, self.wish(cast, WEDNESDAY), by=by, at=evening)
        assert done.hold_until == date(2026, 12, 4)

    def test_today_is_had_while_the_site_is_open(self, cast: Cast, at: Moment) -> None:
        by = cast.actor("wang-guilan")
        with transaction() as session:
            done = service.reserve(session, self.wish(cast, TUESDAY), by=by, at=at)
        assert queries.reservation(reading(), code=done.code).starts_on == TUESDAY
