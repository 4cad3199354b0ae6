"""Whatever arrives, the answer is a sentence with a 4xx, and nothing is half-written."""

import contextvars
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from apiflask import APIFlask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from sqlalchemy import func, select

from rental.foundation.clock import Moment
from rental.foundation.database import Base, db, reading, transaction
from rental.journal import queries as journal
from rental.people import service as people
from tests.cast import Cast

NASTY = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "😀" * 50,
    "x" * 20_000,
    "'; DROP TABLE unit; --",
    "<script>alert(1)</script>",
    "\u202e\u200b\ufeff",
    "%s%(name)s{0}",
    "9" * 400,
    "-1",
    "1e309",
    "NaN",
    "../../etc/passwd",
    "R-22222222",
    "２０２６年",
    "\ud7ff",
]


def test_the_api_never_fails(app: APIFlask, cast: Cast, at: Moment) -> None:
    """Schemathesis makes up requests from the OpenAPI description, right ones and wrong ones."""
    with transaction() as session:
        token = people.new_token(session, login="manager", at=at)
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    operations = [found.ok() for found in described.get_all_operations()]  # type: ignore[union-attr]
    assert len(operations) >= 14
    for operation in operations:
        for mode in schemathesis.GenerationMode:
            _try(operation.as_strategy(generation_mode=mode), token)
    db.session.remove()
    assert list(journal.verify(reading())) == []


def _try(cases: SearchStrategy[schemathesis.Case[Any]], token: str) -> None:
    """Send some of the requests and look at the answers."""

    @given(case=cases)
    @settings(
        max_examples=12,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(case: schemathesis.Case[Any]) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        answer = contextvars.Context().run(case.call, headers=headers)
        assert answer.status_code < 500, (case.method, case.path, case.body, answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == ["application/problem+json"], answer.text
            assert answer.json()["status"] == answer.status_code
            assert answer.json()["title"]

    with suppress(Unsatisfiable):  # an operation without input can't be asked wrongly
        send()


def _counts() -> dict[str, int]:
    db.session.remove()
    return {
        table.name: reading().scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }


QUERY = (
    "q",
    "page",
    "month",
    "need",
    "category",
    "free_on",
    "state",
    "for",
    "unit",
    "start",
    "days",
    "slot",
    "code",
    "show",
    "next",
    "ground",
    "kind",
    "zone",
    "from",
    "to",
    "fulfilment",
)

#: Static files, leaving, and the machine address that says 503 while no worker runs.
_LEFT_OUT = {"static", "people.sign_out", "health.readyz"}


def _addresses(app: APIFlask, cast: Cast, verb: str) -> Iterator[str]:
    """Return every page address with known codes in it."""
    known = {
        "code": cast.unit["available"].code,
        "kind_key": "lightweight-wheelchair",
        "key": "lightweight-wheelchair",
    }
    for rule in app.url_map.iter_rules():
        if verb not in (rule.methods or ()) or rule.endpoint in _LEFT_OUT:
            continue
        if "/api/" in rule.rule:
            continue
        values = {
            name: 1
            if type(rule._converters[name]).__name__ == "IntegerConverter"
            else cast.resident["wang-guilan"].code
            if rule.rule.startswith(("/residents", "/desk/res"))
            else known.get(name, "R-22222222")
            for name in rule.arguments
        }
        with app.test_request_context():
            yield app.url_map.bind("localhost").build(rule.endpoint, values)


@pytest.mark.parametrize("login", ["manager", "clerk", "wang-guilan"])
def test_no_form_fails_on_nasty_text(
    app: APIFlask, cast: Cast, sign_in: Callable[[str], FlaskClient], login: str
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.config["TESTING"] = False
    for address in sorted(set(_addresses(app, cast, "POST"))):
        client = sign_in(login)
        fields = _fields(client, address)
        for text in NASTY:
            data = dict.fromkeys(fields, text)
            answer = client.post(address, data=data)
            assert answer.status_code < 500, (address, text[:20], answer.text[-800:])
    db.session.remove()
    assert list(journal.verify(reading())) == []


def _fields(client: FlaskClient, address: str) -> set[str]:
    """Return names of fields that the page at the address, or its neighbours, show."""
    pages = [address, address.rsplit("/", 1)[0]]
    found = {
        name
        for page in pages
        for name in re.findall(r'name="([^"]+)"', client.get(page or "/").text)
    }
    common = {"code", "q", "name", "note", "reason", "what", "answer", "value", "next", "phone"}
    return (found | common) - {"csrf_token", "viewport", "color-scheme", "description"}


@pytest.mark.parametrize("login", ["manager", "wang-guilan", None])
def test_no_page_fails_on_nasty_addresses(
    app: APIFlask, cast: Cast, sign_in: Callable[[str], FlaskClient], login: str | None
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.config["TESTING"] = False
    before = _counts()
    client = sign_in(login) if login else app.test_client()
    for address in sorted(set(_addresses(app, cast, "GET"))):
        for text in NASTY:
            answer = client.get(address, query_string=dict.fromkeys(QUERY, text))
            assert answer.status_code < 500, (address, text[:20], answer.text[-800:])
    assert _counts() == before


def test_a_body_that_is_no_json_gets_a_sentence(sign_in: Callable[[str], FlaskClient]) -> None:
    for body, kind in (
        (b"{", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"a=1", "text/plain"),
        (b"[" * 100_000, "application/json"),
        (b'{"unit_code": "\\ud800", "resident_code": "x"}', "application/json"),
    ):
        answer = sign_in("clerk").post("/api/v1/loans", data=body, content_type=kind)
        assert 400 <= answer.status_code < 500
        assert answer.content_type == "application/problem+json"


def test_a_body_too_large_gets_a_sentence(sign_in: Callable[[str], FlaskClient]) -> None:
    answer = sign_in("clerk").post(
        "/api/v1/loans", data=b"x" * (9 * 1024 * 1024), content_type="application/json"
    )
    assert answer.status_code in {400, 413, 422}
