"""Who goes without when there are fewer units than promises, and what pages say of it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from rental.foundation.clock import Moment
from rental.foundation.database import transaction
from rental.inventory.models import Unit
from rental.inventory.policy import UnitState
from rental.loans import service as loans
from rental.loans.policy import Condition
from rental.loans.policy.acts import Issue, Return
from rental.reservations import service
from rental.reservations.policy import Commitment, StockGroup, change_list
from rental.reservations.policy.shortage import Wanted, without_unit
from rental.reservations.service import Wish
from rental.upkeep import service as upkeep
from tests.cast import Cast

SignIn = Callable[[str], FlaskClient]
TODAY = date(2026, 12, 1)
DAY = timedelta(days=1)
STOPPED = "这种器具临时停用或不够借，我们会打电话跟您商量。"
KEPT = "器具给您留到"
WHY = {"reason": "厂家召回，等通知"}


def wanted(code: str, first: int, last: int) -> Wanted:
    return Wanted(code, 1, TODAY + first * DAY, TODAY + last * DAY)


WANTED = st.lists(
    st.builds(lambda first, days: (first, first + days), st.integers(-5, 30), st.integers(1, 40)),
    max_size=8,
)
STOCK = st.lists(
    st.builds(
        lambda ahead, n: StockGroup(None if ahead is None else TODAY + ahead * DAY, n),
        st.none() | st.integers(0, 20),
        st.integers(0, 3),
    ),
    max_size=4,
)


class TestWithoutUnit:
    def test_the_one_that_begins_last_goes_without(self) -> None:
        found = without_unit(
            [StockGroup(TODAY)], [wanted("a", 0, 9), wanted("b", 5, 20)], today=TODAY
        )
        assert [each.code for each in found] == ["b"]

    def test_each_whose_days_hold_a_short_one_goes_without(self) -> None:
        found = without_unit([], [wanted("a", 0, 9), wanted("b", 10, 20)], today=TODAY)
        assert [each.code for each in found] == ["a", "b"]

    def test_waits_for_nothing_that_comes_back_later(self) -> None:
        stock = [StockGroup(TODAY + 3 * DAY)]
        found = without_unit(stock, [wanted("a", 2, 9), wanted("b", 3, 9)], today=TODAY)
        assert [each.code for each in found] == ["a"]

    @given(stock=STOCK, spans=WANTED)
    def test_somebody_goes_without_exactly_when_more_is_promised_than_there_is(
        self, stock: list[StockGroup], spans: list[tuple[int, int]]
    ) -> None:
        promises = sorted(
            (wanted(str(n), *span) for n, span in enumerate(spans)),
            key=lambda each: each.starts_on,
        )
        ahead = [each for each in promises if each.blocked_until >= TODAY]
        commitments = [Commitment(each.starts_on, each.blocked_until) for each in ahead]
        changes = change_list(stock, commitments, today=TODAY)
        short = min(change.free for change in changes) < 0
        assert bool(without_unit(stock, ahead, today=TODAY)) is short


@pytest.fixture
def promised(app: APIFlask, cast: Cast, at: Moment) -> str:
    """Return the code of a reservation of the only four-legged stick."""
    wish = Wish(
        kind_id=cast.kind["quad-stick"],
        site_id=cast.site_id,
        resident_id=cast.resident["wang-guilan"].id,
        starts_on=TODAY + DAY,
        ends_on=TODAY + 20 * DAY,
    )
    with transaction() as session:
        return service.reserve(session, wish, by=cast.actor("wang-guilan"), at=at).code


@pytest.fixture
def stick(app: APIFlask, cast: Cast) -> str:
    """Return the code of the only four-legged stick."""
    with transaction() as session:
        rows = session.query(Unit).filter_by(kind_id=cast.kind["quad-stick"])
        return str(next(row.code for row in rows if row.state is UnitState.AVAILABLE))


class TestPages:
    @pytest.mark.parametrize("to", ["repair", "quarantine", "scrapped", "lost"])
    def test_say_before_who_would_go_without(
        self, sign_in: SignIn, promised: str, stick: str, to: str
    ) -> None:
        page = sign_in("manager").get(f"/upkeep/{stick}/set-aside/{to}").text
        assert "这样一来，下面的预约就没有器具了。请先打电话商量。" in page
        assert f"/reservations/{promised}" in page
        assert "12月2日" in page

    def test_link_nothing_that_the_cleaner_may_not_open(
        self, sign_in: SignIn, promised: str, stick: str
    ) -> None:
        page = sign_in("cleaner").get(f"/upkeep/{stick}/set-aside/quarantine").text
        assert promised in page
        assert f"/reservations/{promised}" not in page

    def test_say_nothing_where_enough_is_left(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.unit["available"].code
        page = sign_in("clerk").get(f"/upkeep/{code}/set-aside/quarantine").text
        assert "没有器具" not in page

    def test_keep_nothing_for_anybody_that_is_not_there(
        self, sign_in: SignIn, cast: Cast, promised: str, stick: str
    ) -> None:
        resident, own = sign_in("wang-guilan"), cast.resident["wang-guilan"].code
        for address in (f"/reservations/{promised}", f"/residents/{own}"):
            assert STOPPED not in resident.get(address).text
        assert KEPT in resident.get(f"/reservations/{promised}").text
        sign_in("manager").post(f"/upkeep/{stick}/set-aside/quarantine", data=WHY)
        for address in (f"/reservations/{promised}", f"/residents/{own}"):
            page = resident.get(address).text
            assert STOPPED in page, address
            assert "留到" not in page

    def test_tell_the_desk_whom_to_call(
        self, sign_in: SignIn, cast: Cast, promised: str, stick: str
    ) -> None:
        clerk, own = sign_in("clerk"), cast.resident["wang-guilan"].code
        assert "每个预约都有器具" in clerk.get("/desk/without-device").text
        sign_in("manager").post(f"/upkeep/{stick}/set-aside/quarantine", data=WHY)
        tile = clerk.get("/desk").text.split("/desk/without-device")[1].split("</a>")[0]
        assert "约好却没有器具" in tile
        assert ">1<" in tile
        page = clerk.get("/desk/without-device").text
        assert f"/desk/residents/{own}?reservation={promised}" in page
        assert "王桂兰" not in page
        assert "现在没有器具，请先打电话商量" in clerk.get(f"/desk/residents/{own}").text

    def test_say_to_the_api_who_goes_without(
        self, sign_in: SignIn, promised: str, stick: str
    ) -> None:
        address = f"/api/v1/units/{stick}/set-aside"
        answer = sign_in("clerk").post(address, json={"to": "quarantine", **WHY})
        assert answer.json is not None
        assert answer.json["reservations_without_device"] == [promised]

    @pytest.mark.parametrize("login", ["cleaner", "reviewer", "li-jianguo"])
    def test_are_for_who_knows_people(self, sign_in: SignIn, login: str) -> None:
        assert sign_in(login).get("/desk/without-device").status_code == 403

    def test_lead_strangers_to_sign_in(self, client: FlaskClient) -> None:
        assert client.get("/desk/without-device").status_code == 303


class TestLoan:
    def test_lost_or_broken_leaves_a_later_promise_without(
        self, app: APIFlask, sign_in: SignIn, cast: Cast, at: Moment, stick: str
    ) -> None:
        clerk = cast.actor("clerk")
        with transaction() as session:
            issued = loans.issue(
                session,
                Issue(
                    unit_code=stick,
                    resident_code=cast.resident["li-jianguo"].code,
                    due_on=TODAY + 6 * DAY,
                    taught=True,
                ),
                by=clerk,
                at=at,
            )
        wish = Wish(
            kind_id=cast.kind["quad-stick"],
            site_id=cast.site_id,
            resident_id=cast.resident["wang-guilan"].id,
            starts_on=date(2026, 12, 21),
            ends_on=date(2026, 12, 31),
        )
        with transaction() as session:
            code = service.reserve(session, wish, by=clerk, at=at).code
        client = sign_in("clerk")
        page = client.get(f"/loans/{issued.loan_code}").text
        assert f"/reservations/{code}" in page
        assert code not in client.get("/desk/without-device").text
        with transaction() as session:
            back = Return(unit_code=stick, condition=Condition.UNUSABLE, note="断了")
            loans.take_back(session, back, by=clerk, at=at)
        assert code in client.get("/desk/without-device").text
        with transaction() as session:
            upkeep.set_aside(
                session, unit_code=stick, to=UnitState.SCRAPPED, reason="断了，修不好",
                by=cast.actor("manager"), at=at,
            )  # fmt: skip
        assert code in client.get("/desk/without-device").text
