from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, new_code
from rental.foundation.database import db
from rental.places.models import Zone
from tests.cast import Cast
from tests.desk.steps import reserve

SignIn = Callable[[str], FlaskClient]


def scan(client: FlaskClient, code: str) -> dict[str, Any]:
    answer = client.post("/api/v1/scans", json={"code": code})
    assert answer.status_code == 200
    said: dict[str, Any] = answer.get_json()
    return said


def acts(said: dict[str, Any]) -> set[str]:
    return {each["action"] for each in said["actions"]}


class TestScan:
    def test_offers_only_what_the_caller_may_do(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.unit["on_loan"].code
        clerk = scan(sign_in("clerk"), code.lower())
        assert (clerk["type"], clerk["code"], clerk["state"]) == ("unit", code, "on_loan")
        assert "take_back" in acts(clerk)
        assert clerk["href"] == f"/desk/units/{code}"
        assert "take_back" not in acts(scan(sign_in("cleaner"), code))

    def test_offers_the_return_of_what_a_borrower_lost(self, sign_in: SignIn, cast: Cast) -> None:
        clerk, code = sign_in("clerk"), cast.unit["on_loan"].code
        clerk.post(f"/loans/{cast.loan.code}/lost", data={"reason": "搬家时弄丢了"})
        assert "take_back" in acts(scan(clerk, code))
        unit = clerk.get(f"/api/v1/units/{code}").get_json()
        assert "take_back" in acts(unit)

    def test_tells_residents_no_state(self, sign_in: SignIn, cast: Cast) -> None:
        said = scan(sign_in("wang-guilan"), cast.unit["on_loan"].code)
        assert said["state"] is None
        assert acts(said) == {"report_fault"}

    def test_knows_a_card(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.resident["wang-guilan"].code
        said = scan(sign_in("clerk"), code)
        assert (said["type"], said["href"]) == ("resident", f"/desk/residents/{code}")
        assert acts(said) == {"issue"}

    def test_tells_residents_nothing_of_others(self, sign_in: SignIn, cast: Cast) -> None:
        client = sign_in("sun-lei")
        known = scan(client, cast.resident["wang-guilan"].code)
        unknown = scan(client, new_code(CodeKind.RESIDENT))
        assert known.keys() == unknown.keys()
        assert known["href"].replace(known["code"], "") == unknown["href"].replace(
            unknown["code"], ""
        )
        assert not known["actions"]
        assert not unknown["actions"]

    def test_knows_a_loan(self, sign_in: SignIn, cast: Cast) -> None:
        said = scan(sign_in("clerk"), cast.loan.code)
        assert (said["type"], said["document"], said["state"]) == ("document", "loan", "open")
        assert acts(said) == {"renew", "take_back"}

    @pytest.mark.parametrize(
        ("login", "offered", "status"), [("clerk", {"cancel"}, 200), ("therapist", set(), 403)]
    )
    def test_offers_to_cancel_to_who_may(
        self,
        sign_in: SignIn,
        cast: Cast,
        at: Moment,
        login: str,
        offered: set[str],
        status: int,
    ) -> None:
        client, code = sign_in(login), reserve(cast, at)
        said = scan(client, code)
        assert (said["document"], said["state"]) == ("reservation", "confirmed")
        assert acts(said) == offered
        answer = client.post(f"/api/v1/reservations/{code}/cancel", json={})
        assert answer.status_code == status

    def test_knows_zones_and_commands(self, sign_in: SignIn) -> None:
        zone = db.session().scalars(select(Zone.code)).first() or ""
        client = sign_in("clerk")
        assert scan(client, zone)["type"] == "zone"
        command = scan(client, "C-RETURN")
        assert (command["type"], command["href"]) == ("command", "/desk?mode=return")

    @pytest.mark.parametrize("code", ["22222222", "nonsense", "王桂兰", "\x00", " "])
    def test_says_when_it_is_no_code_of_ours(self, sign_in: SignIn, code: str) -> None:
        answer = sign_in("clerk").post("/api/v1/scans", json={"code": code})
        assert answer.status_code in {404, 422}

    @pytest.mark.parametrize("body", [{}, {"code": ""}, {"code": 7}, {"code": "x" * 201}, []])
    def test_refuses_bad_input(self, sign_in: SignIn, body: Any) -> None:
        assert sign_in("clerk").post("/api/v1/scans", json=body).status_code == 422

    def test_does_not_know_units_that_are_not_there(self, sign_in: SignIn) -> None:
        answer = sign_in("clerk").post("/api/v1/scans", json={"code": new_code(CodeKind.UNIT)})
        assert answer.status_code == 404

    def test_answers_a_replay_with_the_first_answer(self, sign_in: SignIn, cast: Cast) -> None:
        client, key = sign_in("clerk"), {"Idempotency-Key": "s"}
        body = {"code": cast.unit["available"].code}
        first = client.post("/api/v1/scans", json=body, headers=key)
        assert client.post("/api/v1/scans", json=body, headers=key).data == first.data

    def test_wants_somebody(self, client: FlaskClient) -> None:
        assert client.post("/api/v1/scans", json={"code": "C-HOME"}).status_code == 401
