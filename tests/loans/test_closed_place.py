"""While a site has no open day in sight: what happened is recorded, and what is known is shown."""

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from rental.foundation.clock import Moment
from rental.foundation.database import db, reading, transaction
from rental.inventory import queries as inventory
from rental.inventory.models import Unit
from rental.journal import queries as journal
from rental.loans import queries, service
from rental.loans.policy.acts import Issue, Return
from rental.notices.models import Notice
from rental.places import service as places
from rental.upkeep import queries as upkeep
from rental.upkeep import service as wash_room
from rental.upkeep.policy import StepKind
from tests.cast import Cast

DATABASES = ["sqlite", "postgresql"]
DAY = timedelta(days=1)
SignIn = Callable[[str], FlaskClient]


def set_hours(cast: Cast, at: Moment, *spans: tuple[time, time]) -> None:
    with transaction() as session:
        places.set_hours(
            session,
            site_id=cast.site_id,
            weekdays=range(7),
            spans=spans,
            by=cast.actor("manager"),
            at=at,
        )


@pytest.fixture
def renovation(app: APIFlask, cast: Cast, at: Moment) -> None:
    set_hours(cast, at)


def open_again(cast: Cast, at: Moment) -> None:
    set_hours(cast, at, (time(8), time(17)))
    with transaction() as session:
        service.follow_calendar(session, at=at)
    with transaction() as session:
        wash_room.follow_calendar(session, at=at)


def dates_of(unit_id: int, code: str) -> tuple[date | None, date | None]:
    """Return from when the unit is expected free, and when its turn is expected to end."""
    turn, unit = upkeep.open_upkeep(reading(), unit_id), inventory.unit(reading(), code=code)
    db.session.rollback()
    return unit.free_from, turn.expected_on if turn else None


@pytest.mark.usefixtures("renovation")
class TestWhileThePlaceStaysClosed:
    def test_a_return_is_recorded_and_expected_once_it_opens(self, cast: Cast, at: Moment) -> None:
        lent = cast.unit["on_loan"]
        with transaction() as session:
            done = service.take_back(
                session, Return(unit_code=lent.code), by=cast.actor("clerk"), at=at
            )
        assert done.free_from is None
        assert dates_of(lent.id, lent.code) == (None, None)
        open_again(cast, at)
        free_from, expected_on = dates_of(lent.id, lent.code)
        assert free_from == expected_on == at.on + DAY
        acts = [line.act for line in journal.history(reading(), subject=f"unit:{lent.code}")]
        assert acts == ["foreseen", "returned"]
        assert not [one for one in journal.verify(reading()) if lent.code in one.subject]

    @pytest.mark.parametrize("reason", [None, "已经交出去了，补记"])
    def test_a_hand_over_is_recorded_with_the_plain_due_date(
        self, cast: Cast, at: Moment, reason: str | None
    ) -> None:
        unit = cast.unit["available"]
        asked = Issue(
            unit_code=unit.code,
            resident_code=cast.resident["wang-guilan"].code,
            due_on=at.on + 5 * DAY,
            force_reason=reason,
        )
        with transaction() as session:
            done = service.issue(session, asked, by=cast.actor("clerk"), at=at)
        assert done.due_on == at.on + 5 * DAY
        assert dates_of(unit.id, unit.code) == (None, None)
        open_again(cast, at)
        assert dates_of(unit.id, unit.code)[0] == at.on + 6 * DAY

    def test_a_renewal_is_had_with_the_plain_due_date(self, cast: Cast, at: Moment) -> None:
        with transaction() as session:
            done = service.renew(session, cast.loan.code, by=cast.actor("li-jianguo"), at=at)
        assert done.due_on > at.on + 10 * DAY
        unit = inventory.unit(reading(), code=cast.unit["on_loan"].code)
        assert (unit.due_on, unit.free_from) == (done.due_on, None)

    def test_the_wash_room_goes_on(self, cast: Cast, at: Moment) -> None:
        shelf, dirty = cast.unit["available"], cast.unit["dirty"]
        with transaction() as session:
            wash_room.back_to_wash(session, unit_code=shelf.code, by=cast.actor("clerk"), at=at)
        with transaction() as session:
            wash_room.log_step(
                session,
                unit_code=dirty.code,
                step=StepKind.CLEAN,
                passed=False,
                by=cast.actor("cleaner"),
                at=at,
            )
        for unit in (shelf, dirty):
            assert dates_of(unit.id, unit.code) == (None, None)

    def test_pages_show_what_is_known(self, cast: Cast, sign_in: SignIn) -> None:
        borrower, clerk = sign_in("li-jianguo"), sign_in("clerk")
        person = f"/residents/{cast.resident['li-jianguo'].code}"
        back = f"/api/v1/units/{cast.unit['on_loan'].code}/return"
        for client, url in (
            (borrower, "/"),
            (borrower, "/catalogue"),
            (borrower, "/catalogue/kinds/quad-stick"),
            (borrower, "/reserve/quad-stick"),
            (borrower, person),
            (borrower, f"/loans/{cast.loan.code}"),
            (borrower, f"/loans/{cast.loan.code}/renew"),
            (clerk, person),
            (clerk, "/desk"),
        ):
            assert client.get(url).status_code == 200, url
        assert '"free_from":null' in clerk.post(back, json={}).text.replace(" ", "")


