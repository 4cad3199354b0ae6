"""Pages of units climb the ladder: works, anonymous, wrong role, unknown, bad input, wrong verb."""

import re
from collections.abc import Callable

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import event

from rental.foundation.codes import CodeKind, new_code
from rental.foundation.database import db, reading
from rental.inventory import presenters, queries
from rental.inventory.policy import (
    ACTION_WORDS,
    STATE_LOOKS,
    STATE_WORDS,
    UnitAction,
    UnitState,
    actions,
)
from rental.journal.queries import history
from rental.places import queries as places
from rental.places.policy import ZoneKind
from tests.cast import Cast

SignIn = Callable[[str], FlaskClient]

BAD = ["x" * 3000, "../../etc/passwd", "%00", "😀" * 8, "R-22222222", "7K3M9QXB", "-", "%E4%B8"]


class TestDevicePage:
    def test_greets_a_stranger_without_state_or_person(
        self, client: FlaskClient, cast: Cast
    ) -> None:
        page = client.get(f"/u/{cast.unit['on_loan'].code}")
        assert page.status_code == 200
        assert "轻便" in page.text
        assert "tel:" in page.text
        for secret in ("李建国", "已借出", "2026年12月11日", "clerk"):
            assert secret not in page.text

    def test_takes_lower_case(self, client: FlaskClient, cast: Cast) -> None:
        page = client.get(f"/u/{cast.unit['available'].code.lower()}")
        assert page.status_code == 200

    def test_asks_the_database_once_for_a_stranger(self, client: FlaskClient, cast: Cast) -> None:
        address = f"/u/{cast.unit['available'].code}"
        client.get(address)  # fills what is kept of catalogue and places
        asked: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
            if statement.lstrip().upper().startswith("SELECT"):
                asked.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            client.get(address)
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        assert len(asked) == 1

    def test_a_first_visit_sees_what_others_see(self, client: FlaskClient, cast: Cast) -> None:
        for code in [unit.code for unit in cast.unit.values()]:
            kept = client.get(f"/u/{code}").text
            fresh = client.get(f"/u/{code}?again").text
            assert kept.count(code) == 2
            assert kept == fresh.replace(f"/u/{code}?again", f"/u/{code}")

    def test_looks_the_same_to_a_resident(self, sign_in: SignIn, cast: Cast) -> None:
        page = sign_in("sun-lei").get(f"/u/{cast.unit['on_loan'].code}")
        assert page.status_code == 200
        assert "已借出" not in page.text

    @pytest.mark.parametrize(
        "login", ["clerk", "cleaner", "technician", "therapist", "manager", "reviewer"]
    )
    def test_tells_staff_state_and_history(self, sign_in: SignIn, cast: Cast, login: str) -> None:
        page = sign_in(login).get(f"/u/{cast.unit['on_loan'].code}")
        assert page.status_code == 200
        assert "已借出" in page.text
        assert "李建国" not in page.text

    def test_says_the_day_in_the_history_as_everywhere(self, sign_in: SignIn, cast: Cast) -> None:
        sign_in("li-jianguo").post(f"/loans/{cast.loan.code}/renew")
        page = sign_in("clerk").get(f"/u/{cast.unit['on_loan'].code}").text
        assert re.search(r"应还日期：\d{4}年\d{1,2}月\d{1,2}日 星期", page)
        assert not re.search(r"应还日期：\d{4}-", page)

    @pytest.mark.parametrize(
        ("login", "opened"),
        [("clerk", {"/units", "loan", "label"}), ("manager", {"/units", "loan", "label"}),
         ("cleaner", {"/units", "label"}), ("therapist", {"/units", "loan"}),
         ("reviewer", set()), ("grid-worker", set())],
    )  # fmt: skip
    def test_links_only_what_the_reader_may_open(
        self, sign_in: SignIn, cast: Cast, login: str, opened: set[str]
    ) -> None:
        code = cast.unit["on_loan"].code
        page = sign_in(login).get(f"/u/{code}").text
        links = {"/units": "/units", "loan": f"/u/{code}/loan", "label": f"/units/{code}/label"}
        assert {name for name, href in links.items() if f'href="{href}"' in page} == opened

    @pytest.mark.parametrize("state", list(UnitState))
    def test_leads_to_every_next_step(self, app: APIFlask, cast: Cast, state: UnitState) -> None:
        manager, code = cast.actor("manager"), cast.unit["available"].code
        with app.test_request_context():
            for out in (False, True):
                shown = presenters.buttons(state, by=manager, code=code, out=out)
                may = set(actions(state, by=manager, out=out)) - {UnitAction.MOVE_ZONE}
                assert [each.text for each in shown] == [
                    ACTION_WORDS[action] for action in UnitAction if action in may
                ]
                assert all(code in each.href for each in shown)

    def test_shows_every_state_of_the_cast(self, sign_in: SignIn, cast: Cast) -> None:
        for known in cast.unit.values():
            assert sign_in("manager").get(f"/u/{known.code}").status_code == 200

    def test_says_what_to_do_with_an_unknown_code(self, client: FlaskClient) -> None:
        page = client.get(f"/u/{new_code(CodeKind.UNIT)}")
        assert page.status_code == 404
        assert "没有这件器具" in page.text
        assert "打电话" in page.text

    @pytest.mark.parametrize("code", BAD)
    def test_is_friendly_to_nonsense(self, client: FlaskClient, code: str) -> None:
        page = client.get(f"/u/{code}")
        assert page.status_code == 404

    def test_leads_from_a_typed_code(self, client: FlaskClient, cast: Cast) -> None:
        code = cast.unit["available"].code
        page = client.get("/u", query_string={"code": f" {code[:4]} {code[4:].lower()} "})
        assert page.status_code == 303
        assert page.location.endswith(f"/u/{code}")
        assert client.get("/u?code=12").status_code == 404

    def test_refuses_posts(self, client: FlaskClient, cast: Cast) -> None:
        assert client.post(f"/u/{cast.unit['available'].code}").status_code == 405


