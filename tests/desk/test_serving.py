"""Scanning, handing over and taking back at the desk."""

import io

import pytest
import qrcode
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select, update

from rental.foundation.clock import Moment
from rental.foundation.database import db, transaction
from rental.inventory import queries as inventory
from rental.inventory.models import Unit
from rental.inventory.policy import UnitState
from rental.loans import queries as loans
from rental.loans.models import Loan
from rental.people.models import Consent
from rental.people.policy import Purpose
from rental.places.models import Zone
from rental.reservations.models import Reservation
from rental.reservations.policy import ReservationState
from rental.upkeep import service as upkeep
from tests.cast import Cast
from tests.desk.steps import DAY, SignIn, reserve


def scan(client: FlaskClient, code: str, **more: str) -> str | None:
    answer = client.post("/desk/scan", data={"code": code, **more})
    return answer.location if answer.status_code == 303 else None


class TestScan:
    def test_leads_to_the_unit(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.unit["available"].code
        for text in (
            code,
            code.lower(),
            f"https://rental.example/u/{code}",
            f" {code[:4]} {code[4:]}",
        ):
            assert scan(sign_in("clerk"), text) == f"/desk/units/{code}"

    def test_leads_to_the_return_in_return_mode(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.unit["on_loan"].code
        expected = f"/desk/units/{code}/return?mode=return"
        assert scan(sign_in("clerk"), code, mode="return") == expected

    def test_leads_to_the_return_of_what_a_borrower_lost(self, sign_in: SignIn, cast: Cast) -> None:
        clerk, code = sign_in("clerk"), cast.unit["on_loan"].code
        clerk.post(f"/loans/{cast.loan.code}/lost", data={"reason": "搬家时弄丢了"})
        assert scan(clerk, code, mode="return") == f"/desk/units/{code}/return?mode=return"
        assert clerk.get(f"/desk/units/{code}/return").status_code == 200
        assert f'href="/desk/units/{code}/return"' in clerk.get(f"/u/{code}").text
        assert "找到了，办归还" in clerk.get(f"/desk/units/{code}").text
        page = sign_in("cleaner").get(f"/upkeep/{code}").text
        assert "请先拿到窗口办归还" in page
        assert "back-to-wash" not in page

    def test_leads_to_the_wash_room_with_what_was_lost_from_the_shelf(
        self, sign_in: SignIn, cast: Cast
    ) -> None:
        clerk, code = sign_in("clerk"), cast.unit["available"].code
        with transaction() as session:
            session.get_one(Unit, cast.unit["available"].id).state = UnitState.LOST
        assert scan(clerk, code, mode="return") == f"/desk/units/{code}?mode=return"
        assert clerk.get(f"/desk/units/{code}/return").status_code == 303
        assert "看清洗检查进度" in clerk.get(f"/desk/units/{code}").text
        assert f"/upkeep/{code}/back-to-wash" in clerk.get(f"/u/{code}").text

    def test_leads_cleaners_to_the_wash_room(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.unit["dirty"].code
        assert scan(sign_in("cleaner"), code) == f"/upkeep/{code}"

    def test_leads_to_the_person(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.resident["wang-guilan"].code
        assert scan(sign_in("clerk"), code) == f"/desk/residents/{code}"
        assert scan(sign_in("clerk"), f"https://x.cn/r/{code}") == f"/desk/residents/{code}"

    def test_brings_person_and_unit_together(self, sign_in: SignIn, cast: Cast) -> None:
        unit, person = cast.unit["available"].code, cast.resident["wang-guilan"].code
        expected = f"/desk/residents/{person}/issue?unit={unit}"
        client = sign_in("clerk")
        assert scan(client, unit, resident=person) == expected
        assert scan(client, person, unit=unit) == expected
        assert scan(client, "王桂兰", unit=unit) == expected

    def test_leads_from_papers(self, sign_in: SignIn, cast: Cast, at: Moment) -> None:
        promised = reserve(cast, at)
        person = cast.resident["wang-guilan"].code
        client = sign_in("clerk")
        assert scan(client, promised) == f"/desk/residents/{person}?reservation={promised}"
        assert scan(client, cast.loan.code) == f"/loans/{cast.loan.code}"

    def test_leads_to_a_zone(self, sign_in: SignIn) -> None:
        code = db.session().scalars(select(Zone.code)).first()
        assert code is not None
        assert scan(sign_in("cleaner"), code) == f"/units?zone={code}"

    def test_obeys_commands(self, sign_in: SignIn) -> None:
        client = sign_in("clerk")
        assert scan(client, "C-RETURN") == "/desk?mode=return"
        assert scan(client, "C-HOME") == "/desk"

    @pytest.mark.parametrize("text", ["王桂兰", "wgl", "WGL", "13900000001"])
    def test_finds_a_person_by_name_or_telephone(
        self, sign_in: SignIn, cast: Cast, text: str
    ) -> None:
        person = cast.resident["wang-guilan"].code
        assert scan(sign_in("clerk"), text) == f"/desk/residents/{person}"

    def test_asks_which_person(self, sign_in: SignIn, cast: Cast) -> None:
        with transaction() as session:
            from rental.people.models import Resident

            session.get_one(Resident, cast.resident["zhao-min"].id).name = "王敏"
        answer = sign_in("clerk").post("/desk/scan", data={"code": "王"})
        assert answer.status_code == 200
        assert "是哪一位" in answer.text
        assert cast.resident["wang-guilan"].code in answer.text
        assert cast.resident["zhao-min"].code in answer.text

    @pytest.mark.parametrize(
        "code",
        [
            "", " ", "22222222", "7K3M9QXB", "R-22222222", "L-22222222", "B-22222222", "张无忌",
            "C-EXPLODE", "😀", "\x00", "x" * 300, "<script>", "%00", "D-22222222", "A-22222222",
        ],
    )  # fmt: skip
    def test_stays_on_the_desk_with_a_sentence(self, sign_in: SignIn, code: str) -> None:
        answer = sign_in("clerk").post("/desk/scan", data={"code": code})
        assert answer.status_code == 422
        assert 'data-scan-result="refused"' in answer.text

    def test_says_nothing_of_people_to_cleaners(self, sign_in: SignIn, cast: Cast) -> None:
        for text in ("王桂兰", cast.resident["wang-guilan"].code):
            answer = sign_in("cleaner").post("/desk/scan", data={"code": text})
            assert answer.status_code == 422
            assert "王" not in answer.text.split("data-scan-result")[1][:400]

    def test_forgets_forged_fields(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.unit["available"].code
        found = scan(sign_in("clerk"), code, resident="<b>", unit="x" * 999, mode="?")
        assert found == f"/desk/units/{code}"

    def test_reads_a_photo(self, sign_in: SignIn, cast: Cast) -> None:
        code, out = cast.unit["available"].code, io.BytesIO()
        qrcode.make(f"https://rental.example/u/{code}").save(out)
        out.seek(0)
        answer = sign_in("clerk").post("/desk/scan", data={"code": "", "photo": (out, "x.png")})
        assert (answer.status_code, answer.location) == (303, f"/desk/units/{code}")

    def test_refuses_what_is_no_photo(self, sign_in: SignIn) -> None:
        file = (io.BytesIO(b"%PDF-1.7"), "x.png")
        answer = sign_in("clerk").post("/desk/scan", data={"photo": file})
        assert answer.status_code == 422
        assert "不是能看的照片" in answer.text

    def test_is_for_staff_of_the_point(self, sign_in: SignIn, client: FlaskClient) -> None:
        assert sign_in("wang-guilan").post("/desk/scan", data={"code": "x"}).status_code == 403
        assert client.post("/desk/scan", data={"code": "x"}).status_code == 401
        assert sign_in("clerk").get("/desk/scan").status_code == 405


class TestPerson:
    def test_says_how_the_person_stands(self, sign_in: SignIn, cast: Cast, at: Moment) -> None:
        promised = reserve(cast, at)
        address = f"/desk/residents/{cast.resident['wang-guilan'].code}"
        page = sign_in("clerk").get(f"{address}?reservation={promised}").text
        assert "王桂兰" in page
        assert "可以借" in page
        assert "就是刚扫的这个预约" in page
        assert "139****0001" in page
        assert "13900000001" not in page

    def test_says_what_is_missing(self, sign_in: SignIn, cast: Cast) -> None:
        with transaction() as session:
            session.query(Consent).delete()
        page = sign_in("clerk").get(f"/desk/residents/{cast.resident['sun-lei'].code}").text
        assert "还没有资格" in page
        assert "还没签同意书" in page
        code = cast.resident["sun-lei"].code
        assert f"/residents/{code}/consent?next=/desk/residents/{code}" in page

    @pytest.mark.parametrize("purpose", list(Purpose))
    def test_says_that_one_of_two_consents_is_missing(
        self, sign_in: SignIn, cast: Cast, purpose: Purpose
    ) -> None:
        with transaction() as session:
            session.query(Consent).where(Consent.purpose == purpose).delete()
        page = sign_in("clerk").get(f"/desk/residents/{cast.resident['wang-guilan'].code}").text
        assert "还没签同意书" in page

    def test_shows_the_loans(self, sign_in: SignIn, cast: Cast) -> None:
        page = sign_in("clerk").get(f"/desk/residents/{cast.resident['li-jianguo'].code}").text
        assert cast.unit["on_loan"].code in page

    @pytest.mark.parametrize("login", ["cleaner", "wang-guilan", "grid-worker", "reviewer"])
    def test_is_for_the_desk(self, sign_in: SignIn, cast: Cast, login: str) -> None:
        address = f"/desk/residents/{cast.resident['wang-guilan'].code}"
        assert sign_in(login).get(address).status_code == 403

    @pytest.mark.parametrize("code", ["R-22222222", "x", "%00"])
    def test_does_not_know_strange_codes(self, sign_in: SignIn, code: str) -> None:
        assert sign_in("clerk").get(f"/desk/residents/{code}").status_code == 404


class TestUnit:
    @pytest.mark.parametrize(
        ("unit", "words"),
        [
            ("available", "借给谁？扫居民卡"),
            ("on_loan", "办归还"),
            ("dirty", "看清洗检查进度"),
            ("new", "看清洗检查进度"),
            ("repair", "看清洗检查进度"),
        ],
    )
    def test_offers_what_comes_next(
        self, sign_in: SignIn, cast: Cast, unit: str, words: str
    ) -> None:
        page = sign_in("clerk").get(f"/desk/units/{cast.unit[unit].code}")
        assert page.status_code == 200
        assert words in page.text

    def test_is_for_the_desk(self, sign_in: SignIn, cast: Cast) -> None:
        address = f"/desk/units/{cast.unit['available'].code}"
        assert sign_in("li-jianguo").get(address).status_code == 403

    @pytest.mark.parametrize("code", ["22222222", "x", "R-22222222", "%00"])
    def test_does_not_know_strange_codes(self, sign_in: SignIn, code: str) -> None:
        assert sign_in("clerk").get(f"/desk/units/{code}").status_code == 404


def issue_address(cast: Cast, who: str = "wang-guilan") -> str:
    return f"/desk/residents/{cast.resident[who].code}/issue"


class TestIssue:
    def test_asks_once_more(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.unit["available"].code
        page = sign_in("clerk").get(f"{issue_address(cast)}?unit={code}").text
        assert "确认借出" in page
        assert "王桂兰" in page
        assert "配件" in page

    def test_hands_over(self, sign_in: SignIn, cast: Cast) -> None:
        client, code = sign_in("clerk"), cast.unit["available"].code
        answer = client.post(issue_address(cast), data={"unit": code})
        assert answer.status_code == 303
        page = client.get(answer.location).text
        assert 'data-scan-result="ok"' in page
        assert "打印领用单" in page
        assert inventory.unit(db.session(), code=code).state is UnitState.ON_LOAN

    def test_says_that_it_is_done_when_sent_twice(self, sign_in: SignIn, cast: Cast) -> None:
        client, data = sign_in("clerk"), {"unit": cast.unit["available"].code}
        client.post(issue_address(cast), data=data)
        answer = client.post(issue_address(cast), data=data)
        assert answer.status_code == 303
        assert 'data-scan-result="again"' in client.get(answer.location).text
        assert len(db.session().scalars(select(Loan.id)).all()) == 2

    def test_says_what_stands_against_it(self, sign_in: SignIn, cast: Cast) -> None:
        client, code = sign_in("clerk"), cast.unit["dirty"].code
        shown = client.get(f"{issue_address(cast, 'sun-lei')}?unit={code}").text
        answer = client.post(issue_address(cast, "sun-lei"), data={"unit": code})
        assert answer.status_code == 409
        for page in (shown, answer.text):
            assert "还没有放行" in page
            assert "还没有审核通过的租借资格" in page
            assert "按特殊情况登记" in page
            assert "确认借出" not in page

    def test_shows_no_way_past_a_hard_stop(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.unit["on_loan"].code
        page = sign_in("clerk").get(f"{issue_address(cast)}?unit={code}").text
        assert "还在租借中" in page
        assert "按特殊情况" not in page
        assert "确认借出" not in page

    def test_records_a_forced_hand_over(self, sign_in: SignIn, cast: Cast) -> None:
        client, code = sign_in("clerk"), cast.unit["dirty"].code
        data = {"unit": code, "force_reason": "夜里急用已经拿走"}
        answer = client.post(issue_address(cast), data=data)
        assert answer.status_code == 303
        assert "夜里急用已经拿走" in client.get(answer.location).text

    @pytest.mark.parametrize("reason", ["急", "长" * 201])
    def test_refuses_a_poor_reason(self, sign_in: SignIn, cast: Cast, reason: str) -> None:
        data = {"unit": cast.unit["dirty"].code, "force_reason": reason}
        answer = sign_in("clerk").post(issue_address(cast), data=data)
        assert answer.status_code == 422
        assert 'id="force_reason-error"' in answer.text

    def test_asks_for_the_reason_that_was_left_out(self, sign_in: SignIn, cast: Cast) -> None:
        client, late = sign_in("clerk"), {"due_on-year": "2027", "due_on-month": "10"}
        for unit, more in (("dirty", {}), ("available", {**late, "due_on-day": "12"})):
            data = {"unit": cast.unit[unit].code, "force_reason": " ", "forced": "1", **more}
            answer = client.post(issue_address(cast), data=data)
            assert answer.status_code == 422
            assert 'id="force_reason-error"' in answer.text
            assert 'href="#force_reason"' in answer.text
            reason = answer.text.split('name="force_reason"')[0]
            assert reason.rindex("<details") == reason.rindex('<details class="govuk-details" open')
            assert "按特殊情况借出" in answer.text
            short = client.post(issue_address(cast), data={**data, "force_reason": "急"})
            assert 'href="#force_reason"' in short.text
            assert 'name="force_reason"' in short.text
            assert inventory.unit(db.session(), code=data["unit"]).state is not UnitState.ON_LOAN

    @pytest.mark.parametrize("hour", [10, 16])
    def test_leads_to_the_change_of_a_reservation_that_begins_later(
        self, sign_in: SignIn, cast: Cast, at: Moment, hour: int
    ) -> None:
        promised, unit = reserve(cast, at), cast.unit["available"].code
        with transaction() as session:
            row = session.scalars(select(Reservation)).one()
            row.starts_on = row.slot_on = at.on + 7 * DAY
            row.ends_on, row.blocked_until = at.on + 20 * DAY, at.on + 21 * DAY
            row.hold_until = at.on + 9 * DAY
        with time_machine.travel(f"2026-12-01T{hour}:00+08:00", tick=False):
            client = sign_in("clerk")
            page = client.get(f"{issue_address(cast)}?unit={unit}").text
            change = f"/reservations/{promised}/change"
            assert f'href="{change}?start=2026-12-01"' in page
            assert 'value="2026-12-01" checked' in client.get(f"{change}?start=2026-12-01").text
            wish = {"start": "2026-12-01", "days": "14"}
            visit = client.get(change, query_string=wish).text
            slot = visit.split('name="slot" value="')[1].split('"')[0]
            assert client.post(change, data={**wish, "slot": slot}).status_code == 303
            assert client.post(issue_address(cast), data={"unit": unit}).status_code == 303

    def test_leads_from_a_packed_reservation_to_no_change(
        self, sign_in: SignIn, cast: Cast, at: Moment
    ) -> None:
        reserve(cast, at)
        with transaction() as session:
            row = session.scalars(select(Reservation)).one()
            row.state, row.starts_on = ReservationState.PACKED, at.on + 7 * DAY
        code = cast.unit["available"].code
        page = sign_in("clerk").get(f"{issue_address(cast)}?unit={code}").text
        assert "才开始" in page
        assert "/change" not in page

    def test_asks_whether_the_resident_was_taught(self, sign_in: SignIn, cast: Cast) -> None:
        client, code = sign_in("clerk"), cast.unit["oxygen"].code
        page = client.get(f"{issue_address(cast)}?unit={code}").text
        assert "当面教会使用" in page
        assert "确认借出" in page
        refused = client.post(issue_address(cast), data={"unit": code})
        assert refused.status_code == 409
        assert 'id="taught-error"' in refused.text
        taught = client.post(issue_address(cast), data={"unit": code, "taught": "y"})
        assert taught.status_code == 303

    def test_asks_for_the_weight_where_the_unit_bears_only_so_much(
        self, sign_in: SignIn, cast: Cast
    ) -> None:
        client, code = sign_in("clerk"), cast.unit["available"].code
        asked = f"{issue_address(cast)}?unit={code}"
        assert "体重" not in client.get(asked).text
        with transaction() as session:
            session.execute(update(Unit).values(load_limit_kg=100))
        assert "这件最多承重 100 公斤，使用者体重多少公斤？" in client.get(asked).text
        for said, status in (("", 409), ("重", 422), ("0", 422), ("9" * 40, 422), ("101", 409)):
            data = {"unit": code, "resident_kg": said, "force_reason": "家属坚持要借走"}
            answer = client.post(issue_address(cast), data=data)
            assert answer.status_code == status
            assert 'id="resident_kg-error"' in answer.text
            assert "确认借出" in answer.text
        data = {"unit": code, "resident_kg": " １００ "}
        assert client.post(issue_address(cast), data=data).status_code == 303

    def test_asks_why_a_loan_is_longer_than_allowed(self, sign_in: SignIn, cast: Cast) -> None:
        client = sign_in("clerk")
        data = {
            "unit": cast.unit["available"].code,
            "due_on-year": "2027", "due_on-month": "10", "due_on-day": "12",
        }  # fmt: skip
        refused = client.post(issue_address(cast), data=data)
        assert refused.status_code == 422
        assert 'id="due_on-error"' in refused.text
        assert 'name="force_reason"' in refused.text
        answer = client.post(issue_address(cast), data=data | {"force_reason": "住院期间都要用"})
        assert "住院期间都要用" in client.get(answer.location).text

    def test_leads_to_an_open_fault(self, sign_in: SignIn, cast: Cast, at: Moment) -> None:
        client, code = sign_in("clerk"), cast.unit["available"].code
        with transaction() as session:
            upkeep.report_fault(
                session, unit_code=code, what="刹车失灵", by=cast.actor("clerk"), at=at
            )
        page = client.get(f"{issue_address(cast)}?unit={code}").text
        assert "看故障说明" in page
        assert "按特殊情况登记" in page

    def test_takes_another_due_date(self, sign_in: SignIn, cast: Cast) -> None:
        data = {
            "unit": cast.unit["available"].code,
            "due_on-year": "2026", "due_on-month": "12", "due_on-day": "２２",
        }  # fmt: skip
        client = sign_in("clerk")
        assert (
            "2026年12月22日"
            in client.get(client.post(issue_address(cast), data=data).location).text
        )

    @pytest.mark.parametrize(
        ("year", "month", "day"), [("2026", "2", "30"), ("2026", "11", "1"), ("9999", "1", "1")]
    )
    def test_refuses_an_impossible_due_date(
        self, sign_in: SignIn, cast: Cast, year: str, month: str, day: str
    ) -> None:
        data = {
            "unit": cast.unit["available"].code,
            "due_on-year": year, "due_on-month": month, "due_on-day": day,
        }  # fmt: skip
        answer = sign_in("clerk").post(issue_address(cast), data=data)
        assert answer.status_code == 422
        assert 'id="due_on-error"' in answer.text

    @pytest.mark.parametrize("code", ["", "22222222", "x", "\x00"])
    def test_does_not_know_strange_units(self, sign_in: SignIn, cast: Cast, code: str) -> None:
        client = sign_in("clerk")
        assert client.get(issue_address(cast), query_string={"unit": code}).status_code == 404
        assert client.post(issue_address(cast), data={"unit": code}).status_code == 404

    @pytest.mark.parametrize("login", ["therapist", "cleaner", "wang-guilan"])
    def test_is_for_the_desk(self, sign_in: SignIn, cast: Cast, login: str) -> None:
        data = {"unit": cast.unit["available"].code}
        client = sign_in(login)
        assert client.get(issue_address(cast), query_string=data).status_code == 403
        assert client.post(issue_address(cast), data=data).status_code == 403


class TestReturn:
    def test_asks_how_it_looks(self, sign_in: SignIn, cast: Cast) -> None:
        page = sign_in("clerk").get(f"/desk/units/{cast.unit['on_loan'].code}/return").text
        assert "完好" in page
        assert " checked" not in page
        assert "确认归还" in page
        assert "缺少的配件" in page

    def test_takes_back(self, sign_in: SignIn, cast: Cast) -> None:
        client, code = sign_in("clerk"), cast.unit["on_loan"].code
        form = client.get(f"/desk/units/{code}/return").text
        accessory = form.split('name="missing" value="')[1].split('"')[0]
        data = {"condition": "damaged", "missing": [accessory, "forged"], "note": "刹车松"}
        answer = client.post(f"/desk/units/{code}/return", data=data)
        assert answer.status_code == 303
        page = client.get(answer.location).text
        assert "已归还，待清洗" in page
        assert 'data-scan-result="ok"' in page
        loan = loans.loan(db.session(), code=cast.loan.code)
        assert (loan.missing, loan.return_note) == ((accessory,), "刹车松")

    def test_leads_back_when_it_is_in(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.unit["available"].code
        answer = sign_in("clerk").get(f"/desk/units/{code}/return")
        assert (answer.status_code, answer.location) == (303, f"/desk/units/{code}")

    @pytest.mark.parametrize(
        "data", [{}, {"condition": "perfect"}, {"condition": "good", "note": "长" * 201}]
    )
    def test_refuses_bad_input(self, sign_in: SignIn, cast: Cast, data: dict[str, str]) -> None:
        answer = sign_in("clerk").post(f"/desk/units/{cast.unit['on_loan'].code}/return", data=data)
        assert answer.status_code == 422
        assert "错误：" in answer.text

    def test_says_when_somebody_was_faster(self, sign_in: SignIn, cast: Cast) -> None:
        client, address = sign_in("clerk"), f"/desk/units/{cast.unit['on_loan'].code}/return"
        client.post(address, data={"condition": "good"})
        again = client.post(address, data={"condition": "good"})
        assert again.status_code == 409

    @pytest.mark.parametrize("login", ["therapist", "cleaner", "li-jianguo"])
    def test_is_for_the_desk(self, sign_in: SignIn, cast: Cast, login: str) -> None:
        address = f"/desk/units/{cast.unit['on_loan'].code}/return"
        assert sign_in(login).get(address).status_code == 403
        assert sign_in(login).post(address, data={"condition": "good"}).status_code == 403
