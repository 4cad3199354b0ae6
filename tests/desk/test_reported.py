"""What was reported of a device is seen before it is lent, kept, or taken back."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from rental.foundation.clock import Moment
from rental.foundation.database import transaction
from rental.inventory.models import Unit
from rental.inventory.policy import UnitState
from rental.upkeep import service as upkeep
from tests.cast import Cast

SignIn = Callable[[str], FlaskClient]
SAID = "12月1日 周二有人报：“左边刹车松了”，还没处理。"


@pytest.fixture
def loose_brake(app: object, cast: Cast, at: Moment) -> str:
    """Return the code of a report about the device that somebody uses."""
    with transaction() as session:
        return upkeep.report_fault(
            session, unit_code=cast.unit["on_loan"].code, what="左边刹车松了", by=None, at=at
        )


@pytest.mark.usefixtures("loose_brake")
class TestReported:
    def test_stands_on_every_page_of_the_desk_that_shows_the_device(
        self, sign_in: SignIn, cast: Cast
    ) -> None:
        client, code = sign_in("clerk"), cast.unit["on_loan"].code
        for address in (
            f"/desk/units/{code}",
            f"/desk/units/{code}/return",
            f"/loans/{cast.loan.code}",
            f"/desk/residents/{cast.resident['li-jianguo'].code}",
        ):
            page = client.get(address).text
            assert SAID in page, address
            assert f"/upkeep/{code}#faults" in page

    def test_is_counted_on_the_desk(self, sign_in: SignIn) -> None:
        for login in ("clerk", "cleaner"):
            page = sign_in(login).get("/desk").text
            assert "故障没处理" in page
            assert "what=faults" in page
        assert "故障没处理" not in sign_in("therapist").get("/desk").text

    def test_leads_the_therapist_to_nothing_refused(self, sign_in: SignIn, cast: Cast) -> None:
        page = sign_in("therapist").get(f"/desk/units/{cast.unit['on_loan'].code}").text
        assert SAID in page
        assert "/upkeep/" not in page

    def test_says_our_own_words_in_the_readers_language(self, sign_in: SignIn, cast: Cast) -> None:
        client, code = sign_in("clerk"), cast.unit["on_loan"].code
        client.post(f"/desk/units/{code}/return", data={"condition": "damaged"})
        client.set_cookie("lang", "en")
        page = client.get(f"/desk/units/{code}").text
        assert "Found damaged at return, needs repair." in page
        assert "归还时发现有损坏" not in page

    def test_is_not_told_to_the_borrower(self, sign_in: SignIn, cast: Cast) -> None:
        assert "左边刹车松了" not in sign_in("li-jianguo").get(f"/loans/{cast.loan.code}").text

    def test_leaves_the_condition_to_be_looked_at(self, sign_in: SignIn, cast: Cast) -> None:
        client, code = sign_in("clerk"), cast.unit["on_loan"].code
        assert "checked" not in client.get(f"/desk/units/{code}/return").text
        answer = client.post(f"/desk/units/{code}/return", data={})
        assert answer.status_code == 422
        assert "请选择器具现在的状况。" in answer.text


class TestReturn:
    def test_says_nothing_before_somebody_looked(self, sign_in: SignIn, cast: Cast) -> None:
        page = sign_in("clerk").get(f"/desk/units/{cast.unit['on_loan'].code}/return").text
        assert "checked" not in page

    def test_of_what_is_past_use_leaves_the_manager_to_decide(
        self, sign_in: SignIn, cast: Cast
    ) -> None:
        client, code = sign_in("clerk"), cast.unit["on_loan"].code
        answer = client.post(f"/desk/units/{code}/return", data={"condition": "unusable"})
        page = client.get(answer.location).text
        assert "已记下：不能再用。清洗后请负责人决定修还是报废。" in page
        assert "先维修" not in page
        assert "预计" not in client.get(f"/upkeep/{code}").text
        row = client.get("/upkeep?what=clean").text.split(f"/upkeep/{code}")[1].split("</tr>")[0]
        assert "—" in row


class TestNotLent:
    @pytest.mark.parametrize(
        ("state", "words"),
        [
            (UnitState.AVAILABLE, "可以借。请带居民到窗口办借出。"),
            (UnitState.DIRTY, "要先做完清洗、消毒、检查并放行"),
            (UnitState.REPAIR, "维修中，不能借。"),
            (UnitState.QUARANTINE, "隔离停用中，不能借。要解除请找洗消员。"),
            (UnitState.LOST, "这件登记为丢失，不能借。"),
            (UnitState.SCRAPPED, "已报废，不能再用。"),
        ],
    )
    def test_says_why_in_every_state(
        self, sign_in: SignIn, cast: Cast, state: UnitState, words: str
    ) -> None:
        known = cast.unit["available"]
        with transaction() as session:
            session.get_one(Unit, known.id).state = state
        for login in ("therapist", "clerk"):
            page = sign_in(login).get(f"/desk/units/{known.code}").text
            assert (words in page) is (login == "therapist" or state is not UnitState.AVAILABLE)
            assert page.count("要先做完清洗") == (state is UnitState.DIRTY)
            may_work = login == "clerk" and state not in {UnitState.AVAILABLE, UnitState.SCRAPPED}
            assert (f"/upkeep/{known.code}" in page) is may_work

    def test_is_said_of_a_unit_kept_apart(self, sign_in: SignIn, cast: Cast) -> None:
        with transaction() as session:
            session.get_one(Unit, cast.unit["available"].id).state = UnitState.QUARANTINE
        page = sign_in("cleaner").get("/upkeep?what=repair").text
        assert "解除隔离后清洗" in page
        assert "修好后清洗" in page
