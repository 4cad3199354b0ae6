from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from rental.foundation.clock import Moment
from rental.foundation.database import db, transaction
from rental.inventory.models import Unit
from rental.loans.models import Loan
from tests.cast import Cast

SignIn = Callable[[str], FlaskClient]
ISSUE = "/api/v1/loans"


def wish(
    cast: Cast, unit: str = "available", who: str = "wang-guilan", **more: Any
) -> dict[str, Any]:
    return {
        "unit_code": cast.unit[unit].code,
        "resident_code": cast.resident[who].code,
        **more,
    }


def back(cast: Cast, unit: str = "on_loan") -> str:
    return f"/api/v1/units/{cast.unit[unit].code}/return"


def loans_there() -> int:
    return db.session().scalar(select(func.count()).select_from(Loan)) or 0


class TestIssue:
    def test_answers_201_with_the_loan(self, sign_in: SignIn, cast: Cast) -> None:
        answer = sign_in("clerk").post(ISSUE, json=wish(cast))
        assert answer.status_code == 201
        said = answer.get_json()
        assert said["code"].startswith("L-")
        assert (said["state"], said["forced"], said["blockers"]) == ("open", False, [])
        assert said["issued_at"] == "2026-12-01T02:00:00+00:00"
        assert said["due_on"] > "2027-02"

    def test_takes_a_code_as_it_was_scanned(self, sign_in: SignIn, cast: Cast) -> None:
        address = f"https://rental.example/u/{cast.unit['available'].code.lower()}"
        answer = sign_in("manager").post(ISSUE, json=wish(cast, unit_code=address))
        assert answer.status_code == 201
        assert answer.get_json()["unit_code"] == cast.unit["available"].code

    def test_answers_409_with_the_blockers(self, sign_in: SignIn, cast: Cast) -> None:
        answer = sign_in("clerk").post(ISSUE, json=wish(cast, "dirty", "sun-lei"))
        said = answer.get_json()
        assert (answer.status_code, answer.content_type) == (409, "application/problem+json")
        assert said["code"] == "issue-blocked"
        assert {each["code"] for each in said["blockers"]} == {"not_released", "not_eligible"}
        assert all(each["sentence"] and each["remedy"] for each in said["blockers"])
        assert all(each["forceable"] for each in said["blockers"])

    def test_records_a_forced_hand_over(self, sign_in: SignIn, cast: Cast) -> None:
        asked = wish(cast, "dirty", force_reason="夜里急用已经拿走")
        answer = sign_in("clerk").post(ISSUE, json=asked)
        assert answer.status_code == 201
        assert answer.get_json()["forced"] is True
        assert answer.get_json()["blockers"] == ["not_released"]

    def test_answers_a_replay_with_the_first_answer(self, sign_in: SignIn, cast: Cast) -> None:
        client, key = sign_in("clerk"), {"Idempotency-Key": "scan-1"}
        first = client.post(ISSUE, json=wish(cast), headers=key)
        again = client.post(ISSUE, json=wish(cast), headers=key)
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.get_json() == again.get_json()
        assert loans_there() == 2

    def test_answers_a_replay_also_when_more_would_be_asked_by_now(
        self, sign_in: SignIn, cast: Cast
    ) -> None:
        client, key = sign_in("clerk"), {"Idempotency-Key": "scan-1"}
        first = client.post(ISSUE, json=wish(cast), headers=key)
        with transaction() as session:
            session.execute(update(Unit).values(load_limit_kg=100))
        assert client.post(ISSUE, json=wish(cast), headers=key).get_json() == first.get_json()
        other = client.post(ISSUE, json=wish(cast, "available_2", "zhao-min")).get_json()
        assert [each["code"] for each in other["blockers"]] == ["weight_missing"]
        assert not other["blockers"][0]["forceable"]

    def test_refuses_a_key_with_another_body(self, sign_in: SignIn, cast: Cast) -> None:
        client, key = sign_in("clerk"), {"Idempotency-Key": "scan-1"}
        client.post(ISSUE, json=wish(cast), headers=key)
        again = client.post(ISSUE, json=wish(cast, "available_2"), headers=key)
        assert again.status_code == 409
        assert loans_there() == 2

    def test_keeps_a_refusal_for_replays(self, sign_in: SignIn, cast: Cast) -> None:
        client, key = sign_in("clerk"), {"Idempotency-Key": "scan-2"}
        asked = wish(cast, who="sun-lei")
        first = client.post(ISSUE, json=asked, headers=key)
        again = client.post(ISSUE, json=asked, headers=key)
        assert (first.status_code, again.status_code) == (409, 409)
        assert first.get_json() == again.get_json()

    def test_wants_somebody(self, client: FlaskClient, cast: Cast) -> None:
        assert client.post(ISSUE, json=wish(cast)).status_code == 401

    @pytest.mark.parametrize(
        "login", ["cleaner", "technician", "therapist", "reviewer", "grid-worker", "wang-guilan"]
    )
    def test_is_for_the_desk(self, sign_in: SignIn, cast: Cast, login: str) -> None:
        assert sign_in(login).post(ISSUE, json=wish(cast)).status_code == 403

    @pytest.mark.parametrize(
        "wrong",
        [
            {"unit_code": "22222222"},
            {"unit_code": "\x00"},
            {"resident_code": "R-22222222"},
            {"resident_code": "张三😀"},
            {"reservation_code": "B-22222222"},
        ],
    )
    def test_does_not_know_strange_codes(
        self, sign_in: SignIn, cast: Cast, wrong: dict[str, Any]
    ) -> None:
        answer = sign_in("clerk").post(ISSUE, json=wish(cast, **wrong))
        assert answer.status_code in {404, 422}

    @pytest.mark.parametrize(
        "wrong",
        [
            {"unit_code": None},
            {"unit_code": ""},
            {"unit_code": 7},
            {"unit_code": "7" * 200},
            {"due_on": "soon"},
            {"due_on": "2026-11-30"},
            {"due_on": "9999-12-31"},
            {"scanned_at": "2026-12-01T10:00:00"},
            {"scanned_at": "2026-12-02T10:00:00+08:00"},
            {"scanned_at": "2026-11-01T10:00:00+08:00"},
            {"force_reason": "急"},
            {"force_reason": "长" * 201},
            {"resident_kg": 10**30},
            {"taught": "maybe"},
            {"surprise": 1},
        ],
    )
    def test_refuses_bad_input(self, sign_in: SignIn, cast: Cast, wrong: dict[str, Any]) -> None:
        answer = sign_in("clerk").post(ISSUE, json=wish(cast, "dirty", **wrong))
        assert answer.status_code == 422
        assert answer.get_json()["errors"]

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe"])
    def test_refuses_what_is_no_object(self, sign_in: SignIn, body: bytes) -> None:
        answer = sign_in("clerk").post(ISSUE, data=body, content_type="application/json")
        assert 400 <= answer.status_code < 500

    def test_is_a_post(self, sign_in: SignIn) -> None:
        assert sign_in("clerk").get(ISSUE).status_code == 405


