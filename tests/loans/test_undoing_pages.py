"""The pages and addresses on which a wrong return or hand-over is taken back."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from rental.foundation.database import db
from rental.inventory import queries as inventory
from rental.inventory.policy import UnitState
from rental.loans import queries
from rental.loans.policy import LoanState
from tests.cast import Cast

SignIn = Callable[[str], FlaskClient]
NOT_AT_THE_DESK = ["therapist", "cleaner", "reviewer", "li-jianguo"]


@pytest.fixture
def clerk(sign_in: SignIn) -> FlaskClient:
    return sign_in("clerk")


@pytest.fixture
def returned(clerk: FlaskClient, cast: Cast) -> str:
    """Take the unit on loan back and return the loan's code."""
    address = f"/api/v1/units/{cast.unit['on_loan'].code}/return"
    return str(clerk.post(address, json={}).get_json()["loan_code"])


@pytest.fixture
def issued(clerk: FlaskClient, cast: Cast) -> str:
    """Hand a unit over and return the loan's code."""
    wish = {
        "unit_code": cast.unit["available"].code,
        "resident_code": cast.resident["wang-guilan"].code,
    }
    return str(clerk.post("/api/v1/loans", json=wish).get_json()["code"])


def state_of(code: str) -> LoanState:
    db.session.remove()
    return queries.loan(db.session(), code=code).state


class TestUndoReturnPage:
    def test_is_linked_where_the_return_is_seen(self, clerk: FlaskClient, returned: str) -> None:
        link = f'href="/loans/{returned}/undo-return"'
        assert link in clerk.get(f"/desk/loans/{returned}/returned").text
        assert link in clerk.get(f"/loans/{returned}").text

    def test_is_not_offered_to_anybody_else(
        self, sign_in: SignIn, cast: Cast, returned: str
    ) -> None:
        for login in ("therapist", "li-jianguo"):
            assert "undo-return" not in sign_in(login).get(f"/loans/{returned}").text

    def test_asks_why_and_preselects_nothing(self, clerk: FlaskClient, returned: str) -> None:
        page = clerk.get(f"/loans/{returned}/undo-return")
        assert page.status_code == 200
        assert "扫错了器具" in page.text
        assert "李建国" not in page.text
        assert " checked" not in page.text

    def test_takes_the_return_back(self, clerk: FlaskClient, returned: str) -> None:
        address = f"/loans/{returned}/undo-return"
        answer = clerk.post(address, data={"reason": "still_used"}, follow_redirects=True)
        assert "已撤销归还" in answer.text
        assert "居民还要继续用" in answer.text
        assert state_of(returned) is LoanState.OPEN

    def test_does_so_once(self, clerk: FlaskClient, returned: str) -> None:
        address, data = f"/loans/{returned}/undo-return", {"reason": "other", "once": "a" * 20}
        assert clerk.post(address, data=data).status_code == 303
        assert clerk.post(address, data=data).status_code == 303
        late = clerk.post(address, data={"reason": "other"})
        assert late.status_code == 409
        assert "没有可以撤销的归还" in late.text

    @pytest.mark.parametrize("data", [{}, {"reason": ""}, {"reason": "王桂兰说的😀\x00"}])
    def test_wants_one_of_the_reasons(
        self, clerk: FlaskClient, returned: str, data: dict[str, str]
    ) -> None:
        answer = clerk.post(f"/loans/{returned}/undo-return", data=data)
        assert (answer.status_code, "请选一个原因" in answer.text) == (422, True)
        assert state_of(returned) is LoanState.RETURNED

    def test_says_why_it_cannot_be(self, clerk: FlaskClient, cast: Cast) -> None:
        page = clerk.get(f"/loans/{cast.loan.code}/undo-return")
        assert page.status_code == 200
        assert "没有可以撤销的归还" in page.text
        assert "确认撤销归还" not in page.text

    @pytest.mark.parametrize("code", ["L-22222222", "nonsense", "L-😀"])
    def test_knows_no_other_loan(self, clerk: FlaskClient, code: str) -> None:
        assert clerk.get(f"/loans/{code}/undo-return").status_code == 404
        assert clerk.post(f"/loans/{code}/undo-return", data={}).status_code == 404

    @pytest.mark.parametrize("login", NOT_AT_THE_DESK)
    def test_is_for_the_desk(self, sign_in: SignIn, returned: str, login: str) -> None:
        address = f"/loans/{returned}/undo-return"
        assert sign_in(login).get(address).status_code == 403
        assert sign_in(login).post(address, data={"reason": "other"}).status_code == 403

    def test_leads_strangers_to_sign_in(self, client: FlaskClient, cast: Cast) -> None:
        answer = client.get(f"/loans/{cast.loan.code}/undo-return")
        assert (answer.status_code, "/sign-in" in answer.location) == (303, True)


