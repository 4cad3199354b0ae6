import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient

from rental.foundation.database import db
from rental.loans import queries
from rental.loans.models import Loan
from rental.loans.policy import LoanState
from tests.cast import Cast

SignIn = Callable[[str], FlaskClient]


class TestList:
    @pytest.mark.parametrize("login", ["clerk", "manager", "therapist"])
    def test_shows_open_loans(self, sign_in: SignIn, cast: Cast, login: str) -> None:
        page = sign_in(login).get("/loans").text
        assert cast.loan.code in page
        assert "李**" in page
        assert "李建国" not in page

    @pytest.mark.parametrize("show", ["today", "overdue", "due", "lost", "returned", "forced"])
    def test_says_when_nothing_is_there(self, sign_in: SignIn, show: str) -> None:
        page = sign_in("clerk").get(f"/loans?show={show}")
        assert page.status_code == 200
        assert "这里现在没有租借" in page.text

    def test_marks_what_was_handed_over_against_a_rule(self, sign_in: SignIn, cast: Cast) -> None:
        db.session.get_one(Loan, cast.loan.id).forced_reason = "夜里急用，已先拿走"
        db.session.commit()
        client = sign_in("manager")
        for address in ("/loans", "/loans?show=forced"):
            row = client.get(address).text.split("</thead>")[1]
            assert cast.loan.code in row
            assert "特殊情况" in row
        assert "夜里急用，已先拿走" in client.get("/loans?show=forced").text

    @pytest.mark.parametrize("query", ["show=x", "page=-1", "page=9999999999", "page=😀"])
    def test_bears_strange_filters(self, sign_in: SignIn, cast: Cast, query: str) -> None:
        assert sign_in("clerk").get(f"/loans?{query}").status_code == 200

    def test_leads_strangers_to_sign_in(self, client: FlaskClient) -> None:
        answer = client.get("/loans")
        assert (answer.status_code, "/sign-in" in answer.location) == (303, True)

    @pytest.mark.parametrize("login", ["wang-guilan", "cleaner", "grid-worker"])
    def test_is_for_the_desk(self, sign_in: SignIn, login: str) -> None:
        assert sign_in(login).get("/loans").status_code == 403


class TestShow:
    @pytest.mark.parametrize("login", ["clerk", "manager", "therapist", "li-jianguo"])
    def test_shows_the_loan(self, sign_in: SignIn, cast: Cast, login: str) -> None:
        page = sign_in(login).get(f"/loans/{cast.loan.code}")
        assert page.status_code == 200
        assert "12月11日" in page.text

    def test_lets_the_borrower_renew(self, sign_in: SignIn, cast: Cast) -> None:
        page = sign_in("li-jianguo").get(f"/loans/{cast.loan.code}").text
        assert f"/loans/{cast.loan.code}/renew" in page
        assert "办归还" not in page

    @pytest.mark.parametrize(("days", "said"), [(0, False), (10, True)])
    def test_asks_for_what_is_overdue_instead_of_naming_a_past_day(
        self, sign_in: SignIn, cast: Cast, days: int, said: bool
    ) -> None:
        loan = db.session.get_one(Loan, cast.loan.id)
        loan.due_on = date(2026, 12, 1) - timedelta(days=days)
        db.session.commit()
        page = sign_in("li-jianguo").get(f"/loans/{cast.loan.code}").text
        assert (f"已经过了归还日期 {days} 天，请尽快送回" in page) is said
        assert (re.search(r"最晚 .{8,20} 归还。", page) is None) is said
        assert "请打电话" in page or not said

    def test_lets_the_desk_take_back(self, sign_in: SignIn, cast: Cast) -> None:
        page = sign_in("clerk").get(f"/loans/{cast.loan.code}").text
        assert f"/desk/units/{cast.unit['on_loan'].code}/return" in page

    @pytest.mark.parametrize("login", ["reviewer", "grid-worker"])
    def test_leads_other_staff_back_to_the_person(
        self, sign_in: SignIn, cast: Cast, login: str
    ) -> None:
        client = sign_in(login)
        page = client.get(f"/loans/{cast.loan.code}").text
        home = f"/residents/{cast.resident['li-jianguo'].code}"
        for href in (home, f"/u/{cast.unit['on_loan'].code}"):
            assert f'href="{href}"' in page
            assert client.get(href).status_code == 200
        for href in ("/desk", "/loans"):
            assert f'href="{href}"' not in page
        assert 'href="/loans"' in sign_in("therapist").get(f"/loans/{cast.loan.code}").text

    @pytest.mark.parametrize("login", ["wang-guilan", "chen-jing", "cleaner"])
    def test_is_not_for_others(self, sign_in: SignIn, cast: Cast, login: str) -> None:
        assert sign_in(login).get(f"/loans/{cast.loan.code}").status_code == 403

    def test_leads_strangers_to_sign_in(self, client: FlaskClient, cast: Cast) -> None:
        assert client.get(f"/loans/{cast.loan.code}").status_code == 303

    @pytest.mark.parametrize("code", ["L-22222222", "x", "%00", "L-" + "9" * 300])
    def test_does_not_know_strange_codes(self, sign_in: SignIn, code: str) -> None:
        assert sign_in("clerk").get(f"/loans/{code}").status_code == 404


