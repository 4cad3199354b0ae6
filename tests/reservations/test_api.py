from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from rental.foundation.codes import CodeKind, new_code
from tests.cast import Cast

CHAIR, STICK = "lightweight-wheelchair", "quad-stick"
WISH = {
    "kind_id": CHAIR,
    "site": "main",
    "from": "2026-12-02",
    "to": "2026-12-21",
    "fulfilment": "pickup",
}
SignIn = Callable[[str], FlaskClient]


class TestKinds:
    def test_lists_kinds_with_free_counts(self, client: FlaskClient) -> None:
        body = client.get("/api/v1/kinds?q=lunyi&category=&free_on=&page=").json
        assert body is not None
        chair = next(item for item in body["items"] if item["id"] == CHAIR)
        assert (chair["free"], chair["next_free_date"]) == (2, "2026-12-01")
        assert body["total"] == len(body["items"])

    def test_pages_by_fifty(self, client: FlaskClient) -> None:
        first = client.get("/api/v1/kinds").json
        second = client.get("/api/v1/kinds?page=2").json
        assert first is not None
        assert second is not None
        assert (len(first["items"]), first["pages"], first["total"]) == (50, 2, 100)
        ids = {item["id"] for item in first["items"] + second["items"]}
        assert len(ids) == 100

    def test_narrows_to_what_is_free_on_a_day(self, client: FlaskClient, sign_in: SignIn) -> None:
        sign_in("wang-guilan").post("/api/v1/reservations", json={**WISH, "kind_id": STICK})
        body = client.get("/api/v1/kinds?free_on=2026-12-03").json
        assert body is not None
        assert {item["id"] for item in body["items"]} == {CHAIR, "home-oxygen-concentrator"}

    def test_does_not_know_an_unknown_category(self, client: FlaskClient) -> None:
        assert client.get("/api/v1/kinds?category=submarine").status_code == 404

    @pytest.mark.parametrize(
        ("name", "word"),
        [
            ("page", "0"),
            ("page", "x"),
            ("page", "9" * 30),
            ("free_on", "tomorrow"),
            ("free_on", "1764547200"),
            ("q", "x" * 100),
            ("q", "\0"),
            ("category", "😀"),
        ],
    )
    def test_names_the_field_that_is_wrong(self, client: FlaskClient, name: str, word: str) -> None:
        answer = client.get("/api/v1/kinds", query_string={name: word})
        assert answer.status_code == 422
        assert answer.json is not None
        assert [error["field"] for error in answer.json["errors"]] == [name]


class TestAvailability:
    def test_counts_each_day(self, client: FlaskClient) -> None:
        query = {"site": "main", "from": "2026-12-01", "to": "2026-12-13"}
        body = client.get(f"/api/v1/kinds/{CHAIR}/availability", query_string=query).json
        assert body is not None
        assert [day["free"] for day in body["days"]] == [2, *[3] * 10, 4, 4]
        assert body["days"][0]["date"] == body["next_free_date"] == "2026-12-01"

    def test_skips_what_is_promised(self, client: FlaskClient, sign_in: SignIn) -> None:
        sign_in("wang-guilan").post(
            "/api/v1/reservations", json={**WISH, "kind_id": STICK, "from": "2026-12-01"}
        )
        body = client.get(f"/api/v1/kinds/{STICK}/availability").json
        assert body is not None
        assert body["next_free_date"] == "2026-12-23"
        free = {day["date"]: day["free"] for day in body["days"]}
        assert (free["2026-12-22"], free["2026-12-23"]) == (0, 1)

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"from": "2026-12-02", "to": "2026-12-01"}, "to"),
            ({"from": "2026-12-01", "to": "2027-12-02"}, "to"),
            ({"from": "soon"}, "from"),
            ({"site": "x" * 100}, "site"),
        ],
    )
    def test_names_the_field_that_is_wrong(
        self, client: FlaskClient, query: dict[str, str], field: str
    ) -> None:
        answer = client.get(f"/api/v1/kinds/{CHAIR}/availability", query_string=query)
        assert answer.status_code == 422
        assert answer.json is not None
        assert [error["field"] for error in answer.json["errors"]] == [field]

    def test_spans_a_year(self, client: FlaskClient) -> None:
        query = {"from": "2026-12-01", "to": "2027-12-01"}
        body = client.get(f"/api/v1/kinds/{CHAIR}/availability", query_string=query).json
        assert body is not None
        assert len(body["days"]) == 366

    @pytest.mark.parametrize("path", ["submarine", "1", "😀", "x" * 500])
    def test_does_not_know_an_unknown_kind(self, client: FlaskClient, path: str) -> None:
        assert client.get(f"/api/v1/kinds/{path}/availability").status_code == 404

    def test_does_not_know_an_unknown_site(self, client: FlaskClient) -> None:
        answer = client.get(f"/api/v1/kinds/{CHAIR}/availability?site=moon")
        assert answer.status_code == 404


