"""The first page and the manager's catalogue climb the ladder."""

import copy
import json
import re
from collections.abc import Callable
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from rental.catalogue import queries
from rental.foundation.database import reading

SignIn = Callable[[str], FlaskClient]

FILE = Path(__file__).parents[2] / "rental" / "catalogue" / "data" / "catalogue.json"
DATA: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
KIND = "/manage/catalogue/kinds/lightweight-wheelchair"
PAGES = [
    "/manage/catalogue",
    "/manage/catalogue?q=lunyi",
    "/manage/catalogue?q=%00%25",
    "/manage/catalogue/categories/leg-orthosis",
    "/manage/catalogue/upload",
    "/manage/catalogue/export",
    KIND,
]


def send(client: FlaskClient, raw: bytes) -> TestResponse:
    return client.post("/manage/catalogue/upload", data={"file": (BytesIO(raw), "catalogue.json")})


def confirm(client: FlaskClient, preview: str) -> TestResponse:
    fields = {
        name: unescape(value)
        for name, value in re.findall(r'name="(text|expected)" value="([^"]*)"', preview)
    }
    return client.post("/manage/catalogue/load", data=fields)


class TestHome:
    def test_names_needs_and_hours_to_anyone(self, client: FlaskClient) -> None:
        page = client.get("/")
        assert page.status_code == 200
        assert "/catalogue?need=go_out" in page.text
        assert "08:30–11:30" in page.text

    def test_warns_of_a_coming_closure(self, client: FlaskClient) -> None:
        assert "元旦" not in client.get("/").text  # 31 days ahead


class TestManagersPages:
    @pytest.mark.parametrize("path", PAGES)
    def test_open_for_the_manager_alone(
        self, sign_in: SignIn, client: FlaskClient, path: str
    ) -> None:
        assert sign_in("manager").get(path).status_code == 200
        assert sign_in("clerk").get(path).status_code == 403
        assert sign_in("wang-guilan").get(path).status_code == 403
        assert client.get(path).status_code == 303

    @pytest.mark.parametrize("key", ["no", "%00", "😀", "x" * 3000, "..%2f"])
    def test_know_no_forged_keys(self, sign_in: SignIn, key: str) -> None:
        manager = sign_in("manager")
        assert manager.get(f"/manage/catalogue/kinds/{key}").status_code == 404
        assert manager.post(f"/manage/catalogue/kinds/{key}").status_code == 404
        assert manager.get(f"/manage/catalogue/categories/{key}").status_code == 404

    def test_refuse_the_wrong_verb(self, sign_in: SignIn) -> None:
        manager = sign_in("manager")
        assert manager.post("/manage/catalogue").status_code == 405
        assert manager.get("/manage/catalogue/load").status_code == 405

    def test_export_the_file(self, sign_in: SignIn) -> None:
        assert sign_in("manager").get("/manage/catalogue/export").text == FILE.read_text("utf-8")


class TestGuide:
    def test_is_kept_and_given_back(self, sign_in: SignIn) -> None:
        manager = sign_in("manager")
        assert manager.post(KIND, data={"zh": "先刹车\r\n再坐下", "en": ""}).status_code == 303
        kind = queries.kind(reading(), key="lightweight-wheelchair")
        assert kind.guide.zh == "先刹车\n再坐下"
        assert "先刹车" in manager.get(KIND).text
        manager.post(KIND, data={"zh": "", "en": ""})
        assert not queries.kind(reading(), key="lightweight-wheelchair").guide_edited

    def test_stays_composed_when_saved_unchanged(self, sign_in: SignIn) -> None:
        guide = queries.kind(reading(), key="lightweight-wheelchair").guide
        sign_in("manager").post(KIND, data={"zh": guide.zh.replace("\n", "\r\n"), "en": guide.en})
        assert not queries.kind(reading(), key="lightweight-wheelchair").guide_edited

    def test_refuses_too_much_beside_the_field(self, sign_in: SignIn) -> None:
        page = sign_in("manager").post(KIND, data={"zh": "长" * 4001})
        assert page.status_code == 422
        assert 'id="zh-error"' in page.text

    def test_takes_no_post_from_others(self, sign_in: SignIn, client: FlaskClient) -> None:
        assert sign_in("clerk").post(KIND, data={"zh": "x"}).status_code == 403
        assert client.post(KIND, data={"zh": "x"}).status_code == 401


