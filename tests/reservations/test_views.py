import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from apiflask import APIFlask
from flask.testing import FlaskClient

from rental.foundation.clock import Moment
from rental.foundation.database import reading, transaction
from rental.reservations import queries, service
from rental.reservations.policy import Fulfilment
from rental.reservations.service import Wish
from tests.cast import Cast

CHAIR, STICK = "lightweight-wheelchair", "quad-stick"
RESERVE = f"/reserve/{CHAIR}"
VISIT = {"start": "2026-12-02", "days": "20", "by": "pickup"}
WISH = {**VISIT, "slot": "2026-12-02.morning"}
SignIn = Callable[[str], FlaskClient]

NONSENSE = [
    "\0",
    "x" * 3000,
    "9" * 40,
    "-1",
    "1e9",
    "😀",
    "2026-13-45",
    "0000-00-00",
    "9999-12-31",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
]


@pytest.fixture
def book(app: APIFlask, cast: Cast, at: Moment) -> Callable[..., str]:
    def act(kind: str = CHAIR, login: str = "wang-guilan", **more: Any) -> str:
        wish = Wish(**{
            "kind_id": cast.kind[kind],
            "site_id": cast.site_id,
            "resident_id": cast.resident[login].id,
            "starts_on": date(2026, 12, 2),
            "ends_on": date(2026, 12, 21),
            **more,
        })
        with transaction() as session:
            return service.reserve(session, wish, by=cast.actor(login), at=at).code

    return act


class TestCatalogue:
    def test_lists_kinds_with_free_counts(self, client: FlaskClient) -> None:
        page = client.get("/catalogue", query_string={"q": "轮椅"})
        assert page.status_code == 200
        assert "轻便铝合金轮椅" in page.text
        assert "今天可借 2 件" in page.text

    def test_shows_fifty_a_page(self, client: FlaskClient) -> None:
        page = client.get("/catalogue")
        assert page.text.count("rd-card__title") == 50
        assert "第 1 页，共 2 页" in page.text

    @pytest.mark.parametrize("q", ["轮椅", "lunyi", "ly", "wheelchair"])
    def test_finds_by_any_writing(self, client: FlaskClient, q: str) -> None:
        assert "轻便铝合金轮椅" in client.get("/catalogue", query_string={"q": q}).text

    @pytest.mark.parametrize("lang", ["zh-Hans", "en"])
    def test_finds_every_word_that_it_proposes_itself(self, client: FlaskClient, lang: str) -> None:
        client.set_cookie("lang", lang)
        page = client.get("/catalogue", query_string={"q": "潜水艇"}).text
        placeholder = re.findall(r'placeholder="([^"]+)"', page)[0]
        words = re.findall(r"“([^”]+)”", page) + re.split(r"[、，,;]", placeholder)[:3]
        assert len(words) == 5
        for word in words:
            found = client.get("/catalogue", query_string={"q": word.strip()}).text
            assert "rd-card__title" in found, word

    def test_narrows_to_what_is_free_on_a_day(
        self, client: FlaskClient, book: Callable[..., str]
    ) -> None:
        book(STICK)
        assert f"/kinds/{STICK}" in client.get("/catalogue?q=四脚拐").text
        page = client.get("/catalogue?free_on=2026-12-03").text
        assert "rd-card__title" in page
        assert f"/kinds/{STICK}" not in page
        assert f"/kinds/{CHAIR}" in page

    def test_narrows_to_a_category_and_to_a_need(self, client: FlaskClient) -> None:
        page = client.get("/catalogue?category=oxygen").text
        assert "home-oxygen-concentrator" in page
        assert CHAIR not in page
        assert "home-oxygen-concentrator" in client.get("/catalogue?need=breathe").text

    def test_says_what_to_do_when_nothing_fits(self, client: FlaskClient) -> None:
        page = client.get("/catalogue", query_string={"q": "潜水艇"})
        assert page.status_code == 200
        assert "没有找到这样的器具" in page.text

    def test_does_not_know_an_unknown_category(self, client: FlaskClient) -> None:
        assert client.get("/catalogue?category=submarine").status_code == 404

    @pytest.mark.parametrize("name", ["q", "need", "free_on", "page", "category"])
    def test_stands_nonsense(self, client: FlaskClient, name: str) -> None:
        for word in NONSENSE:
            assert client.get("/catalogue", query_string={name: word}).status_code < 500

    def test_speaks_english(self, client: FlaskClient) -> None:
        client.set_cookie("lang", "en")
        assert "wheelchair" in client.get("/catalogue?q=wheelchair").text


