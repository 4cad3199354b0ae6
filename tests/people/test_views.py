"""The ladder of every page: works, anonymous, wrong role, not mine, unknown, bad input."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar

import pytest
import time_machine
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from rental.foundation.actor import Role
from rental.foundation.clock import Moment
from rental.foundation.database import db, reading, transaction
from rental.notices import service as notices
from rental.notices.policy import NoticeKind
from rental.people import queries, service
from rental.people.models import Account, Resident, Reveal
from rental.people.policy import MAX_FAILURES_PER_ACCOUNT, Purpose
from tests.cast import PASSWORD, Cast, fake_number

SignIn = Callable[[str], FlaskClient]

#: What no form is made for.
NASTY = [
    "",
    "\0",
    "😀" * 300,
    "x" * 5000,
    "<script>",
    "'; --",
    "\u202e\u200b",
    "9" * 40,
    "-1",
    "None",
]

PERSON = {
    "name": "周秀英",
    "citizen_number": "",
    "phone": "138 1111 2222",
    "address": "某路 2 号",
    "register": "elsewhere",
    "community": "",
    "agree": "y",
}


@pytest.fixture
def wang(cast: Cast) -> str:
    return f"/residents/{cast.resident['wang-guilan'].code}"


def signing_in(client: FlaskClient, name: str, password: str, **more: str) -> TestResponse:
    return client.post("/sign-in", data={"name": name, "password": password, **more})


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


class TestMy:
    def test_leads_one_person_home(self, sign_in: SignIn, cast: Cast) -> None:
        home = f"/residents/{cast.resident['wang-guilan'].code}"
        assert sign_in("wang-guilan").get("/my").location == home
        assert sign_in("chen-jing").get("/my").location == home

    def test_offers_several(self, sign_in: SignIn, cast: Cast) -> None:
        client = sign_in("chen-jing")
        answer = client.post("/my/family/new", data={**PERSON, "relation": "parent"})
        assert "/consent?step=2" in answer.location
        page = client.get("/my")
        assert page.status_code == 200
        assert "王桂兰" in page.text
        assert "周秀英" in page.text

    def test_asks_who_it_is_for(self, sign_in: SignIn) -> None:
        assert "给谁借器具" in sign_in("clerk").get("/my").text

    def test_asks_who_the_reader_is_and_where_the_register_is_in_the_words_used_elsewhere(
        self, sign_in: SignIn
    ) -> None:
        page = sign_in("chen-jing").get("/my/family/new").text
        assert "您是使用人的什么人？" in page
        assert 0 < page.index("女儿或儿子") < page.index("丈夫或妻子")
        check = sign_in("chen-jing").get("/eligibility").text
        for answer in ("不在本街道，但有本街道的居住证", "不在本街道", "不清楚"):
            assert f"{answer}<" in re.sub(r"\s+<", "<", page)
            assert f"{answer}<" in re.sub(r"\s+<", "<", check)

    def test_registers_oneself_once(self, sign_in: SignIn, cast: Cast) -> None:
        client = sign_in("chen-jing")
        assert client.get("/my/details").status_code == 200
        assert client.post("/my/details", data={**PERSON, "agree": ""}).status_code == 422
        assert client.post("/my/details", data=PERSON).status_code == 303
        assert client.get("/my/details").location.endswith("/details")
        assert client.post("/my/details", data=PERSON).status_code == 409

    def test_tells_a_stranger_nothing_about_a_double(self, sign_in: SignIn, cast: Cast) -> None:
        number = queries.citizen_number(reading(), resident_id=cast.resident["sun-lei"].id)
        data = {**PERSON, "relation": "child", "citizen_number": number}
        answer = sign_in("chen-jing").post("/my/family/new", data=data)
        assert answer.status_code == 422
        assert "要当面核对" in answer.text
        assert "孙" not in answer.text

    @pytest.mark.parametrize("number", ["123", "370402194802290011", "x" * 30, "３７０４０２"])
    def test_says_what_is_wrong_with_a_number(self, sign_in: SignIn, number: str) -> None:
        data = {**PERSON, "relation": "child", "citizen_number": number}
        answer = sign_in("chen-jing").post("/my/family/new", data=data)
        assert answer.status_code == 422
        assert 'id="citizen_number-error"' in answer.text

    def test_asks_for_the_community_of_a_register_here(self, sign_in: SignIn) -> None:
        data = {**PERSON, "relation": "child", "register": "here"}
        answer = sign_in("chen-jing").post("/my/family/new", data=data)
        assert answer.status_code == 422
        assert "请选择是哪个社区" in answer.text

    @pytest.mark.parametrize("text", NASTY)
    def test_survives_bad_input(self, sign_in: SignIn, text: str) -> None:
        data = dict.fromkeys([*PERSON, "relation"], text)
        client = sign_in("chen-jing")
        assert client.post("/my/family/new", data=data).status_code == 422
        assert client.post("/my/details", data=data).status_code == 422

    def test_gives_the_own_data_as_a_file(self, sign_in: SignIn) -> None:
        answer = sign_in("wang-guilan").get("/my/data.json")
        assert answer.json is not None
        assert answer.json["resident"]["phone"] == "13900000001"
        assert "attachment" in answer.headers["Content-Disposition"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert sign_in("clerk").get("/my/data.json").json["resident"] is None  # type: ignore[index]

    def test_gives_what_every_slice_keeps(self, sign_in: SignIn, cast: Cast) -> None:
        own, unit = sign_in("li-jianguo"), cast.unit["on_loan"].code
        assert own.post(f"/u/{unit}/fault", data={"what": "刹车有点松"}).status_code == 303
        damaged = {"condition": "damaged", "note": "扶手断了"}
        clerk = sign_in("clerk")
        assert clerk.post(f"/api/v1/units/{unit}/return", json=damaged).status_code == 200
        wish = {"kind_id": "quad-stick", "from": "2026-12-03", "fulfilment": "pickup"}
        reserved = own.post("/api/v1/reservations", json=wish)
        assert reserved.status_code == 201
        answer = own.get("/my/data.json").json
        assert answer is not None
        kept = answer["resident"]
        assert [(one["code"], one["unit"]) for one in kept["loans"]] == [(cast.loan.code, unit)]
        assert kept["loans"][0]["return_note"] == "扶手断了"
        assert [one["what"] for one in kept["reports"]] == ["刹车有点松", "扶手断了"]
        assert [one["starts_on"] for one in kept["reservations"]] == ["2026-12-03"]
        assert kept["applications"][0]["claims"] is not None
        assert [one["ground"] for one in kept["decisions"]] == ["disability"]
        assert kept["messages"]

    def test_asks_consent_only_for_what_is_kept(self, sign_in: SignIn, wang: str) -> None:
        page = sign_in("wang-guilan").get(f"{wang}/consent").text
        assert "医院证明的日期、行动困难的情况" in page
        assert "诊断" not in page

    @pytest.mark.parametrize(
        "path",
        [
            "/my",
            "/my/details",
            "/my/family/new",
            "/my/account",
            "/my/password",
            "/my/data.json",
        ],
    )
    def test_asks_a_stranger_to_sign_in(self, client: FlaskClient, cast: Cast, path: str) -> None:
        answer = client.get(path)
        assert (answer.status_code, answer.location) == (303, f"/sign-in?next={path}")


RESIDENT_PAGES = ["details", "consent", "access", "notices"]


class TestResidentPages:
    @pytest.mark.parametrize("path", RESIDENT_PAGES)
    @pytest.mark.parametrize("login", ["wang-guilan", "chen-jing"])
    def test_open_to_the_person_and_family(
        self, sign_in: SignIn, wang: str, path: str, login: str
    ) -> None:
        assert sign_in(login).get(f"{wang}/{path}").status_code == 200

    @pytest.mark.parametrize("path", RESIDENT_PAGES)
    @pytest.mark.parametrize("login", ["clerk", "manager", "grid-worker"])
    def test_open_to_staff_with_masked_values(
        self, sign_in: SignIn, wang: str, path: str, login: str
    ) -> None:
        answer = sign_in(login).get(f"{wang}/{path}")
        assert answer.status_code == 200
        assert "13900000001" not in answer.text
        assert "测试路" not in answer.text

    @pytest.mark.parametrize("path", [*RESIDENT_PAGES, "data.json"])
    @pytest.mark.parametrize("login", ["sun-lei", "cleaner"])
    def test_stay_shut_to_others(self, sign_in: SignIn, wang: str, path: str, login: str) -> None:
        assert sign_in(login).get(f"{wang}/{path}").status_code == 403

    @pytest.mark.parametrize("path", [*RESIDENT_PAGES, "data.json"])
    def test_ask_a_stranger_to_sign_in(self, client: FlaskClient, wang: str, path: str) -> None:
        assert client.get(f"{wang}/{path}").status_code == 303

    @pytest.mark.parametrize("path", RESIDENT_PAGES)
    @pytest.mark.parametrize("code", ["R-22222222", "x", "😀", "%00", "a" * 300])
    def test_of_nobody_are_not_found(
        self, sign_in: SignIn, cast: Cast, path: str, code: str
    ) -> None:
        assert sign_in("clerk").get(f"/residents/{code}/{path}").status_code == 404

    def test_give_the_data_to_no_staff(self, sign_in: SignIn, wang: str) -> None:
        assert sign_in("manager").get(f"{wang}/data.json").status_code == 403
        assert sign_in("manager").post(f"{wang}/data.json").status_code == 403
        assert sign_in("sun-lei").post(f"{wang}/data.json").status_code == 403
        assert reading().scalars(select(Reveal)).all() == []

    def test_write_down_that_family_took_the_data(self, sign_in: SignIn, wang: str) -> None:
        own, family = sign_in("wang-guilan"), sign_in("chen-jing")
        assert own.get(f"{wang}/data.json").get_json()["resident"]["phone"] == "13900000001"
        assert "全部资料" not in own.get(f"{wang}/access").text
        assert family.get(f"{wang}/data.json").location == f"{wang}/details"
        assert f'action="{wang}/data.json"' in family.get(f"{wang}/details").text
        taken = family.post(f"{wang}/data.json")
        assert taken.get_json()["resident"]["phone"] == "13900000001"
        assert "全部资料" in own.get(f"{wang}/access").text
        look = reading().scalars(select(Reveal)).one()
        assert sign_in("clerk").get(f"{wang}/reveals/{look.id}").status_code == 404

    def test_let_reviewers_look_but_not_write(self, sign_in: SignIn, wang: str) -> None:
        client = sign_in("reviewer")
        assert client.get(f"{wang}/access").status_code == 200
        assert client.get(f"{wang}/details").status_code == 403
        assert client.post(f"{wang}/details", data=PERSON).status_code == 403
        answer = client.post(f"{wang}/consent", data={"purpose": "health", "answer": "yes"})
        assert answer.status_code == 403

    @pytest.mark.parametrize(
        "path", ["details", "consent", "access", "notices/read", "access/end", "quiet"]
    )
    def test_refuse_posts_of_strangers(
        self, client: FlaskClient, sign_in: SignIn, wang: str, path: str
    ) -> None:
        assert client.post(f"{wang}/{path}", data=PERSON).status_code == 401
        data = {**PERSON, "purpose": "health", "answer": "no", "relation": "child"}
        assert sign_in("sun-lei").post(f"{wang}/{path}", data=data).status_code == 403
        assert sign_in("sun-lei").put(f"{wang}/{path}").status_code in {403, 405}


class TestDetails:
    def test_are_saved_by_the_person(self, sign_in: SignIn, cast: Cast, wang: str) -> None:
        client = sign_in("wang-guilan")
        assert "13900000001" in client.get(f"{wang}/details").text
        answer = client.post(f"{wang}/details", data={**PERSON, "lives_alone": "y"})
        assert answer.location == wang
        known = cast.resident["wang-guilan"]
        assert queries.contact(reading(), resident_id=known.id).phone == "13811112222"

    def test_lead_back_to_where_they_were_missing(self, sign_in: SignIn, wang: str) -> None:
        client = sign_in("wang-guilan")
        answer = client.post(f"{wang}/details", query_string={"next": f"{wang}/apply"}, data=PERSON)
        assert answer.location == f"{wang}/apply"
        answer = client.post(f"{wang}/details?next=//elsewhere.example", data=PERSON)
        assert answer.location == wang

    def test_say_what_is_still_missing(self, sign_in: SignIn, wang: str) -> None:
        client = sign_in("wang-guilan")
        unclear = {**PERSON, "register": "unknown"}
        page = client.post(f"{wang}/details", data=unclear, follow_redirects=True).text
        assert "资料已保存。" in page
        assert "还缺户口所在地" in page
        client = sign_in("clerk")
        page = client.post(f"{wang}/details", data=unclear, follow_redirects=True).text
        assert "还缺户口所在地" not in page

    def test_keep_at_the_desk_what_is_left_empty(
        self, sign_in: SignIn, cast: Cast, wang: str
    ) -> None:
        data = {**PERSON, "phone": "", "address": ""}
        answer = sign_in("clerk").post(f"{wang}/details", data=data)
        assert answer.location == f"/desk{wang}"
        known = cast.resident["wang-guilan"]
        assert queries.contact(reading(), resident_id=known.id).phone == "13900000001"

    def test_refuse_another_number_online(self, sign_in: SignIn, wang: str) -> None:
        number = fake_number("370402", "19480229", "001")
        data = {**PERSON, "citizen_number": number}
        assert sign_in("wang-guilan").post(f"{wang}/details", data=data).status_code == 403
        assert sign_in("clerk").post(f"{wang}/details", data=data).status_code == 303

    @pytest.mark.parametrize("text", NASTY)
    def test_survive_bad_input(self, sign_in: SignIn, wang: str, text: str) -> None:
        data = dict.fromkeys(PERSON, text)
        assert sign_in("clerk").post(f"{wang}/details", data=data).status_code == 422

    def test_hold_the_switch_for_messages(self, sign_in: SignIn, cast: Cast, wang: str) -> None:
        client = sign_in("clerk")
        assert "不再自动发消息" in client.get(f"{wang}/details").text
        assert client.post(f"{wang}/quiet", data={"quiet": "yes"}).status_code == 303
        assert "恢复自动发消息" in client.get(f"{wang}/details").text
        assert client.post(f"{wang}/quiet", data={"quiet": "no"}).status_code == 303
        assert sign_in("wang-guilan").post(f"{wang}/quiet").status_code == 403
        assert "不再自动发消息" not in sign_in("grid-worker").get(f"{wang}/details").text


class TestConsentPage:
    def test_takes_a_yes_back_and_gives_it_again(
        self, sign_in: SignIn, cast: Cast, wang: str
    ) -> None:
        client, known = sign_in("wang-guilan"), cast.resident["wang-guilan"]
        for purpose in Purpose:
            for answer, holds in (("no", False), ("no", False), ("yes", True), ("yes", True)):
                data = {"purpose": purpose.value, "answer": answer, "next": ""}
                assert client.post(f"{wang}/consent", data=data).status_code == 303
                db.session.rollback()
                assert (
                    queries.has_consent(reading(), resident_id=known.id, purpose=purpose) is holds
                )
                assert client.get(f"{wang}/consent").status_code == 200

    @pytest.mark.parametrize("text", NASTY)
    def test_survives_bad_input(self, sign_in: SignIn, wang: str, text: str) -> None:
        client = sign_in("wang-guilan")
        data = {"purpose": text, "answer": text, "next": text}
        assert client.post(f"{wang}/consent", data=data).status_code == 422
        query = {"step": text, "next": text}
        assert client.get(f"{wang}/consent", query_string=query).status_code == 200

    def test_goes_on_only_within_the_site(self, sign_in: SignIn, wang: str) -> None:
        data = {"purpose": "health", "answer": "yes", "next": "//evil.example"}
        answer = sign_in("wang-guilan").post(f"{wang}/consent", data=data)
        assert answer.location == f"{wang}/consent"

    def test_says_how_long_and_what_a_no_means(
        self, sign_in: SignIn, client: FlaskClient, wang: str
    ) -> None:
        own = sign_in("wang-guilan")
        page = own.get(f"{wang}/consent").text
        assert "不同意也能登记和预约，但借走器具前要先同意" in page
        for who, address in (
            (own, f"{wang}/consent"),
            (own, "/my/family/new"),
            (sign_in("clerk"), "/desk/residents/new"),
            (client, "/sign-up"),
            (client, "/privacy"),
        ):
            page = who.get(address).text
            assert "最后一次办事后保存 3 年，到期系统自动删；您要求时马上删。" in page

    def test_tells_who_said_so_and_who_noted_it(
        self, sign_in: SignIn, cast: Cast, wang: str
    ) -> None:
        code = cast.resident["wang-guilan"].code
        back = f"/desk/residents/{code}/issue?unit={cast.unit['available'].code}"
        clerk = sign_in("clerk")
        data = {"purpose": "health", "answer": "no", "next": ""}
        assert clerk.post(f"{wang}/consent", data=data).status_code == 303
        asked = clerk.get(f"{wang}/consent", query_string={"next": back})
        assert f'name="next" value="{back}"' in asked.text
        data = {"purpose": "health", "answer": "yes", "next": back}
        answer = clerk.post(f"{wang}/consent", data=data)
        assert answer.location == back
        page = clerk.get(f"{wang}/consent").text
        assert "已记下居民的同意。" in page
        assert "王** 已在 2026年12月1日 10:00 同意（clerk 当面念过、代为登记）" in page
        own = sign_in("wang-guilan")
        assert "王桂兰 已在 2026年12月1日 10:00 同意（clerk" in own.get(f"{wang}/consent").text
        for answer_ in ("no", "yes"):
            own.post(f"{wang}/consent", data={**data, "answer": answer_, "next": ""})
        page = own.get(f"{wang}/consent").text
        assert "已记下您的同意" in page
        assert "代为登记" not in page.split("办理租借")[0]


class TestAccess:
    def test_is_ended_and_given_again(self, sign_in: SignIn, cast: Cast, wang: str) -> None:
        client = sign_in("wang-guilan")
        page = client.get(f"{wang}/access")
        acting = re.search(r'name="acting" value="(\d+)"', page.text)
        assert acting is not None
        answer = client.post(f"{wang}/access/end", data={"acting": acting[1]})
        assert answer.location == f"{wang}/access"
        assert sign_in("chen-jing").get(f"{wang}/access").status_code == 403
        data = {"name": "13900000005", "relation": "child"}
        assert client.post(f"{wang}/access", data=data).status_code == 303
        assert sign_in("chen-jing").get(f"{wang}/access").status_code == 200
        again = client.post(f"{wang}/access", data=data)
        assert again.status_code == 422
        assert "已经是代办人" in again.text

    @pytest.mark.parametrize("by", ["clerk", "manager", "grid-worker"])
    @pytest.mark.parametrize("name", ["clerk", "manager", "grid-worker", "reviewer"])
    def test_makes_no_staff_into_family(
        self, sign_in: SignIn, wang: str, by: str, name: str
    ) -> None:
        client = sign_in(by)
        answer = client.post(f"{wang}/access", data={"name": name, "relation": "other"})
        assert answer.status_code == 422
        assert "不能是工作人员的账号" in answer.text
        assert client.get(f"{wang}/data.json").status_code == 403

    def test_may_be_given_to_family_who_work_here_by_the_resident(
        self, sign_in: SignIn, wang: str
    ) -> None:
        data = {"name": "cleaner", "relation": "child"}
        assert sign_in("wang-guilan").post(f"{wang}/access", data=data).status_code == 303
        assert sign_in("cleaner").get(f"{wang}/access").status_code == 200

    def test_does_not_say_whose_a_number_is(self, sign_in: SignIn, wang: str) -> None:
        client = sign_in("wang-guilan")
        client.post(f"{wang}/access", data={"name": "13900000002", "relation": "other"})
        page = client.get(f"{wang}/access").text
        assert "李**" in page
        assert "李建国" not in page
        assert "李建国" not in str(client.get(f"{wang}/data.json").get_json())
        assert "李建国" in sign_in("li-jianguo").get(f"{wang}/access").text
        assert "李建国" in sign_in("clerk").get(f"{wang}/access").text

    @pytest.mark.parametrize("name", ["13812345678", "13900000005"])
    def test_lets_nobody_try_numbers_one_by_one(
        self, sign_in: SignIn, wang: str, name: str
    ) -> None:
        client, data = sign_in("wang-guilan"), {"name": name, "relation": "other"}
        for _try in range(MAX_FAILURES_PER_ACCOUNT):
            assert client.post(f"{wang}/access", data=data).status_code == 422
        data["name"] = "13900000002"
        answer = client.post(f"{wang}/access", data=data)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
        assert "请等 15 分钟再试" in answer.text
        assert "李**" not in client.get(f"{wang}/access").text
        assert signing_in(client, "wang-guilan", PASSWORD).status_code == 303

    def test_may_be_given_up_by_the_family(self, sign_in: SignIn, wang: str) -> None:
        client = sign_in("chen-jing")
        acting = re.search(r'name="acting" value="(\d+)"', client.get(f"{wang}/access").text)
        assert acting is not None
        answer = client.post(f"{wang}/access/end", data={"acting": acting[1]})
        assert answer.location == "/my"

    def test_knows_only_registered_numbers(self, sign_in: SignIn, wang: str) -> None:
        data = {"name": "13812345678", "relation": "child"}
        answer = sign_in("wang-guilan").post(f"{wang}/access", data=data)
        assert answer.status_code == 422
        assert "请家人先注册" in answer.text

    @pytest.mark.parametrize("text", [*NASTY, "2147483648", "１"])
    def test_survives_bad_input(self, sign_in: SignIn, wang: str, text: str) -> None:
        client = sign_in("wang-guilan")
        assert client.post(f"{wang}/access/end", data={"acting": text}).status_code == 404
        data = {"name": text, "relation": text}
        assert client.post(f"{wang}/access", data=data).status_code == 422


class TestNotices:
    @pytest.fixture(autouse=True)  # ruff: ignore[pytest-fixture-autouse] - what they all read
    def _sent(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with transaction() as session:
            for once in ("1", "2"):
                notices.send(
                    session,
                    NoticeKind.DUE_TODAY,
                    resident_id=cast.resident["wang-guilan"].id,
                    once=once,
                    at=at,
                    params={"kind": "轮椅"},
                )

    def test_are_read_one_by_one_and_all(self, sign_in: SignIn, wang: str) -> None:
        client = sign_in("chen-jing")
        page = client.get(f"{wang}/notices").text
        assert "您借的轮椅今天到期" in page
        assert "全部标为已读（2 条）" in page
        one = re.search(r'name="notice" value="(\d+)"', page)
        assert one is not None
        client.post(f"{wang}/notices/read", data={"notice": one[1]})
        assert "全部标为已读（1 条）" in client.get(f"{wang}/notices").text
        client.post(f"{wang}/notices/read")
        assert "全部标为已读" not in client.get(f"{wang}/notices").text

    def test_of_others_stay_unread(self, sign_in: SignIn, cast: Cast, wang: str) -> None:
        page = sign_in("wang-guilan").get(f"{wang}/notices").text
        one = re.search(r'name="notice" value="(\d+)"', page)
        assert one is not None
        own = f"/residents/{cast.resident['sun-lei'].code}"
        sign_in("sun-lei").post(f"{own}/notices/read", data={"notice": one[1]})
        assert "（2 条）" in sign_in("wang-guilan").get(f"{wang}/notices").text

    @pytest.mark.parametrize("login", ["therapist", "reviewer", "clerk", "grid-worker"])
    def test_stay_unread_when_staff_look(self, sign_in: SignIn, wang: str, login: str) -> None:
        client = sign_in(login)
        assert "您借的轮椅今天到期" in client.get(f"{wang}/notices").text
        answer = client.post(f"{wang}/notices/read")
        assert answer.status_code == 403
        assert "才算已读" in answer.text
        assert "（2 条）" in sign_in("wang-guilan").get(f"{wang}/notices").text

    @pytest.mark.parametrize("text", NASTY[1:])
    def test_survive_bad_input(self, sign_in: SignIn, wang: str, text: str) -> None:
        client = sign_in("wang-guilan")
        assert client.post(f"{wang}/notices/read", data={"notice": text}).status_code == 303
        assert "（2 条）" in client.get(f"{wang}/notices").text


class TestReveal:
    def test_needs_a_reason_and_is_shown_to_the_resident(
        self, sign_in: SignIn, app: APIFlask, wang: str, at: Moment
    ) -> None:
        client = sign_in("clerk")
        assert "13900000001" not in client.get(f"{wang}/reveal?field=phone").text
        assert (
            client.post(f"{wang}/reveal", data={"which": "phone", "reason": " "}).status_code == 422
        )
        answer = client.post(f"{wang}/reveal", data={"which": "phone", "reason": "约送货"})
        assert answer.status_code == 303
        shown = client.get(answer.location)
        assert "13900000001" in shown.text
        assert shown.headers["Cache-Control"] == "no-store"
        assert sign_in("manager").get(answer.location).status_code == 404
        assert "约送货" in sign_in("wang-guilan").get(f"{wang}/access").text
        with time_machine.travel(at.at + timedelta(minutes=5), tick=False):
            assert client.get(answer.location).status_code == 404

    @pytest.mark.parametrize("login", ["wang-guilan", "cleaner"])
    def test_is_for_the_staff_who_need_it(self, sign_in: SignIn, wang: str, login: str) -> None:
        assert sign_in(login).get(f"{wang}/reveal").status_code == 403

    def test_keeps_a_grid_worker_in_the_own_grid(self, sign_in: SignIn, cast: Cast) -> None:
        other = f"/residents/{cast.resident['sun-lei'].code}"
        client = sign_in("grid-worker")
        data = {"which": "phone", "reason": "x"}
        assert client.get(f"{other}/reveal").status_code == 403
        assert client.post(f"{other}/reveal", data=data).status_code == 403
        assert reading().scalars(select(Reveal)).all() == []

    @pytest.mark.parametrize("text", NASTY)
    def test_survives_bad_input(self, sign_in: SignIn, wang: str, text: str) -> None:
        client = sign_in("clerk")
        assert (
            client.post(f"{wang}/reveal", data={"which": text, "reason": text}).status_code == 422
        )
        assert client.get(f"{wang}/reveal", query_string={"field": text}).status_code == 200
        for look in ("0", "9" * 30, "x"):
            assert client.get(f"{wang}/reveals/{look}").status_code == 404


class TestSearch:
    def test_shows_masked_results(self, sign_in: SignIn, cast: Cast) -> None:
        page = sign_in("clerk").post("/people", data={"q": "wgl"}).text
        known = cast.resident["wang-guilan"]
        assert "王**" in page
        assert "139****0001" in page
        assert f"/desk/residents/{known.code}" in page
        assert "王桂兰" not in page
        assert "13900000001" not in page

    def test_says_what_to_do_about_nobody(self, sign_in: SignIn) -> None:
        client = sign_in("clerk")
        assert "登记居民" in client.post("/people", data={"q": "没有这个人"}).text
        assert client.get("/people").status_code == 200
        assert "登记居民" not in sign_in("reviewer").post("/people", data={"q": "没有这个人"}).text

    def test_keeps_a_grid_worker_in_the_own_grid(self, sign_in: SignIn, cast: Cast) -> None:
        client = sign_in("grid-worker")
        known = cast.resident["wang-guilan"]
        assert f'href="/residents/{known.code}"' in client.post("/people", data={"q": "wgl"}).text
        assert "孙*" not in client.post("/people", data={"q": "孙磊"}).text

    @pytest.mark.parametrize("login", ["wang-guilan", "cleaner", "technician"])
    def test_is_for_the_staff_who_need_it(self, sign_in: SignIn, login: str) -> None:
        assert sign_in(login).get("/people").status_code == 403
        assert sign_in(login).post("/people", data={"q": "wgl"}).status_code == 403

    def test_asks_a_stranger_to_sign_in(self, client: FlaskClient, cast: Cast) -> None:
        assert client.get("/people").status_code == 303
        assert client.post("/people", data={"q": "wgl"}).status_code == 401

    @pytest.mark.parametrize("q", ["13900000001", "王桂兰", "wgl", "R-", "7K3M9QXA"])
    def test_takes_nothing_but_a_code_from_an_address(self, sign_in: SignIn, q: str) -> None:
        page = sign_in("clerk").get("/people", query_string={"q": q}).text
        assert "王**" not in page
        assert f'value="{q}"' not in page

    def test_takes_a_code_from_an_address(self, sign_in: SignIn, wang: str) -> None:
        code, client = wang.rpartition("/")[2], sign_in("clerk")
        assert "王**" in client.get("/people", query_string={"q": code}).text
        assert "王**" in client.get("/people", query_string={"q": code.lower()}).text

    def test_puts_no_number_into_an_address(self, sign_in: SignIn, cast: Cast) -> None:
        number = queries.citizen_number(reading(), resident_id=cast.resident["wang-guilan"].id)
        answer = sign_in("clerk").post("/people", data={"q": number})
        assert answer.status_code == 200
        assert "王**" in answer.text
        assert 'method="post"' in answer.text
        assert not re.search(rf'(?:href|action)="[^"]*{number}', answer.text)

    @pytest.mark.parametrize("text", [*NASTY, "%", "_", "R-", "http://x/R-22222222", "\ud800"])
    def test_survives_bad_input(self, sign_in: SignIn, text: str) -> None:
        query = {"q": text} if text != "\ud800" else "q=%ed%a0%80"
        assert sign_in("clerk").get("/people", query_string=query).status_code == 200
        typed = {"q": text} if text != "\ud800" else b"q=%ed%a0%80"
        assert sign_in("clerk").post("/people", data=typed).status_code == 200


class TestRegisterAtTheDesk:
    def test_needs_no_account(self, sign_in: SignIn, cast: Cast) -> None:
        client = sign_in("clerk")
        assert client.get("/desk/residents/new").status_code == 200
        data = {**PERSON, "agree_health": "y"}
        answer = client.post("/desk/residents/new", data=data)
        assert re.fullmatch(r"/desk/residents/R-[0-9A-Z]{8}", answer.location)

    def test_puts_a_grid_workers_resident_into_the_grid(self, sign_in: SignIn, cast: Cast) -> None:
        client = sign_in("grid-worker")
        assert "居民会登记在您的网格" in client.get("/desk/residents/new").text
        answer = client.post("/desk/residents/new", data=PERSON)
        assert re.fullmatch(r"/residents/R-[0-9A-Z]{8}", answer.location)

    def test_tells_the_desk_about_a_double(self, sign_in: SignIn, cast: Cast) -> None:
        number = queries.citizen_number(reading(), resident_id=cast.resident["sun-lei"].id)
        data = {**PERSON, "citizen_number": number}
        answer = sign_in("clerk").post("/desk/residents/new", data=data)
        assert answer.status_code == 422
        assert "已经登记过" in answer.text

    def test_needs_the_consent(self, sign_in: SignIn, cast: Cast) -> None:
        answer = sign_in("clerk").post("/desk/residents/new", data={**PERSON, "agree": ""})
        assert answer.status_code == 422
        assert reading().scalars(select(Resident).where(Resident.name == "周秀英")).all() == []

    @pytest.mark.parametrize("login", ["wang-guilan", "reviewer", "cleaner"])
    def test_is_for_desk_and_grid(self, sign_in: SignIn, login: str) -> None:
        client = sign_in(login)
        assert client.get("/desk/residents/new").status_code == 403
        assert client.post("/desk/residents/new", data=PERSON).status_code == 403

    @pytest.mark.parametrize("text", NASTY)
    def test_survives_bad_input(self, sign_in: SignIn, text: str) -> None:
        data = dict.fromkeys(PERSON, text)
        assert sign_in("clerk").post("/desk/residents/new", data=data).status_code == 422


class TestManageAccounts:
    NEW: ClassVar[dict[str, object]] = {
        "login": "Li-Min",
        "name": "李敏",
        "password": "初始密码 2026",
        "roles": ["clerk", "cleaner"],
        "site": "",
        "grid": "",
    }

    def test_makes_and_sets(self, sign_in: SignIn, app: APIFlask) -> None:
        client = sign_in("manager")
        assert client.get("/manage/accounts/new").status_code == 200
        answer = client.post("/manage/accounts/new", data=self.NEW)
        assert answer.status_code == 303
        page = client.get(answer.location)
        assert "李敏" in page.text
        assert "li-min" in client.get("/manage/accounts").text
        data = {"name": "李敏敏", "roles": ["reviewer"], "site": "", "grid": ""}
        assert client.post(answer.location, data=data).status_code == 303
        assert "李敏敏" in client.get(answer.location).text
        member = app.test_client()
        assert signing_in(member, "li-min", "初始密码 2026").location == "/review"
        again = client.post("/manage/accounts/new", data=self.NEW)
        assert again.status_code == 422
        assert "已经有人用了" in again.text

    def test_asks_for_the_grid_of_a_grid_worker(self, sign_in: SignIn) -> None:
        data = {**self.NEW, "roles": ["grid_worker"]}
        answer = sign_in("manager").post("/manage/accounts/new", data=data)
        assert answer.status_code == 422
        assert "网格员要选择" in answer.text

    def test_closes_and_opens(self, sign_in: SignIn, app: APIFlask, cast: Cast) -> None:
        client, clerk = sign_in("manager"), sign_in("clerk")
        url = f"/manage/accounts/{cast.account['clerk']}"
        assert client.post(f"{url}/deactivate").status_code == 303
        assert clerk.get("/my/account").status_code == 303
        assert signing_in(app.test_client(), "clerk", PASSWORD).status_code == 422
        assert "重新启用" in client.get(url).text
        assert client.post(f"{url}/activate").status_code == 303
        assert signing_in(app.test_client(), "clerk", PASSWORD).status_code == 303

    def test_resets_a_password(self, sign_in: SignIn, app: APIFlask, cast: Cast) -> None:
        client, clerk = sign_in("manager"), sign_in("clerk")
        url = f"/manage/accounts/{cast.account['clerk']}/password"
        assert client.post(url, data={"password": "short"}).status_code == 422
        assert client.post(url, data={"password": "换一个密码 2027"}).status_code == 303
        assert clerk.get("/my/account").status_code == 303
        assert signing_in(app.test_client(), "clerk", "换一个密码 2027").status_code == 303

    def test_never_locks_the_manager_out(self, sign_in: SignIn, cast: Cast) -> None:
        client = sign_in("manager")
        url = f"/manage/accounts/{cast.account['manager']}"
        assert client.post(f"{url}/deactivate").status_code == 409
        data = {"name": "m", "roles": ["clerk"], "site": "", "grid": ""}
        answer = client.post(url, data=data)
        assert answer.status_code == 422
        assert "不能停用自己的账号" in answer.text
        assert reading().get_one(Account, cast.account["manager"]).active

    def test_finds_residents_when_asked(self, sign_in: SignIn) -> None:
        client = sign_in("manager")
        assert "孙磊" not in client.get("/manage/accounts").text
        asked = {"who": "all", "q": "13900000004"}
        found = client.post("/manage/accounts", data=asked).text
        assert "孙磊" in found
        assert "li-jianguo" not in found
        assert not re.search(r'(?:href|action)="[^"]*13900000004', found)
        assert "li-jianguo" in client.get("/manage/accounts", query_string=asked).text
        assert "没有找到账号" in client.post("/manage/accounts", data={"q": "zzz"}).text

    @pytest.mark.parametrize("login", ["clerk", "reviewer", "wang-guilan"])
    def test_is_for_managers(self, sign_in: SignIn, cast: Cast, login: str) -> None:
        client, url = sign_in(login), f"/manage/accounts/{cast.account['clerk']}"
        for path in ("/manage/accounts", "/manage/accounts/new", url):
            assert client.get(path).status_code == 403
        acts = ("", "/new", f"/{cast.account['clerk']}/password")
        for path in (*(f"/manage/accounts{act}" for act in acts), url, f"{url}/deactivate"):
            assert client.post(path, data=self.NEW).status_code == 403

    def test_asks_a_stranger_to_sign_in(self, client: FlaskClient, cast: Cast) -> None:
        assert client.get("/manage/accounts").status_code == 303
        assert client.post("/manage/accounts/new").status_code == 401

    @pytest.mark.parametrize("id_", ["0", "2147483648", "9" * 30, "x", "-1"])
    def test_knows_no_other_account(self, sign_in: SignIn, id_: str) -> None:
        client = sign_in("manager")
        assert client.get(f"/manage/accounts/{id_}").status_code == 404
        assert client.post(f"/manage/accounts/{id_}/deactivate").status_code == 404
        assert client.post(f"/manage/accounts/{id_}/activate").status_code == 404
        data = {"password": "换一个密码 2027"}
        assert client.post(f"/manage/accounts/{id_}/password", data=data).status_code == 404

    @pytest.mark.parametrize("text", NASTY)
    def test_survives_bad_input(self, sign_in: SignIn, cast: Cast, text: str) -> None:
        client = sign_in("manager")
        data = dict.fromkeys(self.NEW, text)
        assert client.post("/manage/accounts/new", data=data).status_code == 422
        url = f"/manage/accounts/{cast.account['clerk']}"
        assert client.post(url, data=data).status_code == 422
        query = {"q": text, "who": text}
        assert client.get("/manage/accounts", query_string=query).status_code == 200
        assert client.post("/manage/accounts", data=query).status_code == 200


class TestAccountCommand:
    def test_makes_the_first_manager(self, app: APIFlask) -> None:
        from rental.people.cli import accounts

        words = ["create", "first-manager", "--name", "负责人", "--password", "long-enough-2026"]
        answer = app.test_cli_runner().invoke(accounts, words)
        assert answer.exit_code == 0, answer.output
        assert queries.actor_of(reading(), login="first-manager").roles == {Role.MANAGER}

    def test_refuses_a_weak_password(self, app: APIFlask) -> None:
        from rental.people.cli import accounts

        words = ["create", "first-manager", "--name", "负责人", "--password", "short"]
        assert app.test_cli_runner().invoke(accounts, words).exit_code == 1
        assert queries.account_id_of(reading(), login="first-manager") is None