class TestUndoIssuePage:
    def test_is_linked_where_the_hand_over_is_seen(
        self, clerk: FlaskClient, cast: Cast, issued: str
    ) -> None:
        link = f'href="/loans/{issued}/undo-issue"'
        assert link in clerk.get(f"/desk/loans/{issued}/issued").text
        assert link in clerk.get(f"/loans/{issued}").text
        assert "undo-issue" not in clerk.get(f"/loans/{cast.loan.code}").text

    def test_wants_the_clerks_word(self, clerk: FlaskClient, issued: str) -> None:
        assert " checked" not in clerk.get(f"/loans/{issued}/undo-issue").text
        answer = clerk.post(f"/loans/{issued}/undo-issue", data={})
        assert (answer.status_code, "请先确认" in answer.text) == (422, True)
        assert state_of(issued) is LoanState.OPEN

    def test_takes_the_hand_over_back(self, clerk: FlaskClient, cast: Cast, issued: str) -> None:
        answer = clerk.post(
            f"/loans/{issued}/undo-issue", data={"never_left": "y"}, follow_redirects=True
        )
        assert "已撤销借出" in answer.text
        assert state_of(issued) is LoanState.VOID
        found = inventory.unit(db.session(), code=cast.unit["available"].code)
        assert found.state is UnitState.AVAILABLE

    def test_says_so_in_the_histories(
        self, sign_in: SignIn, clerk: FlaskClient, cast: Cast, issued: str
    ) -> None:
        clerk.post(f"/loans/{issued}/undo-issue", data={"never_left": "y"})
        unit = clerk.get(f"/u/{cast.unit['available'].code}").text
        assert "撤销借出：没有清洗，上次放行仍然有效" in unit
        assert "器具没有离开窗口" in unit
        for login in ("clerk", "wang-guilan"):
            page = sign_in(login).get(f"/loans/{issued}").text
            assert "不算租借" in page
            assert "/slip" not in page
        assert clerk.get(f"/loans/{issued}/slip").status_code == 303
        assert issued in clerk.get("/loans?show=void").text
        assert issued not in clerk.get("/loans?show=returned").text

    def test_says_why_it_cannot_be(self, clerk: FlaskClient, cast: Cast) -> None:
        page = clerk.get(f"/loans/{cast.loan.code}/undo-issue")
        assert "借出只能在当天撤销" in page.text
        assert "确认撤销借出" not in page.text
        answer = clerk.post(f"/loans/{cast.loan.code}/undo-issue", data={"never_left": "y"})
        assert answer.status_code == 409

    @pytest.mark.parametrize("login", NOT_AT_THE_DESK)
    def test_is_for_the_desk(self, sign_in: SignIn, issued: str, login: str) -> None:
        address = f"/loans/{issued}/undo-issue"
        assert sign_in(login).get(address).status_code == 403
        assert sign_in(login).post(address, data={"never_left": "y"}).status_code == 403


class TestApi:
    def test_takes_a_return_back(self, clerk: FlaskClient, cast: Cast, returned: str) -> None:
        address, key = f"/api/v1/loans/{returned}/undo-return", {"Idempotency-Key": "undo-1"}
        answer = clerk.post(address, json={"reason": "wrong_unit"}, headers=key)
        assert (answer.status_code, answer.get_json()) == (
            200,
            {
                "loan_code": returned,
                "unit_code": cast.unit["on_loan"].code,
                "state": "on_loan",
                "due_on": "2026-12-11",
                "displaced": None,
            },
        )
        again = clerk.post(address, json={"reason": "wrong_unit"}, headers=key)
        assert (again.status_code, again.get_json()) == (200, answer.get_json())
        late = clerk.post(address, json={"reason": "wrong_unit"})
        assert (late.status_code, late.get_json()["code"]) == (409, "no-return-to-undo")

    def test_takes_a_hand_over_back(self, clerk: FlaskClient, cast: Cast, issued: str) -> None:
        address, key = f"/api/v1/loans/{issued}/undo-issue", {"Idempotency-Key": "undo-2"}
        answer = clerk.post(address, json={"never_left": True}, headers=key)
        assert (answer.status_code, answer.get_json()) == (
            200,
            {
                "loan_code": issued,
                "unit_code": cast.unit["available"].code,
                "state": "available",
                "reservation_code": None,
                "waits_again": False,
            },
        )
        again = clerk.post(address, json={"never_left": True}, headers=key)
        assert again.get_json() == answer.get_json()
        assert clerk.post(address, json={"never_left": True}).status_code == 409

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("undo-return", {}),
            ("undo-return", {"reason": "because"}),
            ("undo-return", {"reason": "other", "note": "x"}),
            ("undo-issue", {}),
            ("undo-issue", {"never_left": False}),
            ("undo-issue", {"never_left": "😀"}),
        ],
    )
    def test_answers_bad_input_with_422(
        self, clerk: FlaskClient, cast: Cast, issued: str, path: str, body: dict[str, Any]
    ) -> None:
        answer = clerk.post(f"/api/v1/loans/{issued}/{path}", json=body)
        assert (answer.status_code, answer.content_type) == (422, "application/problem+json")

    @pytest.mark.parametrize("path", ["undo-return", "undo-issue"])
    def test_is_for_the_desk(
        self, client: FlaskClient, sign_in: SignIn, cast: Cast, path: str
    ) -> None:
        address = f"/api/v1/loans/{cast.loan.code}/{path}"
        body = {"reason": "other"} if path == "undo-return" else {"never_left": True}
        assert client.post(address, json=body).status_code == 401
        for login in NOT_AT_THE_DESK:
            assert sign_in(login).post(address, json=body).status_code == 403
        clerk = sign_in("clerk")
        assert clerk.post(f"/api/v1/loans/L-22222222/{path}", json=body).status_code == 404
        assert clerk.post(f"/api/v1/loans/nothing/{path}", json=body).status_code == 404

    def test_stands_in_the_description(self, client: FlaskClient) -> None:
        paths = client.get("/api/v1/openapi.json").get_json()["paths"]
        assert {"/api/v1/loans/{code}/undo-return", "/api/v1/loans/{code}/undo-issue"} <= set(paths)