class TestList:
    @pytest.mark.parametrize("login", ["clerk", "cleaner", "technician", "therapist", "manager"])
    def test_shows_units(self, sign_in: SignIn, cast: Cast, login: str) -> None:
        page = sign_in(login).get("/units")
        assert page.status_code == 200
        code = cast.unit["dirty"].code
        assert f"/u/{code}" in page.text

    def test_offers_labels_to_those_who_print(self, sign_in: SignIn) -> None:
        assert "/units/labels" in sign_in("cleaner").get("/units").text
        assert "/units/labels" not in sign_in("therapist").get("/units").text

    def test_sends_a_stranger_to_sign_in(self, client: FlaskClient) -> None:
        page = client.get("/units")
        assert page.status_code == 303
        assert "/sign-in" in page.location

    @pytest.mark.parametrize("login", ["wang-guilan", "grid-worker", "reviewer"])
    def test_refuses_others(self, sign_in: SignIn, login: str) -> None:
        assert sign_in(login).get("/units").status_code == 403

    @pytest.mark.parametrize("q", ["qingbian", "轻便", "lightweight"])
    def test_finds_by_name_in_three_writings(self, sign_in: SignIn, cast: Cast, q: str) -> None:
        page = sign_in("clerk").get("/units", query_string={"q": q})
        assert f"/u/{cast.unit['available'].code}" in page.text
        assert f"/u/{cast.unit['last_stick'].code}" not in page.text

    def test_finds_by_code_and_state(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.unit["repair"].code
        for asked in ({"q": code.lower()}, {"state": "repair"}):
            page = sign_in("clerk").get("/units", query_string=asked)
            assert f"/u/{code}" in page.text
            assert f"/u/{cast.unit['dirty'].code}" not in page.text

    def test_says_when_nothing_fits(self, sign_in: SignIn) -> None:
        page = sign_in("clerk").get("/units?state=lost")
        assert "没有符合条件的器具" in page.text

    @pytest.mark.parametrize(
        "query",
        ["page=99999999999999999999", "page=-1", "page=x", "state=nope", "kind=%00", "q=%00%01",
         "q=" + "x" * 3000, "zone=💥", "code=nope", "q=%25_%5C", "category=1"],
    )  # fmt: skip
    def test_survives_nonsense(self, sign_in: SignIn, query: str) -> None:
        assert sign_in("clerk").get(f"/units?{query}").status_code == 200


class TestNew:
    def test_adds_units_ready_to_lend(self, sign_in: SignIn, cast: Cast) -> None:
        manager = sign_in("manager")
        assert manager.get("/units/new").status_code == 200
        form = {
            "kind": "quad-stick", "count": "3", "serial_numbers": "SN1\nSN2\n",
            "intake_passed": "y",
            "bought_on-year": "2026", "bought_on-month": "11", "bought_on-day": "３",
            "load_limit_kg": "１００", "maker": "好步",
        }  # fmt: skip
        page = manager.post("/units/new", data=form)
        assert page.status_code == 303
        wanted = queries.UnitFilter(kind_id=cast.kind["quad-stick"], state=UnitState.AVAILABLE)
        found = queries.units(reading(), wanted=wanted).units
        assert {unit.serial_number for unit in found} >= {"SN1", "SN2"}
        assert len(found) == 4
        acts = [line.act for line in history(reading(), subject=f"unit:{found[0].code}")]
        assert acts == ["released", "intake_inspected", "added"]
        follow = manager.get(page.location)
        assert "已登记 3 件" in follow.text
        assert follow.text.count("SN") >= 2

    def test_adds_once_however_often_the_form_is_sent(self, sign_in: SignIn, cast: Cast) -> None:
        manager = sign_in("manager")
        token = re.search(r'name="once" value="([^"]+)"', manager.get("/units/new").text)
        assert token is not None
        form = {"kind": "quad-stick", "count": "2", "once": token[1]}
        first = manager.post("/units/new", data=form)
        again = manager.post("/units/new", data=form)
        assert (again.status_code, again.location) == (303, first.location)
        assert "没有重复登记" in manager.get(again.location).text
        wanted = queries.UnitFilter(kind_id=cast.kind["quad-stick"])
        assert queries.units(reading(), wanted=wanted).total == 1 + 2
        reading().rollback()
        assert manager.post("/units/new", data={**form, "count": "1"}).status_code == 303
        assert queries.units(reading(), wanted=wanted).total == 1 + 3

    def test_says_beside_the_field_when_a_serial_number_is_known(self, sign_in: SignIn) -> None:
        manager = sign_in("manager")
        form = {"kind": "quad-stick", "count": "1", "serial_numbers": "SAME"}
        assert manager.post("/units/new", data=form).status_code == 303
        page = manager.post("/units/new", data=form)
        assert page.status_code == 422
        assert "已经登记在另一件器具上" in page.text
        assert 'aria-invalid="true"' in page.text

    @pytest.mark.parametrize(
        "change",
        [
            {"count": "0"}, {"count": "201"}, {"count": ""}, {"count": "9" * 40}, {"count": "😀"},
            {"kind": "nope"}, {"kind": ""}, {"maker": "x" * 81}, {"serial_numbers": "A\nA"},
            {"serial_numbers": "A\nB\nC"}, {"serial_numbers": "x" * 61}, {"load_limit_kg": "-3"},
            {"bought_on-year": "2026", "bought_on-month": "2", "bought_on-day": "30"},
            {"expires_on-year": "1", "expires_on-month": "1", "expires_on-day": "1"},
        ],
    )  # fmt: skip
    def test_refuses_nonsense(self, sign_in: SignIn, change: dict[str, str]) -> None:
        form = {"kind": "quad-stick", "count": "2", **change}
        page = sign_in("manager").post("/units/new", data=form)
        assert page.status_code == 422
        assert "有几处需要您改一下" in page.text

    @pytest.mark.parametrize("login", ["clerk", "cleaner", "wang-guilan"])
    def test_is_for_the_manager(self, sign_in: SignIn, login: str) -> None:
        assert sign_in(login).get("/units/new").status_code == 403
        assert sign_in(login).post("/units/new").status_code == 403

    def test_refuses_a_stranger(self, client: FlaskClient) -> None:
        assert client.get("/units/new").status_code == 303
        assert client.post("/units/new").status_code == 401


class TestEdit:
    def test_keeps_corrections(self, sign_in: SignIn, cast: Cast) -> None:
        code, technician = cast.unit["available"].code, sign_in("technician")
        assert technician.get(f"/units/{code}/edit").status_code == 200
        form = {"serial_number": "SN9", "load_limit_kg": "120", "note": "available"}
        page = technician.post(f"/units/{code}/edit", data=form)
        assert page.status_code == 303
        unit = queries.unit(reading(), code=code)
        assert (unit.serial_number, unit.load_limit_kg) == ("SN9", 120)
        assert history(reading(), subject=f"unit:{code}")[0].details == {
            "fields": ["load_limit_kg", "serial_number"]
        }

    def test_answers_404_for_an_unknown_unit(self, sign_in: SignIn) -> None:
        code = new_code(CodeKind.UNIT)
        assert sign_in("manager").get(f"/units/{code}/edit").status_code == 404
        assert sign_in("manager").get("/units/xxx/edit").status_code == 422

    def test_refuses_the_clerk(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.unit["available"].code
        assert sign_in("clerk").post(f"/units/{code}/edit").status_code == 403


class TestZones:
    def zone(self, cast: Cast, kind: ZoneKind) -> str:
        zones = places.zones(reading(), site_id=cast.site_id)
        return next(zone.code for zone in zones if zone.kind is kind)

    def test_notes_where_a_unit_stands(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.unit["available"].code
        zone = self.zone(cast, ZoneKind.SHOWROOM)
        page = sign_in("clerk").post(f"/units/{code}/move-zone", data={"zone": zone})
        assert page.status_code == 303
        assert history(reading(), subject=f"unit:{code}")[0].details == {"zone": zone}

    def test_refuses_and_journals_a_breach(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.unit["dirty"].code
        zone = self.zone(cast, ZoneKind.CLEAN)
        page = sign_in("clerk").post(f"/units/{code}/move-zone", data={"zone": zone})
        assert page.status_code == 409
        assert "还没有放行" in page.text
        unit = queries.unit(reading(), code=code)
        assert unit.zone_id is None
        assert history(reading(), subject=f"unit:{code}")[0].act == "breach"
        listed = sign_in("manager").get("/units?past=breach").text
        assert f'href="/u/{code}"' in listed
        assert f'href="/u/{cast.unit["available"].code}"' not in listed

    @pytest.mark.parametrize("zone", ["", "Z-NOPE", "x" * 500, "\x00"])
    def test_refuses_an_unknown_zone(self, sign_in: SignIn, cast: Cast, zone: str) -> None:
        code = cast.unit["available"].code
        page = sign_in("clerk").post(f"/units/{code}/move-zone", data={"zone": zone})
        assert page.status_code == 422


class TestApi:
    def test_tells_a_clerk_what_comes_next(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.unit["on_loan"].code
        answer = sign_in("clerk").get(f"/api/v1/units/{code.lower()}")
        assert answer.status_code == 200
        assert answer.json is not None
        assert answer.json["state"] == "on_loan"
        assert answer.json["due_on"] == "2026-12-11"
        assert answer.json["kind"]["id"] == "lightweight-wheelchair"
        assert {each["action"]: each["href"] for each in answer.json["actions"]} == {
            "take_back": f"/api/v1/units/{code}/return",
            "report_fault": f"/u/{code}/fault",
        }

    def test_offers_the_cleaner_no_hand_over(self, sign_in: SignIn, cast: Cast) -> None:
        answer = sign_in("cleaner").get(f"/api/v1/units/{cast.unit['dirty'].code}")
        assert answer.json is not None
        assert [each["action"] for each in answer.json["actions"]] == [
            "upkeep",
            "send_to_repair",
            "quarantine",
            "report_fault",
        ]

    def test_tells_a_resident_no_dates(self, sign_in: SignIn, cast: Cast) -> None:
        answer = sign_in("sun-lei").get(f"/api/v1/units/{cast.unit['on_loan'].code}")
        assert answer.json is not None
        assert answer.json["due_on"] is None
        assert [each["action"] for each in answer.json["actions"]] == ["report_fault"]

    def test_refuses_strangers(self, client: FlaskClient, cast: Cast) -> None:
        assert client.get(f"/api/v1/units/{cast.unit['available'].code}").status_code == 401

    def test_refuses_nonsense(self, sign_in: SignIn) -> None:
        clerk = sign_in("clerk")
        assert clerk.get(f"/api/v1/units/{new_code(CodeKind.UNIT)}").status_code == 404
        assert clerk.get("/api/v1/units/xyz").status_code == 422
        assert clerk.get("/api/v1/units/%00").status_code == 422


def test_every_state_has_a_word_and_a_look() -> None:
    assert set(STATE_WORDS) == set(STATE_LOOKS) == set(UnitState)