class TestReturn:
    def test_takes_the_unit_back(self, sign_in: SignIn, cast: Cast) -> None:
        body = {"condition": "good", "missing_accessories": [], "note": "轮胎缺气"}
        answer = sign_in("clerk").post(back(cast), json=body)
        said = answer.get_json()
        assert answer.status_code == 200
        assert (said["state"], said["loan_code"]) == ("dirty", cast.loan.code)
        assert said["returned_on"] == "2026-12-01"
        assert said["free_from"] > "2026-12-01"

    def test_names_no_day_for_what_lacks_a_part(self, sign_in: SignIn, cast: Cast) -> None:
        body = {"condition": "good", "missing_accessories": ["脚踏板"]}
        said = sign_in("clerk").post(back(cast), json=body).get_json()
        assert said["missing_accessories"] == ["脚踏板"]
        assert said["free_from"] is None

    def test_refuses_what_is_not_on_loan(self, sign_in: SignIn, cast: Cast) -> None:
        answer = sign_in("clerk").post(back(cast, "available"), json={"condition": "good"})
        assert (answer.status_code, answer.get_json()["code"]) == (409, "unit-not-on-loan")

    def test_answers_a_replay_with_the_first_answer(self, sign_in: SignIn, cast: Cast) -> None:
        client, key = sign_in("clerk"), {"Idempotency-Key": "return-1"}
        first = client.post(back(cast), json={"condition": "good"}, headers=key)
        again = client.post(back(cast), json={"condition": "good"}, headers=key)
        assert (first.status_code, again.status_code) == (200, 200)
        assert first.get_json() == again.get_json()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"condition": "perfect"},
            {"missing_accessories": "脚踏板"},
            {"missing_accessories": [""]},
            {"missing_accessories": ["x" * 61]},
            {"missing_accessories": ["x"] * 31},
            {"note": "长" * 201},
            {"scanned_at": "yesterday"},
        ],
    )
    def test_refuses_bad_input(self, sign_in: SignIn, cast: Cast, wrong: dict[str, Any]) -> None:
        assert sign_in("clerk").post(back(cast), json=wrong).status_code == 422

    @pytest.mark.parametrize(
        ("login", "status"), [("cleaner", 403), ("li-jianguo", 403), ("therapist", 403)]
    )
    def test_is_for_the_desk(self, sign_in: SignIn, cast: Cast, login: str, status: int) -> None:
        answer = sign_in(login).post(back(cast), json={"condition": "good"})
        assert answer.status_code == status

    def test_wants_somebody(self, client: FlaskClient, cast: Cast) -> None:
        assert client.post(back(cast), json={"condition": "good"}).status_code == 401

    @pytest.mark.parametrize("code", ["22222222", "nonsense", "R-22222222", "%00"])
    def test_does_not_know_strange_codes(self, sign_in: SignIn, code: str) -> None:
        answer = sign_in("clerk").post(f"/api/v1/units/{code}/return", json={"condition": "good"})
        assert answer.status_code in {404, 422}


