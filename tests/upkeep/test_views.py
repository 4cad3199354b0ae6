"""Pages and API of the wash room climb the ladder."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from rental.foundation import clock
from rental.foundation.codes import CodeKind, new_code
from rental.foundation.database import reading, transaction
from rental.inventory import queries as inventory
from rental.inventory.models import Unit
from rental.inventory.policy import UnitState
from rental.places.models import Site
from rental.upkeep import queries, service
from rental.upkeep.models import UpkeepStep
from rental.upkeep.policy import StepKind
from tests.cast import Cast

SignIn = Callable[[str], FlaskClient]

DISINFECT = {"agent": "chlorine", "concentration_mg_l": "500", "contact_minutes": "30"}
WHY = {"reason": "厂家召回，等通知"}
LISTS = ["clean", "disinfect", "inspect", "release", "repair", "faults", "nope", "\x00"]


def state(code: str) -> UnitState:
    session = reading()
    session.rollback()
    return inventory.unit(session, code=code).state


def parts(code: str) -> list[str]:
    from rental.catalogue import queries as catalogue

    unit = inventory.unit(reading(), code=code)
    kind = catalogue.kind_by_id(reading(), kind_id=unit.kind_id)
    return [part.name.zh for part in kind.category.accessories]


def left(code: str) -> tuple[StepKind, ...]:
    session = reading()
    session.rollback()
    return queries.turn_of(session, inventory.unit(session, code=code)).left


def an_hour_passes() -> None:
    """Put every step that was written down an hour into the past: the clock stands."""
    with transaction() as session:
        for row in session.query(UpkeepStep):
            row.done_at -= timedelta(hours=1)


class TestLists:
    @pytest.mark.parametrize("what", LISTS)
    def test_shows_each_list(self, sign_in: SignIn, what: str) -> None:
        assert sign_in("cleaner").get("/upkeep", query_string={"what": what}).status_code == 200

    @pytest.mark.parametrize("login", ["cleaner", "technician", "manager", "clerk"])
    def test_is_for_the_wash_room_and_the_desk(
        self, sign_in: SignIn, cast: Cast, login: str
    ) -> None:
        page = sign_in(login).get("/upkeep")
        assert page.status_code == 200
        assert f"/upkeep/{cast.unit['dirty'].code}" in page.text

    @pytest.mark.parametrize("login", ["wang-guilan", "therapist", "reviewer", "grid-worker"])
    def test_refuses_others(self, sign_in: SignIn, login: str) -> None:
        assert sign_in(login).get("/upkeep").status_code == 403

    def test_sends_a_stranger_to_sign_in(self, client: FlaskClient) -> None:
        assert client.get("/upkeep").status_code == 303

    def test_lists_faults_to_answer(self, sign_in: SignIn, cast: Cast) -> None:
        with transaction() as session:
            service.report_fault(
                session, unit_code=cast.unit["available"].code, what="<b>刹车</b>", by=None,
                at=clock.now(),
            )  # fmt: skip
        page = sign_in("technician").get("/upkeep?what=faults")
        assert "&lt;b&gt;刹车" in page.text

    def test_lists_all_faults_of_the_site_page_by_page(
        self, sign_in: SignIn, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("rental.upkeep.queries.faults.PER_PAGE", 2)
        elsewhere = cast.unit["available_2"]
        for n, unit in enumerate([elsewhere] * 3 + [cast.unit["available"]] * 3):
            with transaction() as session:
                service.report_fault(
                    session, unit_code=unit.code, what=f"坏了{n}", by=None, at=clock.now()
                )
        with transaction() as session:
            away = Site(code="2", zh="二", en="2", address_zh="二", address_en="2", phone="1")
            session.add(away)
            session.flush()
            session.execute(update(Unit).where(Unit.id == elsewhere.id).values(site_id=away.id))
        technician = sign_in("technician")
        first, second = (
            technician.get(f"/upkeep?what=faults&page={n}").text for n in ("1", "9" * 30)
        )
        assert [f"坏了{n}" in first for n in range(6)] == [False, False, False, True, True, False]
        assert [f"坏了{n}" in second for n in range(6)] == [False] * 5 + [True]
        assert ">3<" in first


class TestWork:
    def test_leads_a_unit_to_its_release(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.unit["dirty"].code
        cleaner = sign_in("cleaner")
        for step in left(code):
            page = cleaner.get(f"/upkeep/{code}")
            assert page.status_code == 200
            assert f'name="step" value="{step.value}"' in page.text
            form = {"step": step.value, "result": "pass", **DISINFECT, "accessories": parts(code)}
            an_hour_passes()
            assert cleaner.post(f"/upkeep/{code}/steps", data=form).status_code == 303
        assert state(code) is UnitState.INSPECTED
        page = cleaner.get(f"/upkeep/{code}")
        assert "请另一位同事来放行" in page.text

    def test_releases_with_another_hand(self, sign_in: SignIn, cast: Cast) -> None:
        self.test_leads_a_unit_to_its_release(sign_in, cast)
        code = cast.unit["dirty"].code
        technician = sign_in("technician")
        assert technician.post(f"/upkeep/{code}/release").status_code in {303, 409}

    def test_records_what_is_lacking(self, sign_in: SignIn, cast: Cast) -> None:
        code, cleaner = cast.unit["dirty"].code, sign_in("cleaner")
        for step in left(code):
            form = {"step": step.value, "result": "pass", **DISINFECT}
            an_hour_passes()
            assert cleaner.post(f"/upkeep/{code}/steps", data=form).status_code == 303
        assert list(inventory.unit(reading(), code=code).missing) == parts(code)
        kit = "、".join(parts(code))
        assert f"已经记下。还缺配件：{kit}，补齐后才能放行。" in cleaner.get(f"/upkeep/{code}").text

    def test_says_who_releases_a_complete_unit(self, sign_in: SignIn, cast: Cast) -> None:
        code, technician = cast.unit["new"].code, sign_in("technician")
        form = {"step": "inspect", "result": "pass", "accessories": parts(code)}
        technician.post(f"/upkeep/{code}/steps", data=form)
        page = technician.get(f"/upkeep/{code}")
        assert "步骤都做完了，请另一位同事放行。" in page.text
        assert "还缺配件" not in page.text

    def test_sends_no_new_unit_back_to_a_washing_it_never_had(
        self, sign_in: SignIn, cast: Cast
    ) -> None:
        page = sign_in("technician").get(f"/upkeep/{cast.unit['new'].code}")
        assert "检查做完了，合格" in page.text
        assert "坏了，送修" in page.text
        assert "不干净，退回重新清洗" not in page.text

    def test_offers_the_washing_again_after_one(self, sign_in: SignIn, cast: Cast) -> None:
        code, cleaner = cast.unit["dirty"].code, sign_in("cleaner")
        for step in left(code)[:-1]:
            an_hour_passes()
            form = {"step": step.value, "result": "pass", **DISINFECT}
            cleaner.post(f"/upkeep/{code}/steps", data=form)
        assert "不干净，退回重新清洗" in cleaner.get(f"/upkeep/{code}").text

    def test_fills_in_no_disinfection_that_nobody_measured(
        self, sign_in: SignIn, cast: Cast
    ) -> None:
        code, cleaner = cast.unit["dirty"].code, sign_in("cleaner")
        cleaner.post(f"/upkeep/{code}/steps", data={"step": "clean", "result": "pass"})
        page = cleaner.get(f"/upkeep/{code}")
        assert "250 到 500" in page.text
        for box in ("concentration_mg_l", "contact_minutes"):
            found = re.search(f'<input[^>]*name="{box}"[^>]*>', page.text)
            assert found
            assert not re.search(r'value="[^"]', found[0])
        form = {"step": "disinfect", "result": "pass", "agent": "chlorine"}
        assert cleaner.post(f"/upkeep/{code}/steps", data=form).status_code == 422

    def test_asks_to_wait_until_the_agent_has_worked(self, sign_in: SignIn, cast: Cast) -> None:
        code, cleaner = cast.unit["dirty"].code, sign_in("cleaner")
        cleaner.post(f"/upkeep/{code}/steps", data={"step": "clean", "result": "pass"})
        form = {"step": "disinfect", "result": "pass", **DISINFECT}
        page = cleaner.post(f"/upkeep/{code}/steps", data=form)
        assert page.status_code == 422
        assert "清洗记下到现在才 0 分钟" in page.text
        assert "contact_minutes-error" in page.text
        assert state(code) is UnitState.CLEANING
        an_hour_passes()
        assert cleaner.post(f"/upkeep/{code}/steps", data=form).status_code == 303

    @pytest.mark.parametrize(
        ("form", "status"),
        [
            ({"step": "inspect", "result": "pass"}, 409),
            ({"step": "nope", "result": "pass"}, 422),
            ({"step": "clean", "result": "maybe"}, 422),
            ({}, 422),
            ({"step": "clean", "result": "pass", "note": "x" * 201}, 422),
            ({"step": "clean", "result": "pass", "contact_minutes": "9" * 40}, 422),
            ({"step": "\x00", "result": "\x00"}, 422),
        ],
    )
    def test_refuses_nonsense(
        self, sign_in: SignIn, cast: Cast, form: dict[str, str], status: int
    ) -> None:
        code = cast.unit["dirty"].code
        page = sign_in("cleaner").post(f"/upkeep/{code}/steps", data=form)
        assert page.status_code == status
        assert state(code) is UnitState.DIRTY

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ({"concentration_mg_l": "100"}, "有效氯要在 250 到 500 mg/L 之间"),
            ({"contact_minutes": "10"}, "至少要作用 30 分钟"),
            ({"agent": "nope"}, "请选消毒用的是什么"),
            ({"agent": "uv"}, "剂量至少要 100"),
        ],
    )
    def test_says_beside_the_field_what_is_too_weak(
        self, sign_in: SignIn, cast: Cast, change: dict[str, str], sentence: str
    ) -> None:
        code, cleaner = cast.unit["dirty"].code, sign_in("cleaner")
        for step in left(code):
            form = {"step": step.value, "result": "pass", **DISINFECT}
            if step is StepKind.DISINFECT:
                page = cleaner.post(f"/upkeep/{code}/steps", data={**form, **change})
                assert page.status_code == 422
                assert sentence in page.text
                return
            cleaner.post(f"/upkeep/{code}/steps", data=form)

    def test_refuses_the_clerk_and_strangers(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.unit["dirty"].code
        form = {"step": "clean", "result": "pass"}
        assert sign_in("clerk").post(f"/upkeep/{code}/steps", data=form).status_code == 403

    def test_refuses_strangers(self, client: FlaskClient, cast: Cast) -> None:
        assert client.post(f"/upkeep/{cast.unit['dirty'].code}/steps").status_code == 401

    def test_refuses_an_early_release(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.unit["dirty"].code
        page = sign_in("manager").post(f"/upkeep/{code}/release")
        assert page.status_code == 409
        assert "还不能放行" in page.text

    def test_knows_no_unknown_unit(self, sign_in: SignIn) -> None:
        manager = sign_in("manager")
        assert manager.get(f"/upkeep/{new_code(CodeKind.UNIT)}").status_code == 404
        assert manager.get("/upkeep/xyz").status_code == 422
        assert manager.get("/upkeep/clean/steps").status_code == 405

    def test_shows_every_unit_of_the_cast(self, sign_in: SignIn, cast: Cast) -> None:
        manager = sign_in("manager")
        for known in cast.unit.values():
            assert manager.get(f"/upkeep/{known.code}").status_code == 200


def address(code: str, act: str) -> str:
    """Return where the act is done."""
    apart = "set-aside/" if act in {"repair", "quarantine", "scrapped", "lost"} else ""
    return f"/upkeep/{code}/{apart}{act}"


class TestAside:
    @pytest.mark.parametrize("to", ["available", "on_loan", "nope", "%00"])
    def test_knows_no_other_way_out(self, sign_in: SignIn, cast: Cast, to: str) -> None:
        client, code = sign_in("manager"), cast.unit["available"].code
        assert client.get(f"/upkeep/{code}/set-aside/{to}").status_code == 404
        assert client.post(f"/upkeep/{code}/set-aside/{to}", data=WHY).status_code == 404

    @pytest.mark.parametrize(
        ("name", "act", "after"),
        [
            ("available", "repair", UnitState.REPAIR),
            ("available", "quarantine", UnitState.QUARANTINE),
            ("available", "lost", UnitState.LOST),
            ("dirty", "lost", UnitState.LOST),
            ("available", "back-to-wash", UnitState.DIRTY),
            ("repair", "back-to-wash", UnitState.DIRTY),
            ("repair", "scrapped", UnitState.SCRAPPED),
            ("dirty", "scrapped", UnitState.SCRAPPED),
        ],
    )
    def test_moves_the_unit(
        self, sign_in: SignIn, cast: Cast, name: str, act: str, after: UnitState
    ) -> None:
        code = cast.unit[name].code
        assert sign_in("manager").post(address(code, act), data=WHY).status_code == 303
        assert state(code) is after

    @pytest.mark.parametrize("act", ["repair", "quarantine", "lost", "back-to-wash", "scrapped"])
    def test_leaves_a_unit_on_loan_alone(self, sign_in: SignIn, cast: Cast, act: str) -> None:
        client, code = sign_in("manager"), cast.unit["on_loan"].code
        assert client.post(address(code, act), data=WHY).status_code == 409
        assert act == "back-to-wash" or client.get(address(code, act)).status_code == 409
        assert state(code) is UnitState.ON_LOAN

    def test_lets_only_the_manager_scrap(self, sign_in: SignIn, cast: Cast) -> None:
        client, code = sign_in("technician"), cast.unit["dirty"].code
        assert client.get(address(code, "scrapped")).status_code == 403
        assert client.post(address(code, "scrapped"), data=WHY).status_code == 403

    @pytest.mark.parametrize("to", ["repair", "quarantine", "scrapped", "lost"])
    @pytest.mark.parametrize("reason", ["", "坏了", "长" * 201, "\x00\x01 NUL"])
    def test_asks_why(self, sign_in: SignIn, cast: Cast, to: str, reason: str) -> None:
        client, code = sign_in("manager"), cast.unit["available"].code
        assert "为什么？（至少 5 个字）" in client.get(address(code, to)).text
        answer = client.post(address(code, to), data={"reason": reason})
        assert answer.status_code == 422
        assert "错误：" in answer.text
        assert state(code) is UnitState.AVAILABLE

    def test_says_why_where_the_wash_room_looks(self, sign_in: SignIn, cast: Cast) -> None:
        client, code = sign_in("manager"), cast.unit["available"].code
        client.post(address(code, "quarantine"), data=WHY)
        for page in (f"/u/{code}", f"/upkeep/{code}", "/upkeep?what=repair"):
            assert WHY["reason"] in client.get(page).text, page
        client.post(f"/upkeep/{code}/back-to-wash")
        assert WHY["reason"] in client.get(f"/u/{code}").text
        assert WHY["reason"] not in client.get(f"/upkeep/{code}").text

    def test_offers_the_desk_to_say_that_a_unit_is_gone(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.unit["available"].code
        assert "找不到了" in sign_in("clerk").get(f"/u/{code}").text
        assert "找不到了" not in sign_in("cleaner").get(f"/u/{code}").text
        assert "找不到了" not in sign_in("clerk").get(f"/u/{cast.unit['on_loan'].code}").text

    @pytest.mark.parametrize(
        "act",
        ["repair", "quarantine", "lost", "back-to-wash", "scrapped", "complete-kit", "release"],
    )
    def test_refuses_strangers(self, client: FlaskClient, cast: Cast, act: str) -> None:
        assert client.post(address(cast.unit["dirty"].code, act)).status_code == 401


class TestFaultPage:
    def test_takes_a_report_from_anybody(self, client: FlaskClient, cast: Cast) -> None:
        address = f"/u/{cast.unit['on_loan'].code.lower()}/fault"
        assert client.get(address).status_code == 200
        page = client.post(address, data={"what": "左边刹车刹不住 😀"})
        assert page.status_code == 303
        thanks = client.get(page.location)
        assert "谢谢您告诉我们" in thanks.text
        faults = queries.open_faults(reading(), cast.unit["on_loan"].id)
        assert [fault.what for fault in faults] == ["左边刹车刹不住 😀"]
        assert faults[0].reported_by is None

    def test_is_friendly_to_the_fourth(self, client: FlaskClient, cast: Cast) -> None:
        address = f"/u/{cast.unit['available'].code}/fault"
        for _ in range(3):
            assert client.post(address, data={"what": "坏"}).status_code == 303
        page = client.post(address, data={"what": "坏"})
        assert page.status_code == 200
        assert "已经收到好几条报告" in page.text
        assert len(queries.open_faults(reading(), cast.unit["available"].id)) == 3

    @pytest.mark.parametrize("what", ["", "   ", "x" * 501, "\x00\x01", "\u200b"])
    def test_asks_again_for_nonsense(self, client: FlaskClient, cast: Cast, what: str) -> None:
        page = client.post(f"/u/{cast.unit['available'].code}/fault", data={"what": what})
        assert page.status_code == 422
        assert 'aria-invalid="true"' in page.text

    def test_knows_no_unknown_unit(self, client: FlaskClient) -> None:
        assert client.get(f"/u/{new_code(CodeKind.UNIT)}/fault").status_code == 404
        assert client.get("/u/nope/fault").status_code == 422

    def test_is_closed_with_an_answer(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.unit["available"].code
        with transaction() as session:
            fault = service.report_fault(
                session, unit_code=code, what="坏", by=None, at=clock.now()
            )
        technician = sign_in("technician")
        assert "没有处理的故障" in technician.get(f"/upkeep/{code}").text
        assert "未处理的故障" in technician.get(f"/u/{code}").text
        empty = technician.post(f"/upkeep/faults/{fault}/close", data={"answer": ""})
        assert empty.status_code == 422
        address = f"/upkeep/faults/{fault}/close"
        assert technician.post(address, data={"answer": "已修"}).status_code == 303
        assert technician.post(address, data={"answer": "已修"}).status_code == 303
        assert queries.open_faults(reading(), cast.unit["available"].id) == ()
        unknown = technician.post("/upkeep/faults/F-NOPE/close", data={"answer": "x"})
        assert unknown.status_code == 404

    def test_is_not_closed_by_residents(self, sign_in: SignIn) -> None:
        page = sign_in("wang-guilan").post("/upkeep/faults/F-NOPE/close", data={"answer": "x"})
        assert page.status_code == 403


class TestApi:
    def steps(self, client: FlaskClient, code: str) -> None:
        for step in left(code):
            body: dict[str, object] = {"step": step.value}
            an_hour_passes()
            if step is StepKind.DISINFECT:
                body |= {"agent": "chlorine", "concentration_mg_l": 500, "contact_minutes": 30}
            answer = client.post(f"/api/v1/units/{code}/upkeep", json=body)
            assert answer.status_code == 201, answer.json
            assert answer.json is not None
            assert answer.json["unit_code"] == code

    def test_goes_from_dirty_to_released(self, sign_in: SignIn, cast: Cast) -> None:
        code = cast.unit["dirty"].code
        manager = sign_in("manager")
        self.steps(manager, code)
        answer = manager.post(f"/api/v1/units/{code}/release")
        assert answer.status_code == 409
        assert answer.json is not None
        assert answer.content_type == "application/problem+json"
        assert [each["code"] for each in answer.json["blockers"]] == ["same_person"]
        with transaction() as session:  # another hand
            for step in session.query(UpkeepStep):
                step.done_by = cast.account["cleaner"]
        answer = manager.post(f"/api/v1/units/{code}/release")
        assert (answer.status_code, answer.json) == (
            201, {"unit_code": code, "state": "available"},
        )  # fmt: skip

    def test_refuses_a_time_that_has_not_passed(self, sign_in: SignIn, cast: Cast) -> None:
        address = f"/api/v1/units/{cast.unit['dirty'].code}/upkeep"
        cleaner = sign_in("cleaner")
        assert cleaner.post(address, json={"step": "clean"}).status_code == 201
        body = {
            "step": "disinfect", "agent": "chlorine",
            "concentration_mg_l": 500, "contact_minutes": 30,
        }  # fmt: skip
        answer = cleaner.post(address, json=body)
        assert answer.status_code == 422
        assert answer.content_type == "application/problem+json"
        assert "请等够时间再记" in str(answer.json)
        an_hour_passes()
        assert cleaner.post(address, json=body).status_code == 201

    def test_answers_a_replay_once(self, sign_in: SignIn, cast: Cast) -> None:
        code, cleaner = cast.unit["dirty"].code, sign_in("cleaner")
        key = {"Idempotency-Key": "k1"}
        address = f"/api/v1/units/{code}/upkeep"
        first = cleaner.post(address, json={"step": "clean"}, headers=key)
        again = cleaner.post(address, json={"step": "clean"}, headers=key)
        assert first.status_code == again.status_code == 201
        assert first.json == again.json
        other = cleaner.post(address, json={"step": "clean", "note": "x"}, headers=key)
        assert other.status_code == 409

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"step": "inspect"}, 409),
            ({"step": "nope"}, 422),
            ({}, 422),
            ([], 422),
            ({"step": "clean", "contact_minutes": -1}, 422),
            ({"step": "clean", "contact_minutes": 10**30}, 422),
            ({"step": "clean", "note": "\x00"}, 422),
            ({"step": "clean", "note": "x" * 201}, 422),
            ({"step": "clean", "missing_accessories": "x"}, 422),
            ({"step": "clean", "unknown": 1}, 422),
        ],
    )
    def test_refuses_nonsense(self, sign_in: SignIn, cast: Cast, body: object, status: int) -> None:
        code = cast.unit["dirty"].code
        answer = sign_in("cleaner").post(f"/api/v1/units/{code}/upkeep", json=body)
        assert answer.status_code == status
        assert answer.content_type == "application/problem+json"

    def test_refuses_other_roles(self, sign_in: SignIn, cast: Cast) -> None:
        code, clerk = cast.unit["dirty"].code, sign_in("clerk")
        answer = clerk.post(f"/api/v1/units/{code}/upkeep", json={"step": "clean"})
        assert answer.status_code == 403
        assert clerk.post(f"/api/v1/units/{code}/release").status_code == 403

    def test_refuses_strangers(self, client: FlaskClient, cast: Cast) -> None:
        code = cast.unit["dirty"].code
        answer = client.post(f"/api/v1/units/{code}/upkeep", json={"step": "clean"})
        assert answer.status_code == 401
        assert client.post(f"/api/v1/units/{code}/release").status_code == 401

    def test_knows_no_unknown_unit(self, sign_in: SignIn) -> None:
        cleaner = sign_in("cleaner")
        unknown = f"/api/v1/units/{new_code(CodeKind.UNIT)}/upkeep"
        assert cleaner.post(unknown, json={"step": "clean"}).status_code == 404
        assert cleaner.post("/api/v1/units/x/release").status_code == 422

    def test_takes_a_unit_out_of_service(self, sign_in: SignIn, cast: Cast) -> None:
        client, code = sign_in("clerk"), cast.unit["available"].code
        address = f"/api/v1/units/{code}/set-aside"
        assert client.post(address, json={"to": "quarantine", "reason": "召回"}).status_code == 422
        assert client.post(address, json={"to": "available", **WHY}).status_code == 422
        answer = client.post(address, json={"to": "quarantine", **WHY})
        assert (answer.status_code, answer.json) == (
            201,
            {"unit_code": code, "state": "quarantine", "reservations_without_device": []},
        )
        assert client.post(address, json={"to": "quarantine", **WHY}).status_code == 409
        assert client.post(address, json={"to": "scrapped", **WHY}).status_code == 403
