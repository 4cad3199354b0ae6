"""What residents see of their loans and reservations, and their card."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from rental.eligibility import service as eligibility
from rental.eligibility.models import Decision, Evidence
from rental.eligibility.policy import ElderlyClaim, EvidenceKind
from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, new_code
from rental.foundation.database import transaction
from rental.people.policy import Purpose
from rental.people.service import withdraw_consent
from tests.cast import Cast
from tests.desk.steps import DAY, SignIn, reserve


class TestResidentHome:
    def test_is_ones_own_corner(self, sign_in: SignIn, cast: Cast) -> None:
        page = sign_in("li-jianguo").get(f"/residents/{cast.resident['li-jianguo'].code}").text
        assert "李建国，您好" in page
        assert "可以免费借用" in page
        assert f"/loans/{cast.loan.code}/renew" in page
        assert "tel:" in page
        assert "您正在替" not in page

    def test_says_on_whose_behalf(self, sign_in: SignIn, cast: Cast) -> None:
        page = sign_in("chen-jing").get(f"/residents/{cast.resident['wang-guilan'].code}").text
        assert "您正在替 王桂兰 办理" in page
        assert "王**" not in page

    @pytest.mark.parametrize(
        ("login", "words"),
        [
            ("clerk", "您正在替 王** 办理"),
            ("grid-worker", "您正在替 王** 办理"),
            ("therapist", "您在看这位居民自己的页面。"),
            ("reviewer", "您在看这位居民自己的页面。"),
        ],
    )
    def test_masks_the_name_for_staff(
        self, sign_in: SignIn, cast: Cast, login: str, words: str
    ) -> None:
        page = sign_in(login).get(f"/residents/{cast.resident['wang-guilan'].code}").text
        assert words in page
        assert ("您正在替" in page) == ("您正在替" in words)
        assert "王桂兰" not in page

    def test_names_the_papers_that_are_missing(
        self, sign_in: SignIn, cast: Cast, at: Moment
    ) -> None:
        known = cast.resident["sun-lei"]
        claims = (ElderlyClaim(difficulties=frozenset({"dibao"})),)
        with transaction() as session:
            code = eligibility.apply(
                session, resident_code=known.code, claims=claims, by=cast.actor("sun-lei"), at=at
            )
        client = sign_in("sun-lei")
        assert "资格正在审核" in client.get(f"/residents/{known.code}").text
        with transaction() as session:
            session.execute(
                update(Evidence)
                .where(Evidence.kind != EvidenceKind.DIFFICULTY_PROOF)
                .values(seen_at=at.at, seen_by=cast.account["clerk"])
            )
            eligibility.request_papers(
                session,
                application_code=code,
                papers=[EvidenceKind.DIFFICULTY_PROOF],
                by=cast.actor("reviewer"),
                at=at,
            )
        page = client.get(f"/residents/{known.code}").text
        assert "还缺材料<" in page
        assert "家人带来也行：困难证明。" in page
        assert "资格正在审核" not in page

    def test_says_that_the_right_was_taken_back(
        self, sign_in: SignIn, cast: Cast, at: Moment
    ) -> None:
        known, client = cast.resident["wang-guilan"], sign_in("wang-guilan")
        reserve(cast, at)
        assert "取不了" not in client.get(f"/residents/{known.code}").text
        with transaction() as session:
            session.execute(
                update(Decision)
                .where(Decision.resident_id == known.id)
                .values(revoked_at=at.at, reason="搬走")
            )
        page = client.get(f"/residents/{known.code}").text
        assert "您的借用资格已撤销。" in page
        assert "要再借，请重新申请，或打电话" in page
        assert "您的借用资格已撤销，这个预约现在取不了。" in page
        assert f"/residents/{known.code}/apply" in page

    @pytest.mark.parametrize(
        ("purpose", "asked", "said"),
        [
            (Purpose.SERVICE, "为办理租借使用您的资料。", "您撤回了同意，这个预约现在取不了。"),
            (Purpose.HEALTH, "使用健康和残疾情况。", "这个预约现在取不了。同意就行"),
        ],
    )
    def test_says_what_a_withdrawn_consent_holds_up(
        self,
        sign_in: SignIn,
        cast: Cast,
        at: Moment,
        purpose: Purpose,
        asked: str,
        said: str,
    ) -> None:
        known, client = cast.resident["wang-guilan"], sign_in("wang-guilan")
        reserve(cast, at)
        with transaction() as session:
            withdraw_consent(
                session, code=known.code, purpose=purpose, by=cast.actor("wang-guilan"), at=at
            )
        page = client.get(f"/residents/{known.code}").text
        assert f"借之前还要您同意我们{asked}" in page
        assert said in page
        assert ("可以免费借用" in page) is (purpose is Purpose.HEALTH)
        desk = sign_in("clerk").get(f"/desk/residents/{known.code}").text
        assert ("使用健康信息" in desk) is (purpose is Purpose.HEALTH)

    def test_says_that_the_right_ran_out(self, sign_in: SignIn, cast: Cast, at: Moment) -> None:
        known = cast.resident["wang-guilan"]
        with transaction() as session:
            session.execute(
                update(Decision)
                .where(Decision.resident_id == known.id)
                .values(valid_from=at.on - 9 * DAY, valid_until=at.on - DAY)
            )
        page = sign_in("wang-guilan").get(f"/residents/{known.code}").text
        assert "您的借用资格到 2026年11月30日 星期一 为止，已经到期。" in page
        assert "要再借，请重新申请" in page
        assert "取不了" not in page

    @pytest.mark.parametrize(
        ("login", "status"),
        [("clerk", 200), ("grid-worker", 200), ("chen-jing", 200), ("wang-guilan", 200),
         ("reviewer", 403), ("therapist", 403)],
    )  # fmt: skip
    def test_links_the_data_where_they_open(
        self, sign_in: SignIn, cast: Cast, login: str, status: int
    ) -> None:
        address, client = f"/residents/{cast.resident['wang-guilan'].code}", sign_in(login)
        assert client.get(f"{address}/details").status_code == status
        assert (f'"{address}/details"' in client.get(address).text) == (status == 200)

    def test_leads_to_the_application(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.resident["sun-lei"].code
        page = sign_in("sun-lei").get(f"/residents/{code}").text
        assert f"/residents/{code}/apply" in page

    @pytest.mark.parametrize("login", ["reviewer", "therapist"])
    def test_leads_who_may_only_look_to_nothing_refused(
        self, sign_in: SignIn, cast: Cast, login: str
    ) -> None:
        code, client = cast.resident["sun-lei"].code, sign_in(login)
        for address in (f"/residents/{code}", f"/desk/residents/{code}"):
            page = client.get(address).text
            assert f"/residents/{code}/apply" not in page
            assert f"for={code}" not in page

    @pytest.mark.parametrize("login", ["clerk", "manager", "therapist", "grid-worker"])
    def test_is_open_to_staff_who_help(self, sign_in: SignIn, cast: Cast, login: str) -> None:
        address = f"/residents/{cast.resident['wang-guilan'].code}"
        assert sign_in(login).get(address).status_code == 200

    @pytest.mark.parametrize("login", ["sun-lei", "li-jianguo", "cleaner"])
    def test_is_not_for_others(self, sign_in: SignIn, cast: Cast, login: str) -> None:
        address = f"/residents/{cast.resident['wang-guilan'].code}"
        assert sign_in(login).get(address).status_code == 403

    def test_leads_strangers_to_sign_in(self, client: FlaskClient, cast: Cast) -> None:
        assert client.get(f"/residents/{cast.resident['wang-guilan'].code}").status_code == 303

    @pytest.mark.parametrize("code", ["R-22222222", "x", "%00"])
    def test_does_not_know_strange_codes(self, sign_in: SignIn, code: str) -> None:
        assert sign_in("clerk").get(f"/residents/{code}").status_code == 404


class TestCard:
    def test_holds_nothing_but_an_address(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.resident["wang-guilan"].code
        page = sign_in("wang-guilan").get(f"/residents/{code}/card").text
        assert "data:image/png;base64," in page
        assert code in page
        assert "王桂兰" not in page
        assert "13900000001" not in page

    def test_is_not_for_others(self, sign_in: SignIn, cast: Cast) -> None:
        address = f"/residents/{cast.resident['wang-guilan'].code}/card"
        assert sign_in("sun-lei").get(address).status_code == 403

    def test_leads_each_reader_on(self, sign_in: SignIn, client: FlaskClient, cast: Cast) -> None:
        code = cast.resident["wang-guilan"].code
        assert sign_in("clerk").get(f"/r/{code}").location == f"/desk/residents/{code}"
        assert sign_in("wang-guilan").get(f"/r/{code}").location == f"/residents/{code}"
        assert "/sign-in" in client.get(f"/r/{code}").location

    def test_tells_strangers_nothing(self, client: FlaskClient, cast: Cast) -> None:
        unknown = new_code(CodeKind.RESIDENT)
        assert client.get(f"/r/{unknown}").status_code == 303
        assert client.get("/r/nonsense").status_code == 404
        assert client.get(f"/r/{cast.unit['available'].code}").status_code == 404