class TestRenew:
    def test_says_until_when(self, sign_in: SignIn, cast: Cast) -> None:
        page = sign_in("li-jianguo").get(f"/loans/{cast.loan.code}/renew").text
        assert "续借后到期" in page
        assert "确认续借" in page

    def test_renews(self, sign_in: SignIn, cast: Cast) -> None:
        client = sign_in("li-jianguo")
        answer = client.post(f"/loans/{cast.loan.code}/renew")
        assert (answer.status_code, answer.location) == (303, f"/loans/{cast.loan.code}")
        assert "续借成功" in client.get(answer.location).text
        assert queries.loan(db.session(), code=cast.loan.code).renewals == 1

    def test_says_why_not(self, sign_in: SignIn, cast: Cast) -> None:
        client = sign_in("li-jianguo")
        client.post(f"/loans/{cast.loan.code}/renew")
        answer = client.post(f"/loans/{cast.loan.code}/renew")
        assert answer.status_code == 409
        assert "现在续借还早" in answer.text
        assert "现在续借还早" in client.get(f"/loans/{cast.loan.code}/renew").text

    def test_is_not_for_others(self, sign_in: SignIn, cast: Cast) -> None:
        assert sign_in("wang-guilan").post(f"/loans/{cast.loan.code}/renew").status_code == 403

    def test_is_not_for_who_may_only_look(self, sign_in: SignIn, cast: Cast) -> None:
        client, address = sign_in("reviewer"), f"/loans/{cast.loan.code}"
        assert "/renew" not in client.get(address).text
        assert client.get(f"{address}/renew").status_code == 403
        assert client.post(f"{address}/renew").status_code == 403
        home = f"/residents/{cast.resident['li-jianguo'].code}"
        assert "/renew" not in client.get(home).text

    def test_is_for_the_therapist_who_checks_the_device(self, sign_in: SignIn, cast: Cast) -> None:
        client, address = sign_in("therapist"), f"/loans/{cast.loan.code}"
        assert f"{address}/renew" in client.get(address).text
        assert client.post(f"{address}/renew").status_code == 303

    @pytest.mark.parametrize(
        ("login", "offered"), [("therapist", True), ("clerk", True), ("li-jianguo", False)]
    )
    def test_of_what_needs_a_check_up_is_offered_to_who_checks_up(
        self, sign_in: SignIn, cast: Cast, login: str, *, offered: bool
    ) -> None:
        loan = db.session.get_one(Loan, cast.loan.id)
        loan.kind_id = cast.kind["home-oxygen-concentrator"]
        db.session.commit()
        client, address = sign_in(login), f"/loans/{cast.loan.code}"
        page, renewing = client.get(address).text, client.get(f"{address}/renew").text
        assert (f"{address}/renew" in page) is offered
        assert ("续借这种器具前要先检查一次" not in page) is offered
        assert ('name="checked_up"' in renewing) is offered
        answer = client.post(f"{address}/renew", data={"checked_up": "y"})
        assert answer.status_code == (303 if offered else 409)

    @pytest.mark.parametrize("login", ["therapist", "clerk"])
    def test_asks_who_checks_up_for_the_forgotten_tick(
        self, sign_in: SignIn, cast: Cast, login: str
    ) -> None:
        loan = db.session.get_one(Loan, cast.loan.id)
        loan.kind_id = cast.kind["home-oxygen-concentrator"]
        db.session.commit()
        client, address = sign_in(login), f"/loans/{cast.loan.code}/renew"
        answer = client.post(address)
        assert answer.status_code == 422
        assert answer.text.count("请先当面检查这件器具，检查好了打勾。") == 2
        assert 'name="checked_up"' in answer.text
        assert "打电话给我们约时间" not in answer.text
        assert client.post(address, data={"checked_up": "y"}).status_code == 303

    def test_is_not_for_strangers(self, client: FlaskClient, cast: Cast) -> None:
        assert client.post(f"/loans/{cast.loan.code}/renew").status_code == 401

    def test_says_for_whom(self, sign_in: SignIn, cast: Cast) -> None:
        page = sign_in("clerk").get(f"/loans/{cast.loan.code}/renew").text
        assert "您正在替 李** 办理" in page


