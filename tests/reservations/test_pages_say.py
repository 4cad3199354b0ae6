"""What the pages on the way to a reservation say, and that they keep whom it is for."""

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import update

from rental.eligibility.models import Application, Decision
from rental.eligibility.policy import ApplicationState
from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, new_code
from rental.foundation.database import transaction
from rental.places import service as places
from rental.places.policy import Half
from rental.reservations import service
from rental.reservations.policy import Fulfilment
from rental.reservations.service import Wish
from tests.cast import Cast

SignIn = Callable[[str], FlaskClient]
CHAIR, OXYGEN = "lightweight-wheelchair", "home-oxygen-concentrator"
START = date(2026, 12, 2)
SUNDAY = date(2026, 12, 13)
RESERVE = f"/reserve/{CHAIR}"


@pytest.fixture
def book(app: APIFlask, cast: Cast, at: Moment) -> Callable[..., str]:
    def act(kind: str = CHAIR, **more: Any) -> str:
        wish = Wish(**{
            "kind_id": cast.kind[kind],
            "site_id": cast.site_id,
            "resident_id": cast.resident["wang-guilan"].id,
            "starts_on": START,
            **more,
        })
        with transaction() as session:
            return service.reserve(session, wish, by=cast.actor("wang-guilan"), at=at).code

    return act


class TestOnBehalf:
    def test_every_link_keeps_whom_it_is_for(self, sign_in: SignIn, cast: Cast) -> None:
        code, clerk = cast.resident["wang-guilan"].code, sign_in("clerk")
        for path in (
            f"/catalogue?for={code}",
            f"/catalogue?for={code}&category=manual-wheelchair",
            f"/catalogue/kinds/{CHAIR}?for={code}",
            f"/catalogue/kinds/{CHAIR}?for={code}&month=2027-01",
        ):
            page = clerk.get(path).text
            assert "替 王桂兰 找器具" in page
            found = re.findall(r'(?:href|action)="(/(?:catalogue|reserve)[^"#]*)', page)
            links = [link.replace("&amp;", "&") for link in found if link != "/catalogue"]
            assert links
            for link in links:
                assert link.count("?") == 1, link
                assert f"for={code}" in link, link
        forms = clerk.get(f"/catalogue?for={code}").text.count(f'name="for" value="{code}"')
        assert forms == 2

    def test_says_nothing_of_a_person_to_a_stranger(self, client: FlaskClient, cast: Cast) -> None:
        page = client.get(f"/catalogue?for={cast.resident['wang-guilan'].code}")
        assert page.status_code == 200
        assert "王桂兰" not in page.text


class TestVisitStep:
    def test_asks_again_when_no_visit_was_chosen(self, sign_in: SignIn) -> None:
        client = sign_in("wang-guilan")
        asked = client.get(f"{RESERVE}?start={START}&days=20&by=pickup")
        assert asked.status_code == 200
        assert "请选一个时间" not in asked.text
        again = client.get(f"{RESERVE}?start={START}&days=20&by=pickup&step=visit")
        assert again.status_code == 422
        assert "请选一个时间" in again.text


