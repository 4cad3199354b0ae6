"""The public JSON: contracts.md, section 3."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from rental.eligibility.models import Application, Claim
from rental.foundation.database import db
from tests.cast import fake_number

OLD = fake_number("370402", "19500307", "252")
OTHER = fake_number("370402", "19650512", "121")
ADDRESS = "/api/v1/eligibility/checks"


def community(client: FlaskClient) -> str:
    answer = client.get("/api/v1/communities")
    assert answer.status_code == 200
    return str(answer.get_json()[0]["code"])


def check(client: FlaskClient, **words: Any) -> dict[str, Any]:
    answer = client.post(ADDRESS, json=words)
    assert answer.status_code == 200, answer.get_json()
    body: dict[str, Any] = answer.get_json()
    return body


def met(body: dict[str, Any]) -> dict[str, str]:
    return {criterion["code"]: criterion["met"] for criterion in body["criteria"]}


class TestCommunities:
    def test_lists_codes_and_names(self, client: FlaskClient) -> None:
        found = client.get("/api/v1/communities").get_json()
        assert len(found) == 8
        assert set(found[0]) == {"code", "name"}


class TestCheck:
    def test_finds_a_certificate_holder_eligible(self, client: FlaskClient) -> None:
        body = check(
            client,
            citizen_number=OLD.lower(),
            register=community(client),
            grounds=[
                {
                    "type": "disability",
                    "certificate_number": OLD + "43",
                    "expires_on": "2030-01-01",
                }
            ],
        )
        assert body["outcome"] == "eligible"
        assert set(met(body).values()) == {"yes"}
        assert set(body) == {"outcome", "criteria"}
        assert set(body["criteria"][0]) == {"code", "met", "reason"}

    def test_asks_for_a_review_of_a_declared_difficulty(self, client: FlaskClient) -> None:
        body = check(
            client,
            citizen_number=OLD,
            register=community(client),
            grounds=[{"type": "elderly", "difficulties": ["dibao"]}],
        )
        assert body["outcome"] == "needs_review"
        assert met(body)["age"] == "yes"
        assert met(body)["difficulty"] == "unknown"

    def test_counts_the_sixtieth_birthday(self, client: FlaskClient) -> None:
        elderly = [{"type": "elderly", "difficulties": ["dibao"]}]
        today = check(client, born_on="1966-12-01", register=None, grounds=elderly)
        tomorrow = check(client, born_on="1966-12-02", register=None, grounds=elderly)
        assert met(today)["age"] == "yes"
        assert met(tomorrow)["age"] == "no"
        reason = next(c["reason"] for c in tomorrow["criteria"] if c["code"] == "age")
        assert "2026年12月2日" in reason
        assert tomorrow["outcome"] == "not_eligible"

    def test_ends_the_window_of_a_hospital_note(self, client: FlaskClient) -> None:
        here = community(client)
        last = [{"type": "injury", "noted_on": "2026-09-02"}]
        past = [{"type": "injury", "noted_on": "2026-09-01"}]
        assert check(client, register=here, grounds=last)["outcome"] == "eligible"
        assert check(client, register=here, grounds=past)["outcome"] == "not_eligible"

    def test_turns_away_who_is_registered_elsewhere(self, client: FlaskClient) -> None:
        body = check(client, register="elsewhere", grounds=[{"type": "injury"}])
        assert body["outcome"] == "not_eligible"
        assert met(body)["register"] == "no"

    @pytest.mark.parametrize(
        "words",
        [
            {},
            {"grounds": []},
            {"register": None, "grounds": [{"type": "disability"}]},
            {"grounds": [{"type": "elderly"}, {"type": "injury"}, {"type": "disability"}]},
            {"grounds": [{"type": "elderly", "difficulties": ["no-such-code"]}]},
        ],
    )
    def test_says_unknown_of_what_is_absent(
        self, client: FlaskClient, words: dict[str, Any]
    ) -> None:
        body = check(client, **words)
        assert body["outcome"] == "needs_review"
        assert set(met(body).values()) == {"unknown"}
        assert all(criterion["reason"] for criterion in body["criteria"])

    def test_says_no_to_the_certificate_of_someone_else(self, client: FlaskClient) -> None:
        body = check(
            client,
            citizen_number=OLD,
            register=community(client),
            grounds=[
                {
                    "type": "disability",
                    "certificate_number": OTHER + "43",
                    "expires_on": "2030-01-01",
                }
            ],
        )
        assert met(body)["certificate"] == "no"
        assert body["outcome"] == "not_eligible"

    def test_stores_nothing(self, client: FlaskClient) -> None:
        count = select(func.count()).select_from(Application)
        claims = select(func.count()).select_from(Claim)
        before = db.session.scalar(count), db.session.scalar(claims)
        check(client, citizen_number=OLD, grounds=[{"type": "elderly"}])
        db.session.rollback()
        assert (db.session.scalar(count), db.session.scalar(claims)) == before

    def test_speaks_english_when_asked(self, client: FlaskClient) -> None:
        answer = client.post(ADDRESS, json={}, headers={"Accept-Language": "en"})
        assert answer.status_code == 200

    @pytest.mark.parametrize(
        ("words", "field"),
        [
            ({"citizen_number": OLD[:-1] + ("1" if OLD[-1] != "1" else "2")}, "citizen_number"),
            ({"citizen_number": "110101195002301234"}, "citizen_number"),
            ({"citizen_number": "12"}, "citizen_number"),
            ({"citizen_number": ""}, "citizen_number"),
            ({"citizen_number": 110101195003072525}, "citizen_number"),
            ({"citizen_number": "😀" * 18}, "citizen_number"),
            ({"citizen_number": "1" * 5000}, "citizen_number"),
            ({"citizen_number": OLD, "born_on": "1950-03-08"}, "born_on"),
            ({"born_on": "2027-01-01"}, "born_on"),
            ({"born_on": "1850-01-01"}, "born_on"),
            ({"born_on": "1950-02-30"}, "born_on"),
            ({"born_on": 0}, "born_on"),
            ({"born_on": "1950-03-07T00:00:00"}, "born_on"),
            ({"register": "nowhere"}, "register"),
            ({"register": "\x00"}, "register"),
            ({"register": 3}, "register"),
            ({"grounds": {}}, "grounds"),
            ({"grounds": [{"type": "rich"}]}, "grounds.0.type"),
            ({"grounds": [{}]}, "grounds.0.type"),
            (
                {
                    "grounds": [
                        {"type": "injury"},
                        {"type": "disability", "certificate_number": "1"},
                    ]
                },
                "grounds.1.certificate_number",
            ),
            (
                {"grounds": [{"type": "disability", "certificate_number": OLD + "83"}]},
                "grounds.0.certificate_number",
            ),
            ({"grounds": [{"type": "injury", "noted_on": "soon"}]}, "grounds.0.noted_on"),
            (
                {"grounds": [{"type": "disability", "expires_on": "2036-12-02"}]},
                "grounds.0.expires_on",
            ),
            ({"grounds": [{"type": "injury", "difficulties": []}]}, "grounds.0.difficulties"),
            ({"grounds": [{"type": "elderly", "difficulties": "x"}]}, "grounds.0.difficulties"),
            ({"grounds": [{"type": "injury"}] * 11}, "grounds"),
            ({"grounds": [{"type": "injury", "name": "x"}]}, "grounds.0.name"),
            ({"name": "王桂兰"}, "name"),
        ],
    )
    def test_names_the_malformed_field(
        self, client: FlaskClient, words: dict[str, Any], field: str
    ) -> None:
        answer = client.post(ADDRESS, json=words)
        assert answer.status_code == 422
        assert answer.content_type == "application/problem+json"
        assert [error["field"] for error in answer.get_json()["errors"]] == [field]

    def test_survives_the_year_9999(self, client: FlaskClient) -> None:
        grounds = [{"type": "injury", "noted_on": "9999-12-31"}]
        assert check(client, grounds=grounds)["outcome"] == "not_eligible"

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\x00\xff"])
    def test_refuses_what_is_no_object(self, client: FlaskClient, body: bytes) -> None:
        answer = client.post(ADDRESS, data=body, content_type="application/json")
        assert answer.status_code in {200, 400, 422}
        assert (answer.status_code == 200) == (body == b"null")

    def test_knows_only_post(self, client: FlaskClient) -> None:
        assert client.get(ADDRESS).status_code == 405