class TestSlip:
    def test_is_a_sheet_without_the_devices_qr_code(self, sign_in: SignIn, cast: Cast) -> None:
        page = sign_in("clerk").get(f"/loans/{cast.loan.code}/slip").text
        assert cast.unit["on_loan"].code in page
        assert "李建国" in page
        assert "签字" in page
        assert "<img" not in page
        assert "image/png;base64" not in page
        assert "13900000002" not in page

    def test_is_not_for_others(self, sign_in: SignIn, cast: Cast) -> None:
        assert sign_in("sun-lei").get(f"/loans/{cast.loan.code}/slip").status_code == 403


class TestLost:
    def test_needs_a_reason(self, sign_in: SignIn, cast: Cast) -> None:
        for reason in ("", "丢了"):
            answer = sign_in("clerk").post(f"/loans/{cast.loan.code}/lost", data={"reason": reason})
            assert answer.status_code == 422
            assert "错误：" in answer.text
            assert answer.text.count("请写清楚怎么丢的，至少 5 个字。") == 2  # summary and field
            assert '<details class="rd-confirm" open>' in answer.text

    def test_ends_the_loan(self, sign_in: SignIn, cast: Cast) -> None:
        client = sign_in("clerk")
        answer = client.post(f"/loans/{cast.loan.code}/lost", data={"reason": "搬家弄丢了"})
        assert answer.status_code == 303
        assert queries.loan(db.session(), code=cast.loan.code).state is LoanState.LOST
        assert "已丢失" in client.get(answer.location).text

    def test_is_for_the_desk(self, sign_in: SignIn, cast: Cast) -> None:
        answer = sign_in("li-jianguo").post(
            f"/loans/{cast.loan.code}/lost", data={"reason": "搬家弄丢了"}
        )
        assert answer.status_code == 403


class TestOfUnit:
    def test_leads_to_the_newest_loan(self, sign_in: SignIn, cast: Cast) -> None:
        answer = sign_in("clerk").get(f"/u/{cast.unit['on_loan'].code}/loan")
        assert (answer.status_code, answer.location) == (303, f"/loans/{cast.loan.code}")

    def test_knows_units_that_never_left(self, sign_in: SignIn, cast: Cast) -> None:
        assert sign_in("clerk").get(f"/u/{cast.unit['new'].code}/loan").status_code == 404

    def test_is_for_the_desk(self, sign_in: SignIn, cast: Cast) -> None:
        address = f"/u/{cast.unit['on_loan'].code}/loan"
        assert sign_in("li-jianguo").get(address).status_code == 403