class TestChange:
    def test_starts_from_the_present_days(self, sign_in: SignIn, book: Callable[..., str]) -> None:
        code = book(starts_on=START + timedelta(days=5), slot_on=None)
        page = sign_in("wang-guilan").get(f"/reservations/{code}/change").text
        assert "现在约的是：2026年12月7日" in page
        assert re.search(r'value="2026-12-07"[^>]*checked', page)

    @pytest.mark.parametrize(
        ("starts_on", "ends_on", "kept"),
        [
            (date(2026, 12, 7), date(2026, 12, 13), 8),
            (date(2026, 12, 8), date(2027, 3, 7), 90),
        ],
    )
    def test_moves_a_stay_that_a_closed_day_made_longer(
        self,
        sign_in: SignIn,
        book: Callable[..., str],
        starts_on: date,
        ends_on: date,
        kept: int,
    ) -> None:
        assert ends_on.isoweekday() == 7
        code = book(starts_on=starts_on, ends_on=ends_on)
        client, address = sign_in("wang-guilan"), f"/reservations/{code}/change"
        page = client.get(address).text
        assert re.search(rf'name="days"[^>]*value="{kept}"[^>]*checked', page)
        assert f"?start={starts_on}&amp;days={kept}" in page
        sent = {"start": "2026-12-14", "days": str(kept), "step": "when"}
        assert "什么时候方便" in client.get(address, query_string=sent).text
        assert client.post(address, data=sent).status_code == 303

    def test_asks_again_when_no_length_was_chosen(
        self, sign_in: SignIn, book: Callable[..., str]
    ) -> None:
        client, sent = sign_in("wang-guilan"), {"start": START.isoformat(), "step": "when"}
        new = client.get(RESERVE, query_string=sent)
        moved = client.get(f"/reservations/{book()}/change", query_string=sent)
        for again in (new, moved):
            assert again.status_code == 422
            assert "请选借多久。" in again.text
            assert re.search(r'name="days"[^>]*checked', again.text)
            assert re.search(rf'value="{START}"[^>]*checked', again.text)

    def test_keeps_the_length_when_the_day_is_refused(
        self, sign_in: SignIn, book: Callable[..., str]
    ) -> None:
        code = book(starts_on=SUNDAY - timedelta(days=6), ends_on=SUNDAY)
        sent = {"start": SUNDAY.isoformat(), "days": "8", "step": "when"}
        page = sign_in("wang-guilan").get(f"/reservations/{code}/change", query_string=sent)
        assert page.status_code == 422
        assert re.search(r'name="days"[^>]*value="8"[^>]*checked', page.text)


class TestEndOnAClosedDay:
    SAID = "到期那天休息，顺延到 2026年12月14日 星期一 还。"

    def test_is_explained_before_and_after_reserving(
        self, sign_in: SignIn, book: Callable[..., str]
    ) -> None:
        client, address = sign_in("wang-guilan"), f"{RESERVE}?start=2026-12-07&days=7&by=pickup"
        assert self.SAID in client.get(address).text
        assert self.SAID in client.get(f"{address}&slot=2026-12-07.morning").text
        code = book(starts_on=date(2026, 12, 7), ends_on=SUNDAY)
        assert self.SAID in client.get(f"/reservations/{code}").text

    def test_is_not_spoken_of_when_the_end_stayed(
        self, sign_in: SignIn, book: Callable[..., str]
    ) -> None:
        client, monday = sign_in("wang-guilan"), SUNDAY + timedelta(days=1)
        address = f"{RESERVE}?start=2026-12-01&days=14&by=pickup"
        assert "到期那天休息" not in client.get(address).text
        assert "到期那天休息" not in client.get(f"{RESERVE}?start=2026-12-07&days=8&by=pickup").text
        code = book(starts_on=date(2026, 12, 1), ends_on=monday)
        assert "到期那天休息" not in client.get(f"/reservations/{code}").text