class TestSingleClosedDays:
    def test_the_front_page_says_that_nobody_knows_when_it_opens(
        self, app: APIFlask, cast: Cast, at: Moment, client: FlaskClient
    ) -> None:
        with transaction() as session:
            for ahead in range(20, 100):
                try:
                    with session.begin_nested():
                        places.close_day(
                            session,
                            site_id=cast.site_id,
                            on=at.on + ahead * DAY,
                            reason="装修",
                            by=cast.actor("manager"),
                            at=at,
                        )
                except places.DayAlreadyClosed:
                    continue
        assert "起休息（装修），什么时候开放另行通知" in client.get("/").text


class TestFollowCalendarWithinTheExpiry:
    def expire(self, cast: Cast, on: date) -> None:
        with transaction() as session:
            session.execute(
                update(Unit).where(Unit.id == cast.unit["on_loan"].id).values(expires_on=on)
            )

    def close(self, cast: Cast, at: Moment, *days: date) -> int:
        with transaction() as session:
            for day in days:
                places.close_day(
                    session,
                    site_id=cast.site_id,
                    on=day,
                    reason="盘点",
                    by=cast.actor("manager"),
                    at=at,
                )
        with transaction() as session:
            return service.follow_calendar(session, at=at)

    def test_moves_to_the_last_open_day_before_it_and_says_so(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        due = at.on + 10 * DAY
        self.expire(cast, due)
        assert self.close(cast, at, due) == 1
        assert queries.loan(reading(), code=cast.loan.code).due_on == due - DAY
        unit = inventory.unit(reading(), code=cast.unit["on_loan"].code)
        assert (unit.due_on, unit.free_from) == (due - DAY, due + DAY)
        (told,) = reading().scalars(select(Notice))
        assert (told.kind.value, told.resident_id) == (
            "due_earlier",
            cast.resident["li-jianguo"].id,
        )

    def test_moves_later_up_to_the_expiry(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        due = at.on + 10 * DAY
        self.expire(cast, due + DAY)
        assert self.close(cast, at, due) == 1
        assert queries.loan(reading(), code=cast.loan.code).due_on == due + DAY
        assert [kind.value for kind in reading().scalars(select(Notice.kind))] == ["due_moved"]

    def test_leaves_a_loan_alone_that_nobody_can_end_in_time(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        due = at.on + 10 * DAY
        now = Moment.of(at.at + 10 * DAY)
        self.expire(cast, due)
        assert self.close(cast, now, due) == 0
        assert queries.loan(reading(), code=cast.loan.code).due_on == due