class TestKind:
    def test_says_everything_about_a_kind(self, client: FlaskClient) -> None:
        page = client.get(f"/catalogue/kinds/{CHAIR}").text
        for words in (
            "今天可借 2 件",
            "脚托",
            "座位宽窄要合身",
            "GB/T 16432-2016",
            "12 22 03",
            "2026年12月",
        ):
            assert words in page
        assert f"{RESERVE}?start=2026-12-02" in page

    def test_turns_the_month_within_what_can_be_reserved(self, client: FlaskClient) -> None:
        page = client.get(f"/catalogue/kinds/{CHAIR}?month=2027-01").text
        assert "2027年1月" in page
        far = client.get(f"/catalogue/kinds/{CHAIR}?month=2031-01").text
        assert "2027年1月" in far

    def test_does_not_know_an_unknown_kind(self, client: FlaskClient) -> None:
        assert client.get("/catalogue/kinds/submarine").status_code == 404

    def test_stands_nonsense(self, client: FlaskClient) -> None:
        for word in NONSENSE:
            page = client.get(f"/catalogue/kinds/{CHAIR}", query_string={"month": word})
            assert page.status_code == 200

    def test_is_only_read(self, client: FlaskClient) -> None:
        assert client.post(f"/catalogue/kinds/{CHAIR}").status_code == 405


class TestReserve:
    def test_asks_step_by_step(self, sign_in: SignIn) -> None:
        client = sign_in("wang-guilan")
        assert "从哪天开始用" in client.get(RESERVE).text
        visit = client.get(RESERVE, query_string=VISIT).text
        assert "12月2日 星期三 上午" in visit
        assert "08:30–11:30 · 还有 6 个位子" in visit
        check = client.get(RESERVE, query_string=WISH).text
        assert "提交预约" in check
        assert "王桂兰" in check

    def test_promises_a_unit(self, sign_in: SignIn, cast: Cast) -> None:
        client = sign_in("wang-guilan")
        answer = client.post(RESERVE, data=WISH)
        assert answer.status_code == 303
        page = client.get(answer.headers["Location"])
        assert "预约成功" in page.text
        found = queries.of_resident(reading(), resident_id=cast.resident["wang-guilan"].id)
        assert found[0].code in page.text

    def test_sends_a_stranger_to_sign_in(self, client: FlaskClient) -> None:
        answer = client.get(RESERVE)
        assert answer.status_code == 303
        assert "/sign-in" in answer.headers["Location"]
        assert client.post(RESERVE, data=WISH).status_code == 401

    def test_lets_the_daughter_reserve_for_her_mother(self, sign_in: SignIn, cast: Cast) -> None:
        client = sign_in("chen-jing")
        answer = client.post(RESERVE, data={**WISH, "for": cast.resident["wang-guilan"].code})
        assert answer.status_code == 303
        assert client.get(answer.headers["Location"]).status_code == 200

    def test_lets_nobody_reserve_for_a_stranger(self, sign_in: SignIn, cast: Cast) -> None:
        wish = {**WISH, "for": cast.resident["li-jianguo"].code}
        client = sign_in("wang-guilan")
        assert client.get(RESERVE, query_string=wish).status_code == 403
        assert client.post(RESERVE, data=wish).status_code == 403

    def test_asks_staff_for_whom(self, sign_in: SignIn, cast: Cast) -> None:
        client = sign_in("clerk")
        assert "居民编号" in client.get(RESERVE).text
        wish = {**WISH, "for": cast.resident["li-jianguo"].code.lower()}
        assert client.post(RESERVE, data=wish).status_code == 303

    def test_says_why_who_is_not_eligible_cannot(self, sign_in: SignIn) -> None:
        client = sign_in("sun-lei")
        page = client.get(RESERVE)
        assert page.status_code == 200
        assert "申请资格" in page.text
        assert client.post(RESERVE, data=WISH).status_code == 409

    def test_names_the_next_open_day(self, sign_in: SignIn) -> None:
        page = sign_in("wang-guilan").get(RESERVE, query_string={**VISIT, "start": "2026-12-06"})
        assert page.status_code == 422
        assert "2026年12月7日 星期一" in page.text

    def test_offers_what_else_there_is(self, sign_in: SignIn, book: Callable[..., str]) -> None:
        book(STICK, starts_on=date(2026, 12, 14))
        client = sign_in("li-jianguo")
        page = client.get(f"/reserve/{STICK}", query_string=VISIT)
        assert "换个日子开始" in page.text
        assert "借 10 天" in page.text
        answer = client.post(f"/reserve/{STICK}", data=WISH)
        assert answer.status_code == 409
        assert "借 10 天" in answer.text

    def test_goes_back_to_the_visits_when_the_slot_is_gone(self, sign_in: SignIn) -> None:
        answer = sign_in("wang-guilan").post(RESERVE, data={**WISH, "slot": "2026-12-24.morning"})
        assert answer.status_code == 409
        assert "什么时候方便" in answer.text

    def test_asks_for_the_address_of_a_delivery_in_the_form_alone(self, sign_in: SignIn) -> None:
        oxygen = "/reserve/home-oxygen-concentrator"
        client = sign_in("zhao-min")
        wish = {**WISH, "by": "delivery"}
        assert "送到哪里" in client.get(oxygen, query_string=wish).text
        answer = client.post(oxygen, data={**wish, "address": "人民路 2 号 3 楼"})
        assert answer.status_code == 303
        assert "人民路" not in answer.headers["Location"]
        assert "人民路 2 号 3 楼" in client.get(answer.headers["Location"]).text

    def test_refuses_an_endless_address_beside_the_field(self, sign_in: SignIn) -> None:
        wish = {**WISH, "by": "delivery", "address": "长" * 300}
        answer = sign_in("zhao-min").post("/reserve/home-oxygen-concentrator", data=wish)
        assert answer.status_code == 422
        assert "太长了" in answer.text

    @pytest.mark.parametrize("name", ["start", "days", "by", "slot", "for", "month"])
    def test_stands_nonsense(self, sign_in: SignIn, name: str) -> None:
        client = sign_in("wang-guilan")
        for word in NONSENSE:
            assert client.get(RESERVE, query_string={**WISH, name: word}).status_code < 500
            assert client.post(RESERVE, data={**WISH, name: word}).status_code < 500

    def test_does_not_know_an_unknown_kind(self, sign_in: SignIn) -> None:
        assert sign_in("wang-guilan").get("/reserve/submarine").status_code == 404


