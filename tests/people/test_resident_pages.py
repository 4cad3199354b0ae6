"""Pages of a resident: data, consent, who may act, notices."""

import re

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import select

from rental.foundation.clock import Moment
from rental.foundation.database import db, reading, transaction
from rental.notices import service as notices
from rental.notices.policy import NoticeKind
from rental.people import queries
from rental.people.models import Reveal
from rental.people.policy import MAX_FAILURES_PER_ACCOUNT, Purpose
from tests.cast import PASSWORD, Cast, fake_number
from tests.people.steps import NASTY, PERSON, SignIn, signing_in


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