class TestUpload:
    def test_shows_the_changes_first_and_loads_them_when_confirmed(self, sign_in: SignIn) -> None:
        manager = sign_in("manager")
        data = copy.deepcopy(DATA)
        gone = data["categories"].pop(0)
        data["categories"][0]["loan_days"] = 31
        data["categories"][1]["kinds"].append({"key": "new-thing", "zh": "新东西", "en": "new"})
        preview = send(manager, json.dumps(data).encode())
        assert preview.status_code == 200
        assert all(word in preview.text for word in ("新东西", gone["zh"], "借用天数"))
        assert queries.export(reading()) == DATA
        assert confirm(manager, preview.text).status_code == 303
        assert queries.export(reading()) == data

    def test_says_when_nothing_changes(self, sign_in: SignIn) -> None:
        page = send(sign_in("manager"), FILE.read_bytes())
        assert "完全一样" in page.text
        assert 'name="text"' not in page.text

    def test_shows_the_changes_again_when_somebody_was_faster(self, sign_in: SignIn) -> None:
        manager = sign_in("manager")
        mine, theirs = copy.deepcopy(DATA), copy.deepcopy(DATA)
        mine["categories"][0]["loan_days"] = 31
        theirs["categories"][0]["loan_days"] = 32
        theirs["categories"][1]["loan_days"] = 33
        preview = send(manager, json.dumps(mine).encode())
        confirm(manager, send(manager, json.dumps(theirs).encode()).text)
        again = confirm(manager, preview.text)
        assert again.status_code == 409
        assert confirm(manager, again.text).status_code == 303
        assert queries.export(reading()) == mine

    @pytest.mark.parametrize(
        "raw", [b"", b"{", b"\xff", b"[]", b'"x"', b"\x00" * 50, b"x" * 200_001, b"[" * 150_000]
    )
    def test_refuses_what_is_no_catalogue(self, sign_in: SignIn, raw: bytes) -> None:
        page = send(sign_in("manager"), raw)
        assert page.status_code == 422
        assert 'id="file-error"' in page.text

    def test_lists_every_fault_with_its_place(self, sign_in: SignIn) -> None:
        data = copy.deepcopy(DATA)
        data["categories"][3]["loan_days"] = "90"
        data["categories"][4]["kinds"][0]["colour"] = "red"
        page = send(sign_in("manager"), json.dumps(data).encode())
        assert page.status_code == 422
        assert "categories[3].loan_days" in page.text
        assert "categories[4].kinds[0].colour" in page.text

    def test_refuses_no_file_and_forged_confirmations(self, sign_in: SignIn) -> None:
        manager = sign_in("manager")
        assert manager.post("/manage/catalogue/upload").status_code == 422
        assert manager.post("/manage/catalogue/load").status_code == 422
        forged = {"text": json.dumps(DATA), "expected": "x"}
        assert manager.post("/manage/catalogue/load", data=forged).status_code == 409
        assert sign_in("clerk").post("/manage/catalogue/load", data=forged).status_code == 403


class TestCommand:
    def test_round_trips(self, app: APIFlask, tmp_path: Path) -> None:
        runner = app.test_cli_runner()
        exported = runner.invoke(args=["catalogue", "export"]).output
        assert exported == FILE.read_text("utf-8") + "\n"
        path = tmp_path / "again.json"
        path.write_text(exported, encoding="utf-8")
        told = runner.invoke(args=["catalogue", "load", str(path)])
        assert told.exit_code == 0
        assert "kinds: added 0, changed 0, withdrawn 0, returned 0, same 100" in told.output

    def test_names_what_changed(self, app: APIFlask, tmp_path: Path) -> None:
        data = copy.deepcopy(DATA)
        data["categories"].pop(0)
        path = tmp_path / "less.json"
        path.write_text(json.dumps(data), encoding="utf-8")
        told = app.test_cli_runner().invoke(args=["catalogue", "load", str(path)])
        assert "- compressor-nebuliser 压缩式雾化器" in told.output
        back = app.test_cli_runner().invoke(args=["catalogue", "load"])
        assert "* compressor-nebuliser" in back.output

    def test_loads_nothing_of_a_wrong_file(self, app: APIFlask, tmp_path: Path) -> None:
        path = tmp_path / "wrong.json"
        path.write_text(json.dumps({**DATA, "needs": 5}), encoding="utf-8")
        told = app.test_cli_runner().invoke(args=["catalogue", "load", str(path)])
        assert told.exit_code == 1
        assert "needs" in told.output