class TestReservations:
    @pytest.mark.parametrize("login", ["reviewer", "therapist"])
    def test_are_not_for_those_who_may_only_look(
        self, sign_in: SignIn, cast: Cast, login: str
    ) -> None:
        wish = {**WISH, "resident": cast.resident["wang-guilan"].code}
        assert sign_in(login).post("/api/v1/reservations", json=wish).status_code == 403
        made = sign_in("clerk").post("/api/v1/reservations", json=wish)
        assert made.status_code == 201
        address = f"/api/v1/reservations/{made.get_json()['code']}"
        assert sign_in(login).get(address).status_code == 200
        refused = sign_in(login).post(f"{address}/cancel")
        assert (refused.status_code, refused.get_json()["code"]) == (403, "may-only-look")

    def test_promises_reads_and_cancels(self, sign_in: SignIn) -> None:
        client = sign_in("wang-guilan")
        answer = client.post("/api/v1/reservations", json=WISH)
        assert answer.status_code == 201
        assert answer.json is not None
        assert {name: answer.json[name] for name in WISH} == WISH
        address = f"/api/v1/reservations/{answer.json['code']}"
        assert client.get(address).json == answer.json
        for _ in range(2):
            cancelled = client.post(f"{address}/cancel")
            assert cancelled.json is not None
            assert (cancelled.status_code, cancelled.json["state"]) == (200, "cancelled")

    def test_answers_a_replay_with_the_first_answer(self, sign_in: SignIn) -> None:
        client, key = sign_in("wang-guilan"), {"Idempotency-Key": "one"}
        first = client.post("/api/v1/reservations", json=WISH, headers=key)
        again = client.post("/api/v1/reservations", json=WISH, headers=key)
        assert (first.status_code, first.json) == (again.status_code, again.json)
        other = client.post("/api/v1/reservations", json={**WISH, "kind_id": STICK}, headers=key)
        assert other.status_code == 409

    def test_carries_alternatives_when_nothing_is_free(self, sign_in: SignIn) -> None:
        sign_in("wang-guilan").post(
            "/api/v1/reservations", json={**WISH, "kind_id": STICK, "from": "2026-12-14"}
        )
        answer = sign_in("li-jianguo").post("/api/v1/reservations", json={**WISH, "kind_id": STICK})
        assert answer.status_code == 409
        assert answer.content_type == "application/problem+json"
        assert answer.json is not None
        assert answer.json["code"] == "nothing-free"
        assert answer.json["alternatives"]["other_start"] == "2026-12-23"
        assert answer.json["alternatives"]["shorter_until"] == "2026-12-11"

    def test_takes_a_slot(self, sign_in: SignIn) -> None:
        slot = {"slot_on": "2026-12-03", "slot_half": "afternoon"}
        answer = sign_in("wang-guilan").post("/api/v1/reservations", json={**WISH, **slot})
        assert answer.json is not None
        assert {name: answer.json[name] for name in slot} == slot

    def test_lets_staff_and_family_act_for_a_resident(self, sign_in: SignIn, cast: Cast) -> None:
        mother = {"resident": cast.resident["wang-guilan"].code}
        daughter = sign_in("chen-jing")
        assert daughter.post("/api/v1/reservations", json=WISH).status_code == 422
        assert daughter.post("/api/v1/reservations", json={**WISH, **mother}).status_code == 201
        other = {"resident": cast.resident["li-jianguo"].code}
        assert daughter.post("/api/v1/reservations", json={**WISH, **other}).status_code == 403
        clerk = sign_in("clerk")
        assert clerk.post("/api/v1/reservations", json={**WISH, **other}).status_code == 201

    def test_is_closed_to_strangers_and_to_others(
        self, client: FlaskClient, sign_in: SignIn
    ) -> None:
        made = sign_in("wang-guilan").post("/api/v1/reservations", json=WISH).json
        assert made is not None
        address = f"/api/v1/reservations/{made['code']}"
        assert client.post("/api/v1/reservations", json=WISH).status_code == 401
        assert client.get(address).status_code == 401
        assert client.post(f"{address}/cancel").status_code == 401
        assert sign_in("li-jianguo").get(address).status_code == 403
        assert sign_in("li-jianguo").post(f"{address}/cancel").status_code == 403

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"from": "soon"}, "from"),
            ({"from": 1764547200}, "from"),
            ({"from": None}, "from"),
            ({"to": "2026-12-32"}, "to"),
            ({"fulfilment": "drone"}, "fulfilment"),
            ({"kind_id": 5}, "kind_id"),
            ({"kind_id": "\0"}, "kind_id"),
            ({"site": "😀"}, "site"),
            ({"resident": "R-00000000"}, "resident"),
            ({"resident": "x" * 99}, "resident"),
            ({"slot_on": "2026-12-02"}, "slot_half"),
            ({"slot_half": "morning"}, "slot_half"),
            ({"address": "长" * 201}, "address"),
            ({"address": "a\0b"}, "address"),
        ],
    )
    def test_names_the_field_that_is_wrong(
        self, sign_in: SignIn, wrong: dict[str, Any], field: str
    ) -> None:
        answer = sign_in("wang-guilan").post("/api/v1/reservations", json={**WISH, **wrong})
        assert answer.status_code == 422
        assert answer.json is not None
        assert field in [error["field"] for error in answer.json["errors"]]

    @pytest.mark.parametrize(
        ("wrong", "status"),
        [
            ({"kind_id": "submarine"}, 404),
            ({"site": "moon"}, 404),
            ({"from": "2026-11-30"}, 422),
            ({"from": "2027-03-30", "to": None}, 422),
            ({"from": "2026-12-06"}, 422),
            ({"to": "2026-12-01"}, 422),
            ({"fulfilment": "delivery"}, 422),
        ],
    )
    def test_refuses(self, sign_in: SignIn, wrong: dict[str, Any], status: int) -> None:
        answer = sign_in("wang-guilan").post("/api/v1/reservations", json={**WISH, **wrong})
        assert answer.status_code == status

    @pytest.mark.parametrize("body", ["", "[]", "null", "{", '"x"'])
    def test_refuses_what_is_no_object(self, sign_in: SignIn, body: str) -> None:
        answer = sign_in("wang-guilan").post(
            "/api/v1/reservations", data=body, content_type="application/json"
        )
        assert 400 <= answer.status_code < 500

    def test_does_not_know_a_forged_code(self, sign_in: SignIn) -> None:
        client = sign_in("clerk")
        for code in (new_code(CodeKind.RESERVATION), new_code(CodeKind.LOAN), "x", "B-\0"):
            assert client.get(f"/api/v1/reservations/{code}").status_code == 404
            assert client.post(f"/api/v1/reservations/{code}/cancel").status_code == 404
