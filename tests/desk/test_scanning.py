"""One scan after the other: what the next one is taken for, and what is said when it isn't ours."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from rental.foundation.codes import spaced
from rental.foundation.database import db
from rental.inventory import queries as inventory
from rental.journal import queries as journal
from rental.places.models import Zone
from rental.places.policy import ZoneKind
from tests.cast import Cast

SignIn = Callable[[str], FlaskClient]


def scan(client: FlaskClient, code: str, **more: str) -> TestResponse:
    return client.post("/desk/scan", data={"code": code, **more})


def zone(cast: Cast, kind: ZoneKind) -> Zone:
    found = select(Zone).where(Zone.site_id == cast.site_id, Zone.kind == kind)
    return db.session().scalars(found).one()


class TestReturning:
    @pytest.mark.parametrize("unit", ["dirty", "available", "repair"])
    def test_goes_on_after_what_is_not_out(self, sign_in: SignIn, cast: Cast, unit: str) -> None:
        code = cast.unit[unit].code
        answer = scan(sign_in("clerk"), code, mode="return")
        assert answer.status_code == 422
        assert f"{code} 没有借出，不用归还。请扫下一件。" in answer.text
        assert 'data-scan-result="refused"' in answer.text
        assert 'name="mode" value="return"' in answer.text
        assert "借给谁" not in answer.text

    def test_is_kept_on_the_way(self, sign_in: SignIn, cast: Cast) -> None:
        client, code = sign_in("clerk"), cast.unit["on_loan"].code
        page = client.get(f"/desk/units/{code}/return?mode=return").text
        assert f'action="/desk/units/{code}/return?mode=return"' in page
        assert 'href="/desk?mode=return">先不办' in page
        again = client.post(f"/desk/units/{code}/return?mode=return", data={"condition": "?"})
        assert f'action="/desk/units/{code}/return?mode=return"' in again.text
        assert 'name="mode" value="return"' in client.get(f"/desk/units/{code}?mode=return").text

    def test_is_kept_beside_a_person(self, sign_in: SignIn, cast: Cast) -> None:
        client, code = sign_in("clerk"), cast.resident["li-jianguo"].code
        address = f"/desk/residents/{code}?mode=return"
        assert scan(client, code, mode="return").location == address
        assert scan(client, "李建国", mode="return").location == address
        page = client.get(address).text
        assert "扫要归还的器具" in page
        assert 'name="mode" value="return"' in page
        assert 'name="resident"' not in page
        assert f"/desk/units/{cast.unit['on_loan'].code}/return?mode=return" in page

    def test_goes_on_when_somebody_was_faster(self, sign_in: SignIn, cast: Cast) -> None:
        client, code = sign_in("clerk"), cast.unit["available"].code
        answer = client.get(f"/desk/units/{code}/return?mode=return")
        assert answer.location == "/desk?mode=return"
        assert f"{code} 没有借出，不用归还" in client.get(answer.location).text


class TestEveryPageOfTheDesk:
    def test_that_waits_for_its_button_takes_the_same_code_for_it(
        self, sign_in: SignIn, cast: Cast
    ) -> None:
        client, free = sign_in("clerk"), cast.unit["available"].code
        lent, person = cast.unit["on_loan"].code, cast.resident["wang-guilan"].code
        for address, code, button in (
            (f"/desk/units/{lent}/return", lent, "确认归还"),
            (f"/desk/residents/{person}/issue?unit={free}", free, "确认借出"),
        ):
            page = client.get(address).text
            assert f'data-scan-confirm="{code}"' in page
            assert f"这一件还没办完：先按“{button}”，再扫下一件。" in page
            assert "scan.js" in page

    def test_that_refuses_takes_another_unit(self, sign_in: SignIn, cast: Cast) -> None:
        person, code = cast.resident["wang-guilan"].code, cast.unit["dirty"].code
        page = sign_in("clerk").get(f"/desk/residents/{person}/issue?unit={code}").text
        assert "data-scan-input" in page
        assert f'name="resident" value="{person}"' in page
        assert "data-scan-confirm" not in page

    @pytest.mark.parametrize("login", ["clerk", "therapist"])
    @pytest.mark.parametrize("unit", ["available", "on_loan", "dirty"])
    def test_has_a_scan_box(self, sign_in: SignIn, cast: Cast, login: str, unit: str) -> None:
        client = sign_in(login)
        for address in (
            f"/desk/units/{cast.unit[unit].code}",
            f"/desk/residents/{cast.resident['wang-guilan'].code}",
        ):
            assert client.get(address).text.count("data-scan-input") == 1


class TestWashing:
    @pytest.mark.parametrize("login", ["clerk", "cleaner", "technician", "manager"])
    def test_leads_from_unit_to_unit(self, sign_in: SignIn, cast: Cast, login: str) -> None:
        client, code = sign_in(login), cast.unit["dirty"].code
        for address in ("/upkeep", f"/upkeep/{cast.unit['repair'].code}"):
            answer = client.get(address)
            assert "data-scan-input" in answer.text
            assert 'name="mode" value="upkeep"' in answer.text
            assert "scan.js" in answer.text
            assert "'wasm-unsafe-eval'" in answer.headers["Content-Security-Policy"]
        assert scan(client, code, mode="upkeep").location == f"/upkeep/{code}"

    def test_stays_after_a_misread_code(self, sign_in: SignIn) -> None:
        answer = scan(sign_in("clerk"), "7K3M9QXB", mode="upkeep")
        assert 'name="mode" value="upkeep"' in answer.text
        assert "扫要清洗检查的器具" in answer.text


class TestPlacing:
    def test_asks_before_it_writes(self, sign_in: SignIn, cast: Cast) -> None:
        client, unit = sign_in("clerk"), cast.unit["available"]
        there = zone(cast, ZoneKind.SHOWROOM)
        answer = scan(client, there.code, unit=unit.code)
        assert answer.location == f"/desk/units/{unit.code}/place?zone={there.code}"
        page = client.get(answer.location).text
        assert f"把 {spaced(unit.code)} 放到{there.zh}？" in page
        assert f'action="/units/{unit.code}/move-zone"' in page
        assert f'data-scan-confirm="{unit.code} {there.code}"' in page
        assert inventory.unit(db.session(), code=unit.code).zone_id != there.id

    def test_goes_on_where_the_unit_was_scanned(self, sign_in: SignIn, cast: Cast) -> None:
        client, unit = sign_in("cleaner"), cast.unit["dirty"]
        there = zone(cast, ZoneKind.DIRTY)
        address = scan(client, there.code, here=unit.code, mode="upkeep").location
        assert address
        after = f"/upkeep/{unit.code}"
        assert f'name="next" value="{after}"' in client.get(address).text
        data = {"zone": there.code, "next": after}
        answer = client.post(f"/units/{unit.code}/move-zone", data=data)
        assert (answer.status_code, answer.location) == (303, after)
        assert "区域已经记下。" in client.get(after).text
        assert inventory.unit(db.session(), code=unit.code).zone_id == there.id

    def test_goes_nowhere_else(self, sign_in: SignIn, cast: Cast) -> None:
        unit, there = cast.unit["available"], zone(cast, ZoneKind.SHOWROOM)
        data = {"zone": there.code, "next": "https://elsewhere.example/"}
        answer = sign_in("clerk").post(f"/units/{unit.code}/move-zone", data=data)
        assert answer.location == f"/u/{unit.code}"

    def test_says_and_keeps_a_breach(self, sign_in: SignIn, cast: Cast) -> None:
        client, unit = sign_in("cleaner"), cast.unit["dirty"]
        there = zone(cast, ZoneKind.CLEAN)
        address = scan(client, there.code, here=unit.code).location
        assert address
        assert client.get(address).status_code == 200
        answer = client.post(f"/units/{unit.code}/move-zone", data={"zone": there.code})
        assert answer.status_code == 409
        assert "不能放进净区或展厅，这次已经记录" in answer.text
        kept = journal.history(db.session(), subject=f"unit:{unit.code}")
        assert [each.act for each in kept] == ["breach"]

    @pytest.mark.parametrize("wrong", ["", "Z-22222222", "x" * 300, "%00"])
    def test_does_not_know_strange_zones(self, sign_in: SignIn, cast: Cast, wrong: str) -> None:
        address = f"/desk/units/{cast.unit['available'].code}/place"
        answer = sign_in("clerk").get(address, query_string={"zone": wrong})
        assert answer.status_code == 422

    @pytest.mark.parametrize("login", ["therapist", "wang-guilan"])
    def test_is_for_who_has_units_in_hand(self, sign_in: SignIn, cast: Cast, login: str) -> None:
        address = f"/desk/units/{cast.unit['available'].code}/place"
        query = {"zone": zone(cast, ZoneKind.SHOWROOM).code}
        assert sign_in(login).get(address, query_string=query).status_code == 403


class TestWhatIsNotOurs:
    @pytest.mark.parametrize("login", ["clerk", "cleaner"])
    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("HTTPS://WEIXIN.QQ.COM/R/ABCDEFG", "这不是我们的二维码。请扫器具标签或居民卡。"),
            ("https://u.wechat.com/MABCDEFG", "这不是我们的二维码。请扫器具标签或居民卡。"),
            ("https://x.cn/" + "x" * 400, "这不是我们的二维码。请扫器具标签或居民卡。"),
            ("6901234567890", "这是商品条码，请扫我们贴的标签。"),
        ],
    )
    def test_is_called_so(self, sign_in: SignIn, login: str, text: str, sentence: str) -> None:
        answer = scan(sign_in(login), text)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert "先登记" not in answer.text

    def test_is_not_a_label_of_ours_misread(self, sign_in: SignIn) -> None:
        answer = scan(sign_in("clerk"), "https://rental.example/u/7K3M9QXB")
        assert "照着标签重新输入" in answer.text