class TestShow:
    def test_speaks_of_a_delivery_as_one(self, sign_in: SignIn, book: Callable[..., str]) -> None:
        code = book(
            OXYGEN, fulfilment=Fulfilment.DELIVERY, address="和平路 1 号", slot_on=START,
            slot_half=Half.MORNING,
        )  # fmt: skip
        page = sign_in("wang-guilan").get(f"/reservations/{code}").text
        assert "请家里留人" in page
        for said_of_pickups in ("没有来取", "到窗口", "本人一起来"):
            assert said_of_pickups not in page

    def test_warns_when_the_eligibility_ended(
        self, sign_in: SignIn, book: Callable[..., str], at: Moment
    ) -> None:
        code, client = book(), sign_in("wang-guilan")
        assert "现在取不了" not in client.get(f"/reservations/{code}").text
        with transaction() as session:
            session.execute(update(Decision).values(revoked_at=at.at))
        assert "现在取不了" in client.get(f"/reservations/{code}").text

    def test_warns_when_consent_was_withdrawn(
        self, sign_in: SignIn, book: Callable[..., str], cast: Cast, at: Moment
    ) -> None:
        code, client = book(), sign_in("wang-guilan")
        known = cast.resident["wang-guilan"].code
        asked = client.get(f"/residents/{known}/consent").text
        warning = "您还有 1 个预约，撤回后取不了，要取消请先取消。"
        assert asked.count(warning) == 2  # before either consent is withdrawn
        withdrawn = {"purpose": "service", "answer": "no", "next": ""}
        assert client.post(f"/residents/{known}/consent", data=withdrawn).status_code == 303
        page = client.get(f"/reservations/{code}").text
        assert "您撤回了同意，这个预约现在取不了。重新同意就行，或打电话取消。" in page
        assert "器具给您留到" not in page
        asked = client.get(f"/residents/{known}/consent").text
        assert "还有 1 个预约，现在取不了。" in asked
        client.post(f"/reservations/{code}/cancel")
        assert "个预约" not in client.get(f"/residents/{known}/consent").text

    def test_warns_of_a_closed_day(
        self, sign_in: SignIn, book: Callable[..., str], cast: Cast, at: Moment
    ) -> None:
        code = book(slot_on=START, slot_half=Half.MORNING)
        with transaction() as session:
            places.close_day(
                session,
                site_id=cast.site_id,
                on=START,
                reason="检修",
                by=cast.actor("manager"),
                at=at,
            )
        assert "不开门" in sign_in("wang-guilan").get(f"/reservations/{code}").text

    def test_warns_of_a_closed_half(
        self, sign_in: SignIn, book: Callable[..., str], cast: Cast, at: Moment
    ) -> None:
        code, client = book(slot_on=START, slot_half=Half.AFTERNOON), sign_in("wang-guilan")
        assert "不开门" not in client.get(f"/reservations/{code}").text
        with transaction() as session:
            places.set_hours(
                session,
                site_id=cast.site_id,
                weekdays=range(6),
                spans=[(time(8, 30), time(11, 30))],
                by=cast.actor("manager"),
                at=at,
            )
        assert "下午 不开门" in client.get(f"/reservations/{code}").text


class TestBlocked:
    def test_says_that_an_application_is_on_its_way(
        self, sign_in: SignIn, cast: Cast, at: Moment
    ) -> None:
        asked = new_code(CodeKind.APPLICATION)
        with transaction() as session:
            session.add(
                Application(
                    code=asked,
                    resident_id=cast.resident["sun-lei"].id,
                    state=ApplicationState.SUBMITTED,
                    submitted_at=at.at,
                    submitted_by=cast.account["sun-lei"],
                )
            )
        page = sign_in("sun-lei").get(RESERVE).text
        assert "通过了就能预约" in page
        assert f"applications/{asked}" in page


class TestMessage:
    @pytest.mark.parametrize(
        ("visit", "said"),
        [
            ({"slot_on": START + timedelta(days=1), "slot_half": Half.AFTERNOON}, "12月3日"),
            ({}, "到 2026年12月4日"),
        ],
    )
    def test_names_the_visit(
        self,
        sign_in: SignIn,
        book: Callable[..., str],
        cast: Cast,
        visit: dict[str, Any],
        said: str,
    ) -> None:
        book(**visit)
        mine = cast.resident["wang-guilan"].code
        assert said in sign_in("wang-guilan").get(f"/residents/{mine}/notices").text


class TestDays:
    def test_offers_open_days_only(self, client: FlaskClient) -> None:
        page = client.get("/catalogue").text
        assert 'value="2026-12-05"' in page
        assert 'value="2026-12-06"' not in page  # a Sunday

    def test_wants_the_whole_year(self, client: FlaskClient) -> None:
        form = {"register": "here", "born_on-year": "48", "born_on-month": "3", "born_on-day": "1"}
        assert "年份请写全 4 位" in client.post("/eligibility", data=form).text