class TestShow:
    def test_says_when_where_and_what_to_bring(
        self, sign_in: SignIn, book: Callable[..., str]
    ) -> None:
        code = book()
        page = sign_in("wang-guilan").get(f"/reservations/{code}").text
        for words in (code, "12月4日", "身份证", "data:image/png", "取消预约"):
            assert words in page

    def test_is_closed_to_strangers_and_to_others(
        self, client: FlaskClient, sign_in: SignIn, book: Callable[..., str]
    ) -> None:
        address = f"/reservations/{book()}"
        assert client.get(address).status_code == 303
        for path in ("", "/change", "/cancel", "/calendar.ics"):
            assert sign_in("li-jianguo").get(address + path).status_code == 403
        assert sign_in("clerk").get(address).status_code == 200
        assert sign_in("chen-jing").get(address).status_code == 200

    @pytest.mark.parametrize("login", ["reviewer", "therapist"])
    def test_lets_some_look_but_not_act(
        self, sign_in: SignIn, cast: Cast, book: Callable[..., str], login: str
    ) -> None:
        client, address = sign_in(login), f"/reservations/{book()}"
        page = client.get(address)
        assert page.status_code == 200
        assert "取消预约" not in page.text
        assert f"{address}/change" not in page.text
        for act in ("cancel", "change"):
            assert client.get(f"{address}/{act}").status_code == 403
            assert client.post(f"{address}/{act}").status_code == 403
        for_other = {"for": cast.resident["li-jianguo"].code}
        refused = client.get(RESERVE, query_string=for_other)
        assert refused.status_code == 403
        assert "只能查看" in refused.text
        assert client.post(RESERVE, data={**WISH, **for_other}).status_code == 403

    @pytest.mark.parametrize("code", ["B-22222222", "nonsense", "x" * 500, "R-22222222", "😀"])
    def test_does_not_know_an_unknown_code(self, sign_in: SignIn, code: str) -> None:
        assert sign_in("clerk").get(f"/reservations/{code}").status_code == 404

    @pytest.mark.parametrize(
        ("login", "today", "later"),
        [
            ("wang-guilan", True, True),
            ("chen-jing", True, True),
            ("clerk", True, False),
            ("manager", True, False),
            ("therapist", False, False),
            ("reviewer", False, False),
            ("grid-worker", False, False),
        ],
    )
    def test_shows_the_whole_address_to_who_lives_or_brings_it_there(
        self, sign_in: SignIn, book: Callable[..., str], login: str, *, today: bool, later: bool
    ) -> None:
        home = "幸福路 8 号 3 单元 502"
        code = book(
            "home-oxygen-concentrator", address=home, fulfilment=Fulfilment.DELIVERY, ends_on=None
        )
        client, address = sign_in(login), f"/reservations/{code}"
        days = (("2026-12-01", later), ("2026-12-02", today), ("2026-12-03", today))
        for day, whole in days:
            with time_machine.travel(f"{day}T10:00+08:00", tick=False):
                page = client.get(address).text
                assert ("3 单元 502" in page) == whole
                assert "幸福路" in page

    def test_masks_the_address_again_once_nothing_is_to_be_delivered(
        self, sign_in: SignIn, book: Callable[..., str]
    ) -> None:
        home = "幸福路 8 号 3 单元 502"
        code = book(
            "home-oxygen-concentrator", address=home, fulfilment=Fulfilment.DELIVERY, ends_on=None
        )
        client, address = sign_in("clerk"), f"/reservations/{code}"
        client.post(f"{address}/cancel")
        with time_machine.travel("2026-12-03T10:00+08:00", tick=False):
            assert "3 单元 502" not in client.get(address).text

    def test_gives_an_entry_for_the_phone(self, sign_in: SignIn, book: Callable[..., str]) -> None:
        answer = sign_in("wang-guilan").get(f"/reservations/{book()}/calendar.ics")
        assert answer.mimetype == "text/calendar"
        assert "DTSTART;VALUE=DATE:20261202\r\n" in answer.text


