"""Pages of eligibility: the self-check, applying, the reviewer's desk."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update

from rental.eligibility import service
from rental.eligibility.models import Application, Decision
from rental.eligibility.policy import ElderlyClaim, EvidenceKind, Ground, PaperFacts
from rental.foundation.clock import Moment
from rental.foundation.database import db, reading, transaction
from rental.notices import queries as notices
from rental.people.models import Consent, Resident
from rental.people.policy import Purpose, Register
from tests.cast import Cast, fake_number
from tests.counting import statements
from tests.eligibility.steps import number_of, view

SignIn = Callable[[str], FlaskClient]

OLD = fake_number("370402", "19500307", "252")
BAD = ["x" * 2000, "\x00", "😀", "'; DROP TABLE claim; --", "9" * 400]


def community(client: FlaskClient) -> str:
    return str(client.get("/api/v1/communities").get_json()[0]["code"])


@pytest.fixture
def waiting(cast: Cast, at: Moment) -> str:
    """Return an elderly application that nobody has looked at."""
    with transaction() as session:
        code = service.apply(
            session,
            resident_code=cast.resident["wang-guilan"].code,
            claims=(ElderlyClaim(difficulties=frozenset({"dibao"})),),
            by=cast.actor("wang-guilan"),
            at=at,
        )
    db.session.remove()
    return code


@pytest.fixture
def complete(cast: Cast, at: Moment, waiting: str) -> str:
    """Return the application with every paper seen."""
    for kind in (
        EvidenceKind.REGISTER_PAGE,
        EvidenceKind.IDENTITY_CARD,
        EvidenceKind.DIFFICULTY_PROOF,
    ):
        with transaction() as session:
            service.mark_seen(
                session,
                application_code=waiting,
                kind=kind,
                read=PaperFacts(),
                by=cast.actor("clerk"),
                at=at,
            )
    db.session.remove()
    return waiting


class TestSelfCheck:
    def test_asks_without_an_account(self, client: FlaskClient) -> None:
        page = client.get("/eligibility")
        assert page.status_code == 200
        assert page.headers["Cache-Control"] == "no-store"
        assert 'name="citizen_number"' in page.text

    def test_leads_a_browser_to_an_address_that_it_can_go_back_to(
        self, client: FlaskClient, at: Moment
    ) -> None:
        client.get("/eligibility")
        data = {"citizen_number": OLD, "grounds": ["elderly"], "difficulties": ["dibao"]}
        led = client.post("/eligibility", data=data)
        assert (led.status_code, led.location) == (303, "/eligibility/outcome")
        assert OLD not in led.headers["Set-Cookie"]
        assert "HttpOnly" in led.headers["Set-Cookie"]
        assert "Path=/eligibility" in led.headers["Set-Cookie"]
        for _ in range(2):
            page = client.get("/eligibility/outcome")
            assert page.headers["Cache-Control"] == "no-store"
            assert "您填的内容没有保存" in page.text
        again = client.post("/eligibility", data={**data, "change": "1"}, follow_redirects=True)
        assert f'value="{OLD}"' in again.text
        assert OLD not in client.get("/eligibility").text

        with time_machine.travel(at.at + timedelta(minutes=16), tick=False):
            gone = client.get("/eligibility/outcome", follow_redirects=True)
            assert OLD not in gone.text
            assert "过了 15 分钟就没有了" in gone.text

    def test_says_what_is_wrong_at_an_address_too(self, client: FlaskClient) -> None:
        client.get("/eligibility")
        page = client.post("/eligibility", data={"citizen_number": "123"}, follow_redirects=True)
        assert page.request.full_path == "/eligibility?change=1"
        assert page.text.count("应是 18 位") == 2
        sent_on = client.get("/eligibility/outcome")
        assert sent_on.location == "/eligibility?change=1"

    @pytest.mark.parametrize("forged", ["x", "v1.", "v1.AAAA", "v9.AAAA", "v1.é", "v1." + "A" * 80])
    def test_takes_no_forged_answers(self, client: FlaskClient, forged: str) -> None:
        client.set_cookie("draft", forged, path="/eligibility")
        assert client.get("/eligibility/outcome").status_code == 303

    def test_shows_nobody_the_answers_of_another_account(
        self, cast: Cast, sign_in: SignIn, client: FlaskClient
    ) -> None:
        client.get("/eligibility")
        client.post("/eligibility", data={"citizen_number": OLD})
        kept = client.get_cookie("draft", path="/eligibility")
        assert kept is not None
        other = sign_in("sun-lei")
        other.set_cookie("draft", kept.value, path="/eligibility")
        assert other.get("/eligibility/outcome").status_code == 303

    def test_answers_without_redirect_and_stores_nothing(self, client: FlaskClient) -> None:
        count = select(func.count()).select_from(Application)
        before = db.session.scalar(count)
        page = client.post(
            "/eligibility",
            data={
                "register": community(client),
                "citizen_number": OLD,
                "grounds": ["disability"],
                "certificate_number": OLD + "43",
                "expires_on-year": "2030",
                "expires_on-month": "１",
                "expires_on-day": "2",
            },
        )
        assert page.status_code == 200
        assert page.headers["Cache-Control"] == "no-store"
        assert "可以借" in page.text
        assert "残疾人证号和本人相符" in page.text
        assert "Set-Cookie" not in page.headers or OLD not in page.headers["Set-Cookie"]
        db.session.rollback()
        assert db.session.scalar(count) == before

    def test_says_what_to_bring_when_nothing_is_known(self, client: FlaskClient) -> None:
        page = client.post("/eligibility", data={"grounds": ["injury", "elderly"]})
        assert page.status_code == 200
        assert "还不知道" in page.text
        assert "请带写有日期的医院证明" in page.text
        assert "注册并申请" in page.text
        assert "打电话" in page.text

    def test_lists_every_paper_for_who_may_borrow(self, client: FlaskClient) -> None:
        data = {
            "register": community(client),
            "citizen_number": OLD,
            "grounds": ["disability"],
            "certificate_number": OLD + "43",
            "expires_on-year": "2030",
            "expires_on-month": "1",
            "expires_on-day": "2",
        }
        page = client.post("/eligibility", data=data).text
        assert "办理时要带的" in page
        listed = page.split("办理时要带的")[1].split("</ul>")[0]
        assert re.findall(r"<li>(.*?)</li>", listed) == ["户口簿", "身份证", "残疾人证"]

    def test_sends_nobody_for_papers_who_may_not_borrow(self, client: FlaskClient) -> None:
        data = {"register": "elsewhere", "grounds": ["elderly"], "difficulties": ["dibao"]}
        page = client.post("/eligibility", data=data).text
        assert "现在还不能借" in page
        assert "办理时要带的" not in page

    def test_says_when_the_sixtieth_birthday_is(self, client: FlaskClient) -> None:
        born = {"born_on-year": "1966", "born_on-month": "12", "born_on-day": "2"}
        page = client.post("/eligibility", data={**born, "grounds": ["elderly"]})
        assert page.status_code == 200
        assert "到 2026年12月2日 星期三 才满 60 周岁" in page.text
        assert "现在还不能借" in page.text
        assert "到 2026年12月2日 星期三 就满 60 周岁，那天起可以申请。" in page.text
        assert "请带" not in page.text

    def test_promises_no_birthday_to_who_is_registered_elsewhere(self, client: FlaskClient) -> None:
        born = {"born_on-year": "1966", "born_on-month": "12", "born_on-day": "2"}
        data = {**born, "grounds": ["elderly"], "register": "elsewhere"}
        assert "那天起可以申请" not in client.post("/eligibility", data=data).text

    def test_knows_leap_days(self, client: FlaskClient) -> None:
        leap = {"born_on-year": "1964", "born_on-month": "2", "born_on-day": "29"}
        page = client.post("/eligibility", data={**leap, "grounds": ["elderly"]})
        assert "已满 60 周岁" in page.text
        common = {**leap, "born_on-year": "1965"}
        page = client.post("/eligibility", data={**common, "grounds": ["elderly"]})
        assert page.status_code == 422
        assert "没有这一天" in page.text

    def test_takes_filled_papers_for_a_tick(self, client: FlaskClient) -> None:
        noted = {"noted_on-year": "2026", "noted_on-month": "11", "noted_on-day": "1"}
        page = client.post("/eligibility", data={"register": community(client), **noted})
        assert page.status_code == 200
        assert "可以借" in page.text

    def test_hands_the_answers_back_to_change_them(self, client: FlaskClient) -> None:
        data = {"citizen_number": OLD, "grounds": ["elderly"], "difficulties": ["dibao"]}
        outcome = client.post("/eligibility", data=data)
        hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', outcome.text)
        assert ("citizen_number", OLD) in hidden
        again = client.post("/eligibility", data={**data, "change": "1"})
        assert again.status_code == 200
        assert f'value="{OLD}"' in again.text
        assert 'name="register"' in again.text

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            ({"citizen_number": OLD[:-1] + ("0" if OLD[-1] != "0" else "1")}, "最后一位对不上"),
            ({"citizen_number": "110101195002301234"}, "不是真实的日期"),
            ({"citizen_number": "123"}, "应是 18 位"),
            (
                {"citizen_number": OLD, "certificate_number": number_of("li-jianguo") + "43"},
                "是不是拿了别人的残疾人证",
            ),
            ({"certificate_number": OLD + "93"}, "第 19 位"),
            (
                {
                    "citizen_number": OLD,
                    "born_on-year": "1950",
                    "born_on-month": "3",
                    "born_on-day": "8",
                },
                "和身份证号码里的不一样",
            ),
            (
                {"born_on-year": "2027", "born_on-month": "3", "born_on-day": "8"},
                "出生日期还没有到",
            ),
            ({"born_on-year": "1950"}, "请把年、月、日都填成数字"),
            (
                {"expires_on-year": "2099", "expires_on-month": "1", "expires_on-day": "1"},
                "最晚只能到 2036年12月1日",
            ),
            (
                {"noted_on-year": "2027", "noted_on-month": "3", "noted_on-day": "8"},
                "医院证明的日期还没有到",
            ),
            ({"register": "nowhere"}, "没有这个社区"),
        ],
    )
    def test_says_what_is_wrong_beside_the_field(
        self, client: FlaskClient, words: dict[str, str], sentence: str
    ) -> None:
        page = client.post("/eligibility", data=words)
        assert page.status_code == 422
        assert page.text.count(sentence) == 2
        assert "错误：" in page.text
        assert 'aria-invalid="true"' in page.text

    @pytest.mark.parametrize("bad", BAD)
    @pytest.mark.parametrize(
        "field",
        ["register", "citizen_number", "born_on-year", "grounds", "difficulties", "noted_on-day"],
    )
    def test_survives_bad_words(self, client: FlaskClient, field: str, bad: str) -> None:
        assert client.post("/eligibility", data={field: bad}).status_code in {200, 422}

    def test_knows_only_get_and_post(self, client: FlaskClient) -> None:
        assert client.put("/eligibility").status_code == 405


def apply_address(cast: Cast, login: str = "wang-guilan") -> str:
    return f"/residents/{cast.resident[login].code}/apply"


class TestApply:
    @pytest.mark.parametrize("login", ["wang-guilan", "chen-jing", "clerk", "grid-worker"])
    def test_fills_in_checks_and_hands_in(self, cast: Cast, sign_in: SignIn, login: str) -> None:
        client = sign_in(login)
        address = apply_address(cast)
        assert client.get(address).status_code == 200
        data = {"grounds": ["elderly"], "difficulties": ["dibao", "lives_alone"]}
        checked = client.post(address, data=data)
        assert checked.status_code == 303
        assert checked.location == f"{address}/check"
        checked = client.get(checked.location)
        assert checked.status_code == 200
        assert checked.headers["Cache-Control"] == "no-store"
        assert "请核对，再提交" in checked.text
        assert "还要看一看材料才知道" in checked.text
        changed = client.post(address, data={**data, "step": "change"}, follow_redirects=True)
        assert r'value="dibao" checked' in changed.text
        sent = client.post(address, data={**data, "step": "send"})
        assert sent.status_code == 303
        page = client.get(sent.location)
        assert page.status_code == 200
        assert "申请已经交上来了" in page.text
        assert "待审核" in page.text
        assert "提交申请" in page.text
        for left in (address, f"{address}/check"):
            again = client.get(left)
            assert again.status_code == 303
            assert again.location == sent.location

    def test_says_when_the_answers_are_gone(self, cast: Cast, sign_in: SignIn, at: Moment) -> None:
        client, address = sign_in("wang-guilan"), apply_address(cast)
        page = client.get(f"{address}/check", follow_redirects=True)
        assert "没有提交的内容只留 15 分钟" in page.text
        assert 'name="certificate_number"' in page.text
        client.post(address, data={"grounds": ["elderly"]})
        assert "请核对，再提交" in client.get(f"{address}/check").text
        with time_machine.travel(at.at + timedelta(minutes=16), tick=False):
            page = client.get(f"{address}/check", follow_redirects=True)
            assert "没有提交的内容只留 15 分钟" in page.text

    def test_answers_directly_what_no_cookie_holds(self, cast: Cast, sign_in: SignIn) -> None:
        many = {"grounds": ["elderly"], "certificate_number": "9" * 4000}
        page = sign_in("wang-guilan").post(apply_address(cast), data=many)
        assert page.status_code == 422
        assert "太长了" in page.text

    def test_names_the_same_papers_everywhere(
        self, cast: Cast, sign_in: SignIn, at: Moment
    ) -> None:
        client, address = sign_in("wang-guilan"), apply_address(cast)
        with transaction() as session:  # an open application is spoken of to who may not borrow yet
            session.execute(update(Decision).values(revoked_at=at.at))
        data = {"grounds": ["elderly"], "difficulties": ["dibao"]}
        checked = client.post(address, data=data, follow_redirects=True).text
        listed = checked.split("办理时要带的")[1].split("</ul>")[0]
        told = re.findall(r"<li>请带(户口簿|身份证|低保证等困难证明)", listed)
        assert told == ["户口簿", "身份证", "低保证等困难证明"]
        page = client.get(client.post(address, data={**data, "step": "send"}).location)
        bring = "给工作人员看一眼，家人带来也行：户口簿、身份证、困难证明。"
        assert bring in page.text
        home = client.get(f"/residents/{cast.resident['wang-guilan'].code}").text
        assert home.count(bring) == 2  # as it stands, and in the message
        assert "请留意消息" not in home

    def test_names_every_unseen_paper_when_the_reviewer_asks_for_one(
        self, cast: Cast, sign_in: SignIn, waiting: str
    ) -> None:
        data = {"papers-papers": ["identity_card"], "papers-note": "要看原件"}
        sent = sign_in("reviewer").post(f"/review/{waiting}/request-papers", data=data)
        assert sent.status_code == 303
        bring, client = "家人带来也行：户口簿、身份证、困难证明。", sign_in("wang-guilan")
        home = client.get(f"/residents/{cast.resident['wang-guilan'].code}").text
        assert home.count(bring) == 3  # as it stands, and in two messages
        page = client.get(application_address(cast, waiting)).text
        assert bring in page
        for said in (home, page):
            assert "审核人员说：“要看原件”" in said

    def test_asks_for_nothing_more_once_all_were_seen(
        self, cast: Cast, sign_in: SignIn, complete: str
    ) -> None:
        page = sign_in("wang-guilan").get(application_address(cast, complete)).text
        assert "材料不用再带了。" in page
        assert "家人带来也行" not in page

    def test_says_that_one_is_open(self, cast: Cast, sign_in: SignIn, waiting: str) -> None:
        data = {"grounds": ["elderly"], "step": "send"}
        page = sign_in("wang-guilan").post(apply_address(cast), data=data)
        assert page.status_code == 409
        assert "已经有一份申请正在办理" in page.text

    def test_sends_strangers_to_sign_in(self, cast: Cast, client: FlaskClient) -> None:
        page = client.get(apply_address(cast))
        assert page.status_code == 303
        assert "/sign-in" in page.location
        assert client.post(apply_address(cast)).status_code in {401, 403}

    @pytest.mark.parametrize("login", ["zhao-min", "cleaner"])
    def test_refuses_people_of_others(self, cast: Cast, sign_in: SignIn, login: str) -> None:
        assert sign_in(login).get(apply_address(cast)).status_code == 403

    @pytest.mark.parametrize("code", ["R-22222222", "x", "😀"])
    def test_knows_no_other_code(self, sign_in: SignIn, code: str) -> None:
        assert sign_in("clerk").get(f"/residents/{code}/apply").status_code == 404

    def test_asks_for_consent_first(self, cast: Cast, sign_in: SignIn) -> None:
        with transaction() as session:
            session.execute(delete(Consent).where(Consent.purpose == Purpose.SERVICE))
        page = sign_in("wang-guilan").get(apply_address(cast))
        assert page.status_code == 200
        assert "/consent" in page.text
        assert 'name="certificate_number"' not in page.text

    def test_asks_for_missing_data_first(self, cast: Cast, sign_in: SignIn) -> None:
        with transaction() as session:
            session.execute(update(Resident).values(register=Register.UNKNOWN))
        page = sign_in("wang-guilan").get(apply_address(cast))
        assert f"/details?next={apply_address(cast)}" in page.text
        assert "还缺户口所在地，填好就能申请。" in page.text
        assert 'name="certificate_number"' not in page.text

    def test_says_what_to_do_without_consent_to_health(self, cast: Cast, sign_in: SignIn) -> None:
        with transaction() as session:
            session.execute(delete(Consent).where(Consent.purpose == Purpose.HEALTH))
        client = sign_in("wang-guilan")
        assert 'value="disabled_mobility"' not in client.get(apply_address(cast)).text
        words = {"grounds": ["injury"], "step": "send"}
        page = client.post(apply_address(cast), data=words, follow_redirects=True)
        assert "还没有得到您的单独同意" in page.text
        data = {"grounds": ["elderly"], "step": "send"}
        assert client.post(apply_address(cast), data=data).status_code == 303

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            ({}, "请至少选一类"),
            ({"certificate_number": OLD + "43"}, "是不是拿了别人的残疾人证"),
            ({"certificate_number": "1"}, "残疾人证号应是 20 位"),
            ({"grounds": ["rich"]}, "错误"),
        ],
    )
    def test_says_what_is_wrong_beside_the_field(
        self, cast: Cast, sign_in: SignIn, words: dict[str, str], sentence: str
    ) -> None:
        page = sign_in("wang-guilan").post(apply_address(cast), data=words, follow_redirects=True)
        assert page.request.full_path.rstrip("?") == f"{apply_address(cast)}?change=1"
        assert sentence in page.text
        assert "错误：" in page.text

    @pytest.mark.parametrize("bad", BAD)
    @pytest.mark.parametrize(
        "field", ["grounds", "certificate_number", "expires_on-year", "difficulties", "step"]
    )
    def test_survives_bad_words(self, cast: Cast, sign_in: SignIn, field: str, bad: str) -> None:
        data = {"grounds": "injury", field: bad}
        page = sign_in("wang-guilan").post(apply_address(cast), data=data, follow_redirects=True)
        assert page.status_code in {200, 422}


def application_address(cast: Cast, code: str, login: str = "wang-guilan") -> str:
    return f"/residents/{cast.resident[login].code}/applications/{code}"


class TestApplication:
    def test_shows_papers_and_history(self, cast: Cast, sign_in: SignIn, complete: str) -> None:
        page = sign_in("chen-jing").get(application_address(cast, complete))
        assert page.status_code == 200
        assert "看过户口簿" in page.text
        assert "看过了，登记" not in page.text
        assert number_of("wang-guilan") not in page.text

    def test_offers_recording_papers_to_staff(
        self, cast: Cast, sign_in: SignIn, waiting: str
    ) -> None:
        page = sign_in("clerk").get(application_address(cast, waiting))
        assert page.text.count("看过了，登记") == 3

    def test_belongs_to_its_resident(self, cast: Cast, sign_in: SignIn, waiting: str) -> None:
        other = application_address(cast, waiting, "zhao-min")
        assert sign_in("zhao-min").get(other).status_code == 404
        assert sign_in("zhao-min").get(application_address(cast, waiting)).status_code == 403
        assert sign_in("clerk").get(application_address(cast, "A-22222222")).status_code == 404

    @pytest.mark.parametrize("login", ["reviewer", "therapist"])
    def test_shows_who_may_only_look_no_button(
        self, cast: Cast, sign_in: SignIn, waiting: str, login: str
    ) -> None:
        client, address = sign_in(login), application_address(cast, waiting)
        assert "撤回申请" in sign_in("clerk").get(address).text
        assert "撤回申请" not in client.get(address).text
        assert client.post(f"{address}/withdraw").status_code == 403
        assert client.get(apply_address(cast, "sun-lei")).status_code == 403

    def test_can_be_withdrawn_once(self, cast: Cast, sign_in: SignIn, waiting: str) -> None:
        client = sign_in("wang-guilan")
        address = application_address(cast, waiting)
        assert client.post(f"{address}/withdraw").status_code == 303
        assert "已撤回" in client.get(address).text
        again = client.post(f"{address}/withdraw")
        assert again.status_code == 409
        assert client.get(f"{address}/withdraw").status_code == 405


class TestPapers:
    def test_records_who_saw_it(self, cast: Cast, sign_in: SignIn, waiting: str) -> None:
        client = sign_in("clerk")
        address = application_address(cast, waiting)
        for paper in ("register-page", "identity-card", "difficulty-proof"):
            page = client.get(f"{address}/papers/{paper}")
            assert page.status_code == 200
            sent = client.post(f"{address}/papers/{paper}", data={"difficulties": ["dibao"]})
            assert sent.status_code == 303
            assert sent.location == address
        assert all(paper.is_seen for paper in view(waiting).papers)

    def test_goes_back_where_it_came_from(self, cast: Cast, sign_in: SignIn, waiting: str) -> None:
        address = application_address(cast, waiting) + "/papers/register-page"
        client = sign_in("reviewer")
        back = client.post(address, query_string={"next": f"/review/{waiting}"})
        assert back.location == f"/review/{waiting}"
        away = client.post(address, query_string={"next": "//evil.example"})
        assert away.location == application_address(cast, waiting)

    def test_reads_the_certificate(self, cast: Cast, sign_in: SignIn, at: Moment) -> None:
        resident = cast.resident["li-jianguo"]
        applied = sign_in("li-jianguo").post(
            f"/residents/{resident.code}/apply", data={"grounds": ["disability"], "step": "send"}
        )
        paper = f"{applied.location}/papers/disability-certificate"
        client = sign_in("grid-worker")
        wrong = client.post(paper, data={"certificate_number": OLD + "43"})
        assert wrong.status_code == 422
        assert "是不是拿了别人的残疾人证" in wrong.text
        right = {
            "certificate_number": number_of("li-jianguo") + "43",
            "expires_on-year": "2031",
            "expires_on-month": "5",
            "expires_on-day": "1",
        }
        assert client.post(paper, data=right).status_code == 303
        shown = client.get(paper)
        assert 'value="2031"' in shown.text
        assert number_of("li-jianguo") not in shown.text

    @pytest.mark.parametrize("login", ["wang-guilan", "therapist", "cleaner"])
    def test_refuses_everybody_else(
        self, cast: Cast, sign_in: SignIn, waiting: str, login: str
    ) -> None:
        address = application_address(cast, waiting) + "/papers/register-page"
        assert sign_in(login).get(address).status_code == 403
        assert sign_in(login).post(address).status_code == 403

    @pytest.mark.parametrize("paper", ["passport", "hospital-note", "😀"])
    def test_knows_no_other_paper(
        self, cast: Cast, sign_in: SignIn, waiting: str, paper: str
    ) -> None:
        address = application_address(cast, waiting) + f"/papers/{paper}"
        assert sign_in("clerk").post(address).status_code == 404


class TestQueue:
    def test_lists_what_waits(self, cast: Cast, sign_in: SignIn, waiting: str) -> None:
        page = sign_in("reviewer").get("/review")
        assert page.status_code == 200
        assert waiting in page.text
        assert "王**" in page.text
        assert "王桂兰" not in page.text

    def test_needs_no_more_statements_for_more_lines(
        self, cast: Cast, sign_in: SignIn, waiting: str, at: Moment
    ) -> None:
        reviewer = sign_in("reviewer")
        few = statements(reviewer, "/review")
        for who in ("li-jianguo", "zhao-min"):
            with transaction() as session:
                service.apply(
                    session,
                    resident_code=cast.resident[who].code,
                    claims=[ElderlyClaim(difficulties=frozenset({"living_alone"}))],
                    by=cast.actor("clerk"),
                    at=at,
                )
        assert statements(reviewer, "/review") == few

    @pytest.mark.parametrize(
        ("asked", "shown"),
        [
            ({"state": "submitted"}, True),
            ({"state": "refused"}, False),
            ({"ground": "elderly"}, True),
            ({"ground": "injury"}, False),
            ({"page": "7"}, True),
        ],
    )
    def test_filters_in_the_address(
        self, sign_in: SignIn, waiting: str, asked: dict[str, str], shown: bool
    ) -> None:
        page = sign_in("manager").get("/review", query_string=asked)
        assert page.status_code == 200
        assert (waiting in page.text) is shown
        assert shown or "这里没有申请" in page.text

    @pytest.mark.parametrize("bad", BAD)
    @pytest.mark.parametrize("field", ["state", "ground", "page"])
    def test_survives_bad_words(self, sign_in: SignIn, field: str, bad: str) -> None:
        assert sign_in("reviewer").get("/review", query_string={field: bad}).status_code == 200

    def test_turns_pages(self, cast: Cast, sign_in: SignIn, at: Moment) -> None:
        with transaction() as session:
            resident = cast.resident["wang-guilan"].id
            account = cast.account["clerk"]
            session.add_all(
                Application(
                    code=f"A-{n}",
                    resident_id=resident,
                    state="refused",
                    submitted_at=at.at + timedelta(minutes=n),
                    submitted_by=account,
                    answered_at=at.at + timedelta(hours=n),
                )
                for n in range(25)
            )
        page = sign_in("reviewer").get("/review?state=refused")
        assert "第 1 页，共 2 页" in page.text
        assert "最近答复的在前面" in page.text
        assert "A-24" in page.text
        last = sign_in("reviewer").get("/review?state=refused&page=2")
        assert "A-0" in last.text

    @pytest.mark.parametrize("login", ["clerk", "grid-worker", "wang-guilan"])
    def test_refuses_everybody_else(self, sign_in: SignIn, login: str) -> None:
        assert sign_in(login).get("/review").status_code == 403

    def test_sends_strangers_to_sign_in(self, client: FlaskClient) -> None:
        assert client.get("/review").status_code == 303


class TestReview:
    def test_shows_what_a_decision_needs(self, sign_in: SignIn, complete: str) -> None:
        page = sign_in("reviewer").get(f"/review/{complete}")
        assert page.status_code == 200
        assert "生活困难情况已经核实" in page.text
        assert "到 2027年12月1日" in page.text
        assert number_of("wang-guilan") not in page.text
        assert "/reveal" in page.text

    def test_approves(self, sign_in: SignIn, complete: str) -> None:
        client = sign_in("reviewer")
        data = {"approve-grounds": ["elderly"], "approve-seen_seq": str(view(complete).seq)}
        sent = client.post(f"/review/{complete}/approve", data=data)
        assert sent.status_code == 303
        page = client.get(sent.location)
        assert "已通过" in page.text
        assert "撤销" in page.text
        again = client.post(f"/review/{complete}/approve", data=data)
        assert again.status_code == 409
        assert "已通过" in again.text

    def test_shortens(self, sign_in: SignIn, complete: str) -> None:
        client = sign_in("manager")
        long = {
            "approve-grounds": ["elderly"],
            "approve-elderly_until-year": "2030",
            "approve-elderly_until-month": "1",
            "approve-elderly_until-day": "1",
        }
        refused = client.post(f"/review/{complete}/approve", data=long)
        assert refused.status_code == 422
        assert "有效期只能缩短" in refused.text
        short = {**long, "approve-elderly_until-year": "2027"}
        assert client.post(f"/review/{complete}/approve", data=short).status_code == 303
        assert view(complete).decisions[0].valid_until.isoformat() == "2027-01-01"

    def test_says_which_papers_nobody_saw(self, sign_in: SignIn, waiting: str) -> None:
        data = {"approve-grounds": ["elderly"]}
        page = sign_in("reviewer").post(f"/review/{waiting}/approve", data=data)
        assert page.status_code == 409
        assert "没有人看过" in page.text
        assert f"/review/{waiting}/approve" in page.text

    def test_refuses_a_stale_page(self, sign_in: SignIn, complete: str) -> None:
        data = {"approve-grounds": ["elderly"], "approve-seen_seq": "1"}
        page = sign_in("reviewer").post(f"/review/{complete}/approve", data=data)
        assert page.status_code == 409
        assert "刚刚有人处理过" in page.text

    def test_refuses_with_a_reason(self, cast: Cast, sign_in: SignIn, waiting: str) -> None:
        client = sign_in("reviewer")
        assert client.post(f"/review/{waiting}/refuse", data={}).status_code == 422
        other = {"refuse-reason": "other"}
        assert client.post(f"/review/{waiting}/refuse", data=other).status_code == 422
        data = {"refuse-reason": "not_in_difficulty", "refuse-note": "可以问社区"}
        assert client.post(f"/review/{waiting}/refuse", data=data).status_code == 303
        page = sign_in("wang-guilan").get(application_address(cast, waiting))
        assert "可以问社区" in page.text
        assert page.text.split('id="main')[-1].count("情况有变化") == 1
        assert "rd-note--error" not in page.text
        (told, *_) = notices.of_resident(reading(), resident_id=cast.resident["wang-guilan"].id)
        assert str(told.body).count("情况有变化") == 1

    def test_asks_for_papers(self, cast: Cast, sign_in: SignIn, waiting: str) -> None:
        client = sign_in("reviewer")
        address = f"/review/{waiting}/request-papers"
        assert client.post(address, data={}).status_code == 422
        sent = client.post(address, data={"papers-papers": ["register_page", "identity_card"]})
        assert sent.status_code == 303
        page = sign_in("wang-guilan").get(application_address(cast, waiting))
        assert "还缺材料。" in page.text

    @pytest.mark.parametrize("bad", BAD)
    @pytest.mark.parametrize(
        ("act", "field"),
        [
            ("approve", "approve-grounds"),
            ("approve", "approve-seen_seq"),
            ("approve", "approve-elderly_until-year"),
            ("refuse", "refuse-reason"),
            ("refuse", "refuse-seen_seq"),
            ("request-papers", "papers-papers"),
            ("request-papers", "papers-note"),
        ],
    )
    def test_survives_bad_words(
        self, sign_in: SignIn, waiting: str, act: str, field: str, bad: str
    ) -> None:
        page = sign_in("reviewer").post(f"/review/{waiting}/{act}", data={field: bad})
        assert page.status_code in {409, 422}

    @pytest.mark.parametrize("login", ["clerk", "grid-worker", "wang-guilan", "therapist"])
    def test_refuses_everybody_else(self, sign_in: SignIn, waiting: str, login: str) -> None:
        client = sign_in(login)
        assert client.get(f"/review/{waiting}").status_code == 403
        for act in ("approve", "refuse", "request-papers"):
            assert client.post(f"/review/{waiting}/{act}").status_code == 403

    @pytest.mark.parametrize("code", ["A-22222222", "x", "😀", "%00"])
    def test_knows_no_other_code(self, sign_in: SignIn, code: str) -> None:
        client = sign_in("reviewer")
        assert client.get(f"/review/{code}").status_code == 404
        for act in ("approve", "refuse", "request-papers"):
            assert client.post(f"/review/{code}/{act}").status_code == 404
        assert client.get(f"/review/decisions/{code}/revoke").status_code == 404


class TestRevoke:
    def test_takes_an_approval_back(self, cast: Cast, sign_in: SignIn) -> None:
        resident = cast.resident["wang-guilan"].id
        asked = select(Decision.code).where(Decision.resident_id == resident)
        code = db.session.scalar(asked)
        client = sign_in("reviewer")
        address = f"/review/decisions/{code}/revoke"
        page = client.get(address)
        assert page.status_code == 200
        assert "居民会看到这段话" in page.text
        home = f"/residents/{cast.resident['wang-guilan'].code}"
        assert f'href="{home}"' in page.text
        assert client.get(home).status_code == 200
        assert client.post(address, data={}).status_code == 422
        sent = client.post(address, data={"reason": "户口迁走"})
        assert sent.status_code == 303
        assert "已撤销" in client.get(sent.location).text
        assert client.post(address, data={"reason": "户口迁走"}).status_code == 409
        assert sign_in("clerk").get(address).status_code == 403


class TestWords:
    def test_says_every_ground_and_claim(self, cast: Cast, sign_in: SignIn, at: Moment) -> None:
        data = {
            "grounds": [ground.value for ground in Ground],
            "noted_on-year": "2026",
            "noted_on-month": "11",
            "noted_on-day": "30",
        }
        page = sign_in("wang-guilan").post(apply_address(cast), data=data, follow_redirects=True)
        assert page.status_code == 200
        for word in ("残疾人证号", "困难情况", "医院证明日期", "没有填"):
            assert word in page.text
