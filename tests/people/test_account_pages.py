"""Pages of an account: signing up, in and out, the password, the token of a program."""

import html
import re
from datetime import timedelta
from typing import ClassVar

import pytest
import time_machine
from apiflask import APIFlask
from flask.testing import FlaskClient

from rental.foundation.clock import Moment
from rental.foundation.database import reading, transaction
from rental.people import queries, service
from rental.people.policy import MAX_FAILURES_PER_ACCOUNT, Purpose
from tests.cast import PASSWORD, Cast
from tests.people.steps import NASTY, PERSON, SignIn, signing_in


class TestSignIn:
    @pytest.mark.parametrize("name", ["sun-lei", "139 0000 0004", "SUN-LEI"])
    def test_lets_in_by_login_or_number(self, client: FlaskClient, cast: Cast, name: str) -> None:
        answer = signing_in(client, name, PASSWORD)
        assert (answer.status_code, answer.location) == (303, "/my")
        assert client.get("/my/account").status_code == 200

    @pytest.mark.parametrize(
        ("login", "home"),
        [
            ("clerk", "/desk"),
            ("reviewer", "/review"),
            ("cleaner", "/upkeep"),
            ("grid-worker", "/people"),
        ],
    )
    def test_brings_staff_to_their_work(
        self, client: FlaskClient, cast: Cast, login: str, home: str
    ) -> None:
        assert signing_in(client, login, PASSWORD).location == home

    @pytest.mark.parametrize(
        ("wanted", "location"),
        [
            ("/reserve/quad-stick?from=x", "/reserve/quad-stick?from=x"),
            ("https://evil.example/", "/my"),
            ("//evil.example", "/my"),
            ("/\\evil.example", "/my"),
            ("javascript:alert(1)", "/my"),
            ("/a\nb", "/my"),
        ],
    )
    def test_goes_on_only_within_the_site(
        self, client: FlaskClient, cast: Cast, wanted: str, location: str
    ) -> None:
        assert signing_in(client, "sun-lei", PASSWORD, next=wanted).location == location

    def test_says_the_same_for_a_wrong_password_and_an_unknown_name(
        self, client: FlaskClient, cast: Cast
    ) -> None:
        wrong = signing_in(client, "clerk", "wrong-password")
        unknown = signing_in(client, "nobody", "wrong-password")
        assert wrong.status_code == unknown.status_code == 422
        assert "账号或密码不对" in wrong.text
        assert wrong.text.replace("clerk", "nobody") == unknown.text
        assert "wrong-password" not in wrong.text

    def test_pauses_with_the_minutes_and_the_phone(self, client: FlaskClient, cast: Cast) -> None:
        for _ in range(MAX_FAILURES_PER_ACCOUNT):
            signing_in(client, "clerk", "wrong-password")
        answer = signing_in(client, "clerk", PASSWORD)
        assert answer.status_code == 429
        assert "请等 15 分钟再试" in answer.text
        assert "tel:" in answer.text
        assert answer.headers["Retry-After"] == "900"

    def test_throws_the_earlier_session_away(self, client: FlaskClient, cast: Cast) -> None:
        with client.session_transaction() as session:
            session["planted"] = "x"
        signing_in(client, "sun-lei", PASSWORD)
        with client.session_transaction() as session:
            assert "planted" not in session
            assert session.permanent

    def test_forgets_staff_when_the_browser_closes(self, client: FlaskClient, cast: Cast) -> None:
        answer = signing_in(client, "clerk", PASSWORD)
        assert "Expires" not in answer.headers["Set-Cookie"]

    @pytest.mark.parametrize(
        ("login", "lasts"), [("clerk", timedelta(hours=12)), ("sun-lei", timedelta(days=30))]
    )
    def test_ends_by_itself(
        self, app: APIFlask, cast: Cast, at: Moment, login: str, lasts: timedelta
    ) -> None:
        client = app.test_client()
        signing_in(client, login, PASSWORD)
        for moment, status in ((lasts - timedelta(minutes=1), 200), (lasts, 303)):
            with time_machine.travel(at.at + moment, tick=False):
                assert client.get("/my/account").status_code == status

    def test_goes_on_when_already_signed_in(self, sign_in: SignIn) -> None:
        answer = sign_in("clerk").get("/sign-in?next=/units")
        assert (answer.status_code, answer.location) == (303, "/units")

    @pytest.mark.parametrize("text", NASTY)
    def test_survives_bad_input(self, client: FlaskClient, cast: Cast, text: str) -> None:
        answer = signing_in(client, text, text, next=text)
        assert answer.status_code in {422, 429}
        assert client.get("/sign-in", query_string={"next": text}).status_code == 200

    def test_has_no_other_verb(self, client: FlaskClient) -> None:
        assert client.delete("/sign-in").status_code == 405
        assert client.get("/sign-out").status_code == 405


class TestSignOut:
    def test_ends_the_session(self, sign_in: SignIn) -> None:
        client = sign_in("sun-lei")
        assert client.post("/sign-out").location == "/sign-in"
        assert client.get("/my/account").status_code == 303

    def test_does_no_harm_to_a_stranger(self, client: FlaskClient, cast: Cast) -> None:
        assert client.post("/sign-out").status_code == 303

    def test_everywhere_ends_the_other_sessions(self, sign_in: SignIn) -> None:
        here, there = sign_in("sun-lei"), sign_in("sun-lei")
        assert here.post("/sign-out-everywhere").status_code == 303
        assert there.get("/my/account").status_code == 303