class TestChange:
    def test_moves_the_reservation(self, sign_in: SignIn, book: Callable[..., str]) -> None:
        address = f"/reservations/{book()}"
        client = sign_in("wang-guilan")
        wish = {"start": "2026-12-09", "days": "10"}
        assert "从哪天开始用" in client.get(f"{address}/change").text
        assert "什么时候方便" in client.get(f"{address}/change", query_string=wish).text
        wish["slot"] = "2026-12-09.morning"
        assert "改成这个时间" in client.get(f"{address}/change", query_string=wish).text
        assert client.post(f"{address}/change", data=wish).status_code == 303
        assert "2026年12月9日" in client.get(address).text

    def test_keeps_it_when_the_new_days_cannot_be_had(
        self, sign_in: SignIn, book: Callable[..., str]
    ) -> None:
        book(STICK, login="li-jianguo", starts_on=date(2027, 1, 4), ends_on=date(2027, 1, 8))
        code = book(STICK)
        wish = {"start": "2027-01-04", "days": "3", "slot": "2027-01-04.morning"}
        answer = sign_in("wang-guilan").post(f"/reservations/{code}/change", data=wish)
        assert answer.status_code == 409
        assert "原来的预约没有变" in answer.text
        assert queries.reservation(reading(), code=code).starts_on == date(2026, 12, 2)

    def test_is_closed_to_others(self, sign_in: SignIn, book: Callable[..., str]) -> None:
        answer = sign_in("li-jianguo").post(f"/reservations/{book()}/change", data=VISIT)
        assert answer.status_code == 403

    def test_refuses_what_is_over(self, sign_in: SignIn, book: Callable[..., str]) -> None:
        address = f"/reservations/{book()}"
        client = sign_in("wang-guilan")
        client.post(f"{address}/cancel")
        assert client.get(f"{address}/change").status_code == 409


class TestCancel:
    def test_asks_once_more_and_frees_the_unit(
        self, sign_in: SignIn, book: Callable[..., str]
    ) -> None:
        address = f"/reservations/{book(STICK)}"
        client = sign_in("wang-guilan")
        assert "真的要取消吗" in client.get(f"{address}/cancel").text
        for _ in range(2):
            assert client.post(f"{address}/cancel").status_code == 303
        assert "已取消" in client.get(address).text
        book(STICK, login="li-jianguo")

    def test_is_closed_to_others(self, sign_in: SignIn, book: Callable[..., str]) -> None:
        assert sign_in("li-jianguo").post(f"/reservations/{book()}/cancel").status_code == 403

    def test_shows_what_is_over_instead_of_asking(
        self, sign_in: SignIn, book: Callable[..., str]
    ) -> None:
        address = f"/reservations/{book()}"
        client = sign_in("wang-guilan")
        client.post(f"{address}/cancel")
        assert client.get(f"{address}/cancel").status_code == 303