class TestRenew:
    def test_moves_the_due_date(self, sign_in: SignIn, cast: Cast, at: Moment) -> None:
        answer = sign_in("li-jianguo").post(f"/api/v1/loans/{cast.loan.code}/renew", json={})
        assert answer.status_code == 200
        assert answer.get_json()["due_on"] > at.on.isoformat()
        assert answer.get_json()["renewals"] == 1

    def test_says_why_not(self, sign_in: SignIn, cast: Cast) -> None:
        client = sign_in("clerk")
        client.post(f"/api/v1/loans/{cast.loan.code}/renew", json={})
        answer = client.post(f"/api/v1/loans/{cast.loan.code}/renew", json={})
        assert (answer.status_code, answer.get_json()["code"]) == (409, "renewal-too-early")

    @pytest.mark.parametrize(("login", "status"), [("reviewer", 403), ("therapist", 200)])
    def test_is_not_for_who_may_only_look(
        self, sign_in: SignIn, cast: Cast, login: str, status: int
    ) -> None:
        answer = sign_in(login).post(f"/api/v1/loans/{cast.loan.code}/renew", json={})
        assert answer.status_code == status

    def test_is_not_for_somebody_elses_loan(self, sign_in: SignIn, cast: Cast) -> None:
        answer = sign_in("wang-guilan").post(f"/api/v1/loans/{cast.loan.code}/renew", json={})
        assert answer.status_code == 403

    def test_wants_somebody(self, client: FlaskClient, cast: Cast) -> None:
        assert client.post(f"/api/v1/loans/{cast.loan.code}/renew", json={}).status_code == 401

    @pytest.mark.parametrize("code", ["L-22222222", "nonsense"])
    def test_does_not_know_strange_codes(self, sign_in: SignIn, code: str) -> None:
        assert sign_in("clerk").post(f"/api/v1/loans/{code}/renew", json={}).status_code == 404


def test_is_described(app: APIFlask) -> None:
    spec: Any = app.spec
    paths = spec["paths"]
    assert {"/api/v1/loans", "/api/v1/units/{code}/return"} <= set(paths)
