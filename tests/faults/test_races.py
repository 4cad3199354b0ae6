"""Sixteen clients want the same thing at once: one gets it, the others a sentence, nobody a 5xx."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, new_code
from rental.foundation.database import db, reading, transaction
from rental.inventory import service as inventory
from rental.inventory.models import Unit
from rental.inventory.policy import UnitState
from rental.journal import queries as journal
from rental.loans.models import Loan
from rental.loans.policy import LoanState
from rental.people.models import Consent, Resident
from rental.people.policy import CONSENT_VERSION, Purpose, Register, ResidentState
from rental.policies.policy import SPECS, Policy
from rental.reservations.models import Reservation
from tests.cast import Cast

DATABASES = ["sqlite", "postgresql"]
CLIENTS = 16

SignIn = Callable[[str], FlaskClient]
Post = Callable[[int], TestResponse]


def at_once(post: Post) -> list[TestResponse]:
    """Run the posts in threads that start together, and return the answers."""
    answers: list[TestResponse] = []
    gate = threading.Barrier(CLIENTS)

    def run(number: int) -> None:
        gate.wait()
        answers.append(post(number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == CLIENTS
    return answers


def one_won(answers: list[TestResponse]) -> None:
    """Check the outcome that every race here must have."""
    counts = Counter(answer.status_code for answer in answers)
    won = counts[200] + counts[201]
    faults = [answer.text for answer in answers if answer.status_code > 409]
    assert (won, counts[409]) == (1, CLIENTS - 1), faults
    for answer in answers:
        if answer.status_code == 409:
            body = answer.json
            assert body is not None
            assert body["title"]
            assert answer.content_type == "application/problem+json"
    db.session.remove()
    assert list(journal.verify(reading())) == []


@pytest.fixture
def crowd(app: APIFlask, cast: Cast, at: Moment) -> list[str]:
    """Return the codes of sixteen more residents who may borrow."""
    from rental.eligibility.models import Application, Decision
    from rental.eligibility.policy import ApplicationState, Ground

    codes: list[str] = []
    with transaction() as session:
        clerk = cast.account["clerk"]
        for number in range(CLIENTS):
            resident = Resident(
                code=new_code(CodeKind.RESIDENT),
                state=ResidentState.ACTIVE,
                name=f"居民{number}",
                name_initials="jm",
                register=Register.HERE,
                created_at=at.at,
            )
            session.add(resident)
            session.flush()
            application = Application(
                code=new_code(CodeKind.APPLICATION),
                resident_id=resident.id,
                state=ApplicationState.APPROVED,
                submitted_at=at.at,
                submitted_by=clerk,
            )
            session.add(application)
            session.flush()
            session.add(
                Decision(
                    code=new_code(CodeKind.DECISION),
                    application_id=application.id,
                    resident_id=resident.id,
                    ground=Ground.INJURY,
                    valid_from=at.on,
                    valid_until=at.on + timedelta(days=300),
                    decided_by=clerk,
                    decided_at=at.at,
                )
            )
            session.add_all(
                Consent(
                    resident_id=resident.id,
                    purpose=purpose,
                    version=CONSENT_VERSION,
                    given_by=clerk,
                    given_at=at.at,
                )
                for purpose in Purpose
            )
            codes.append(resident.code)
    return codes


def test_the_last_unit_is_promised_once(
    app: APIFlask, cast: Cast, sign_in: SignIn, crowd: list[str], at: Moment
) -> None:
    clients = [sign_in("clerk") for _ in range(CLIENTS)]
    wish = {
        "kind_id": "quad-stick",
        "from": at.on.isoformat(),
        "to": (at.on + timedelta(days=20)).isoformat(),
        "fulfilment": "pickup",
    }
    answers = at_once(
        lambda n: clients[n].post("/api/v1/reservations", json={**wish, "resident": crowd[n]})
    )
    one_won(answers)
    assert all(
        "alternatives" in (answer.json or {}) for answer in answers if answer.status_code == 409
    )
    assert reading().scalar(select(func.count(Reservation.id))) == 1


def test_a_unit_is_handed_over_once(
    app: APIFlask, cast: Cast, sign_in: SignIn, crowd: list[str]
) -> None:
    clients = [sign_in("clerk") for _ in range(CLIENTS)]
    code = cast.unit["available"].code
    one_won(
        at_once(
            lambda n: clients[n].post(
                "/api/v1/loans", json={"unit_code": code, "resident_code": crowd[n]}
            )
        )
    )
    open_loans = select(func.count(Loan.id)).where(
        Loan.unit_id == cast.unit["available"].id, Loan.state == LoanState.OPEN
    )
    assert reading().scalar(open_loans) == 1


def test_a_loan_is_returned_once(app: APIFlask, cast: Cast, sign_in: SignIn) -> None:
    clients = [sign_in("clerk") for _ in range(CLIENTS)]
    address = f"/api/v1/units/{cast.unit['on_loan'].code}/return"
    one_won(at_once(lambda n: clients[n].post(address, json={"condition": "good"})))
    unit = reading().get_one(Unit, cast.unit["on_loan"].id)
    assert unit.state is UnitState.DIRTY


def test_nobody_gets_more_than_the_limit_from_many_desks(
    app: APIFlask, cast: Cast, sign_in: SignIn, crowd: list[str], at: Moment
) -> None:
    manager, most = cast.actor("manager"), SPECS[Policy.MAX_LOANS].default
    with transaction() as session:
        codes = [
            inventory.add_units(
                session,
                kind_id=kind_id,
                site_id=cast.site_id,
                count=1,
                by=manager,
                at=at,
                intake_passed=True,
            )[0]
            for kind_id in list(cast.kind.values())[:CLIENTS]
        ]
    clients = [sign_in("clerk") for _ in range(CLIENTS)]
    wish = {"resident_code": crowd[0], "taught": True, "resident_kg": 60}
    answers = at_once(
        lambda n: clients[n].post("/api/v1/loans", json={**wish, "unit_code": codes[n]})
    )
    counts = Counter(answer.status_code for answer in answers)
    assert counts == {201: most, 409: CLIENTS - most}, [answer.text for answer in answers]


def test_lending_and_promising_to_one_person_never_deadlock(
    app: APIFlask, cast: Cast, sign_in: SignIn, crowd: list[str], at: Moment
) -> None:
    clients = [sign_in("clerk") for _ in range(CLIENTS)]
    loan = {"unit_code": cast.unit["available"].code, "resident_code": crowd[0]}
    wish = {
        "resident": crowd[0],
        "kind_id": "lightweight-wheelchair",
        "from": at.on.isoformat(),
        "fulfilment": "pickup",
    }
    answers = at_once(
        lambda n: (
            clients[n].post("/api/v1/loans", json=loan)
            if n % 2
            else clients[n].post("/api/v1/reservations", json=wish)
        )
    )
    counts = Counter(answer.status_code for answer in answers)
    assert set(counts) == {201, 409}, [answer.text for answer in answers]


def test_one_person_gets_one_of_a_kind(
    app: APIFlask, cast: Cast, sign_in: SignIn, at: Moment
) -> None:
    clients = [sign_in("li-jianguo") for _ in range(CLIENTS)]
    wish = {
        "kind_id": "lightweight-wheelchair",
        "from": at.on.isoformat(),
        "to": (at.on + timedelta(days=20)).isoformat(),
        "fulfilment": "pickup",
    }
    one_won(at_once(lambda n: clients[n].post("/api/v1/reservations", json=wish)))


class TestReplays:
    def test_the_same_key_at_once_acts_once_and_all_get_the_answer(
        self, app: APIFlask, cast: Cast, sign_in: SignIn, crowd: list[str]
    ) -> None:
        clients = [sign_in("clerk") for _ in range(CLIENTS)]
        wish = {"unit_code": cast.unit["available"].code, "resident_code": crowd[0]}
        answers = at_once(
            lambda n: clients[n].post(
                "/api/v1/loans", json=wish, headers={"Idempotency-Key": "same-key"}
            )
        )
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.text for answer in answers}) == 1
        db.session.remove()
        assert reading().scalar(select(func.count(Loan.id))) == 2  # one is of the cast

    def test_a_refusal_is_replayed_even_when_it_would_succeed_by_now(
        self, app: APIFlask, cast: Cast, sign_in: SignIn, crowd: list[str]
    ) -> None:
        client, code = sign_in("clerk"), cast.unit["on_loan"].code
        wish = {"unit_code": code, "resident_code": crowd[0]}
        keyed = {"Idempotency-Key": "k-1"}
        first = client.post("/api/v1/loans", json=wish, headers=keyed)
        assert first.status_code == 409
        client.post(f"/api/v1/units/{code}/return", json={"condition": "good"})
        again = client.post("/api/v1/loans", json=wish, headers=keyed)
        assert (again.status_code, again.text) == (first.status_code, first.text)

    def test_the_same_key_with_another_body_is_refused(
        self, app: APIFlask, cast: Cast, sign_in: SignIn, crowd: list[str]
    ) -> None:
        client = sign_in("clerk")
        keyed = {"Idempotency-Key": "k-2"}
        wish: dict[str, Any] = {
            "unit_code": cast.unit["available"].code,
            "resident_code": crowd[0],
        }
        assert client.post("/api/v1/loans", json=wish, headers=keyed).status_code == 201
        wish["resident_code"] = crowd[1]
        other = client.post("/api/v1/loans", json=wish, headers=keyed)
        assert other.status_code == 409
        assert other.json is not None
        assert other.json["code"] == "key-used-for-something-else"

    def test_another_account_may_use_the_same_key(
        self, app: APIFlask, cast: Cast, sign_in: SignIn, crowd: list[str]
    ) -> None:
        keyed = {"Idempotency-Key": "k-3"}
        for login, unit, code in (
            ("clerk", "available", crowd[0]),
            ("clerk-2", "available_2", crowd[1]),
        ):
            wish = {"unit_code": cast.unit[unit].code, "resident_code": code}
            answer = sign_in(login).post("/api/v1/loans", json=wish, headers=keyed)
            assert answer.status_code == 201, answer.text

    @pytest.mark.parametrize("key", ["", "with space", "x" * 101, "schlüssel"])
    def test_a_malformed_key_is_refused(self, sign_in: SignIn, key: str) -> None:
        answer = sign_in("clerk").post(
            "/api/v1/loans",
            json={"unit_code": "x", "resident_code": "y"},
            headers={"Idempotency-Key": key.encode("utf-8").decode("latin-1")},
        )
        assert answer.status_code == 422