class TestToken:
    def test_signs_the_api_in(self, app: APIFlask, client: FlaskClient, at: Moment) -> None:
        with transaction() as session:
            token = service.new_token(session, login="clerk", at=at)
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get("/my/account", headers=headers).status_code == 200
        for wrong in (
            "Bearer",
            "Bearer x",
            f"Basic {token}",
            f"Bearer {token}x",
            "😀",
            "Bearer \xff",
        ):
            answer = client.get(
                "/my/account", headers={"Authorization": wrong.encode().decode("latin-1")}
            )
            assert answer.status_code == 303

    def test_is_printed_by_the_command_alone(self, app: APIFlask, cast: Cast) -> None:
        from rental.people.cli import tokens as group

        runner = app.test_cli_runner()
        printed = runner.invoke(group, ["create", "clerk"])
        assert printed.exit_code == 0
        found = queries.signed_in_by_token(printed.output.strip())
        assert found is not None
        assert found.actor.account_id == cast.account["clerk"]
        refused = runner.invoke(group, ["create", "nobody"])
        assert refused.exit_code == 1
        assert "没有这个账号" in refused.output


class TestSignUp:
    GOOD: ClassVar[dict[str, str]] = {
        "name": "周秀英",
        "phone": "138 1111 2222",
        "password": "平安是福 2026",
        "for_whom": "self",
        "agree": "y",
    }

    def test_leads_to_the_separate_consent(self, client: FlaskClient, cast: Cast) -> None:
        answer = client.post("/sign-up", data={**self.GOOD, "next": "/catalogue"})
        assert answer.status_code == 303
        page = client.get(answer.location)
        assert "单独同意" in page.text
        assert "不同意会怎样" in page.text
        code = re.search(r"R-[0-9A-Z]{8}", answer.location)
        assert code is not None
        answer = client.post(
            f"/residents/{code[0]}/consent",
            data={"purpose": "health", "answer": "no", "next": "details"},
        )
        assert answer.location.endswith("/details?step=3")
        found = queries.person(reading(), code=code[0])
        assert not queries.has_consent(reading(), resident_id=found.id, purpose=Purpose.HEALTH)
        form = client.get(answer.location).text
        assert 'aria-current="step"' in form
        assert "隐私和代办" not in form
        register = re.findall(r'<input[^>]*name="register"[^>]*>', form)
        assert register
        assert not any("checked" in radio for radio in register)

    def test_goes_on_to_what_was_wanted(self, client: FlaskClient, cast: Cast) -> None:
        answer = client.post("/sign-up", data={**self.GOOD, "next": "/reserve/quad-stick"})
        action = re.findall(r'action="([^"]+/consent[^"]*)"', client.get(answer.location).text)[0]
        said = {"purpose": "health", "answer": "no", "next": "details"}
        answer = client.post(html.unescape(action), data=said)
        form = client.get(answer.location).text
        action = re.findall(r'action="([^"]+/details[^"]*)"', form)[0]
        answer = client.post(html.unescape(action), data={**PERSON, "name": ""})
        assert 'aria-current="step"' in answer.text
        answer = client.post(html.unescape(action), data=PERSON)
        assert answer.location == "/reserve/quad-stick"

    def test_asks_for_the_password_again_after_a_slip(self, client: FlaskClient) -> None:
        again = "密码请再填一次。"
        assert again not in client.get("/sign-up").text
        assert again in client.post("/sign-up", data={**self.GOOD, "name": ""}).text
        assert again not in client.post("/sign-up", data={**self.GOOD, "password": "1"}).text

    def test_for_family_leads_to_their_data(self, client: FlaskClient, cast: Cast) -> None:
        answer = client.post("/sign-up", data={**self.GOOD, "for_whom": "family"})
        assert answer.location == "/my/family/new"
        assert "替家人登记" in client.get(answer.location).text
        assert "给谁借器具" in client.get("/my").text

    def test_says_little_about_a_number_that_is_taken(
        self, client: FlaskClient, cast: Cast
    ) -> None:
        for _ in range(MAX_FAILURES_PER_ACCOUNT):
            answer = client.post("/sign-up", data={**self.GOOD, "phone": "13900000001"})
            assert answer.status_code == 422
            assert "请直接登录" in answer.text
        again = client.post("/sign-up", data={**self.GOOD, "phone": "13900000001"})
        assert again.status_code == 429

    @pytest.mark.parametrize("field", ["name", "phone", "password", "for_whom", "agree"])
    def test_needs_every_answer_once(self, client: FlaskClient, cast: Cast, field: str) -> None:
        data = {key: value for key, value in self.GOOD.items() if key != field}
        answer = client.post("/sign-up", data=data)
        assert answer.status_code == 422
        assert answer.text.count('href="#' + field) == 1
        assert 'value="138 1111 2222"' in answer.text or field == "phone"

    @pytest.mark.parametrize("text", NASTY)
    def test_survives_bad_input(self, client: FlaskClient, cast: Cast, text: str) -> None:
        answer = client.post("/sign-up", data=dict.fromkeys(self.GOOD, text))
        assert answer.status_code == 422


class TestPassword:
    def test_changes_and_keeps_this_session_only(self, sign_in: SignIn) -> None:
        here, there = sign_in("sun-lei"), sign_in("sun-lei")
        answer = here.post("/my/password", data={"present": PASSWORD, "password": "新的密码 2027"})
        assert answer.location == "/my/account"
        assert here.get("/my/account").status_code == 200
        assert there.get("/my/account").status_code == 303
        assert signing_in(there, "sun-lei", "新的密码 2027").status_code == 303

    @pytest.mark.parametrize(
        ("present", "new"), [("wrong-password", "新的密码 2027"), (PASSWORD, "short"), ("", "")]
    )
    def test_refuses(self, sign_in: SignIn, present: str, new: str) -> None:
        client = sign_in("sun-lei")
        answer = client.post("/my/password", data={"present": present, "password": new})
        assert answer.status_code == 422
        assert client.get("/my/password").status_code == 200
