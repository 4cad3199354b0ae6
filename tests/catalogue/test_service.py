import copy
import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import event, select

from rental.catalogue import queries, service
from rental.catalogue.models import Kind
from rental.catalogue.policy import CatalogueFileWrong, Fitting, LoadReport
from rental.foundation.clock import Moment
from rental.foundation.database import db, reading, transaction
from rental.foundation.words import Named
from tests.cast import Cast

FILE = Path(__file__).parents[2] / "rental" / "catalogue" / "data" / "catalogue.json"
RAW = FILE.read_text(encoding="utf-8")


@pytest.fixture
def data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RAW)
    return found


def load(data: dict[str, Any], at: Moment) -> LoadReport:
    with transaction() as session:
        return service.load(session, data, at)


@contextmanager
def statements() -> Generator[list[str]]:
    seen: list[str] = []

    def note(*args: Any) -> None:
        seen.append(args[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


class TestLoad:
    def test_holds_42_categories_and_100_kinds(self, app: APIFlask) -> None:
        assert len(queries.categories(reading())) == 42
        assert len(queries.kinds(reading())) == 100

    def test_changes_nothing_the_second_time(
        self, app: APIFlask, data: dict[str, Any], at: Moment
    ) -> None:
        report = load(data, at)
        assert not report.any
        assert len(report.same) == 19 + 5 + 3 + 42 + 100

    def test_exports_exactly_what_was_loaded(
        self, app: APIFlask, data: dict[str, Any], at: Moment
    ) -> None:
        load(data, at)
        assert json.dumps(queries.export(reading()), ensure_ascii=False, indent=1) == RAW
        load(queries.export(reading()), at)
        assert json.dumps(queries.export(reading()), ensure_ascii=False, indent=1) == RAW

    def test_withdraws_what_the_file_lacks_and_revives_what_returns(
        self, app: APIFlask, cast: Cast, data: dict[str, Any], at: Moment
    ) -> None:
        less = copy.deepcopy(data)
        category = less["categories"].pop(0)
        keys = [kind["key"] for kind in category["kinds"]]
        less["categories"][0]["kinds"].pop()
        report = load(less, at)
        assert report.categories.withdrawn[0].key == category["key"]
        assert len(report.kinds.withdrawn) == len(keys) + 1
        assert len(queries.categories(reading())) == 41
        assert queries.kind(reading(), key=keys[0]).withdrawn
        assert queries.export(reading()) == less
        assert not load(less, at).any
        again = load(data, at)
        assert again.categories.returned[0].key == category["key"]
        assert not again.added
        assert queries.kind(reading(), key=keys[0]).id == cast.kind[keys[0]]
        assert queries.export(reading()) == data

    def test_tells_which_fields_changed(
        self, app: APIFlask, data: dict[str, Any], at: Moment
    ) -> None:
        data["categories"][0]["loan_days"] = 31
        data["categories"][1]["codes"][0]["code"] = None
        moved = data["categories"][2]["kinds"].pop()
        data["categories"][3]["kinds"].append(moved)
        data["note"] = "new"
        report = load(data, at)
        assert [change.fields for change in report.categories.changed] == [
            ("loan_days",),
            ("codes",),
        ]
        assert [change.fields for change in report.kinds.changed] == [("category",)]
        assert report.note_changed
        assert queries.export(reading()) == data

    def test_keeps_the_order_of_the_file(
        self, app: APIFlask, data: dict[str, Any], at: Moment
    ) -> None:
        data["categories"].reverse()
        data["needs"].reverse()
        for category in data["categories"]:
            category["kinds"].reverse()
        load(data, at)
        assert queries.export(reading()) == data

    def test_removes_a_need_that_nothing_serves(
        self, app: APIFlask, data: dict[str, Any], at: Moment
    ) -> None:
        data["needs"].append({"key": "dance", "zh": "跳舞", "en": "dance"})
        assert load(data, at).needs.added[0].key == "dance"
        data["needs"].pop()
        assert load(data, at).needs.withdrawn[0].key == "dance"
        assert queries.export(reading()) == data

    def test_loads_nothing_of_a_wrong_file(
        self, app: APIFlask, data: dict[str, Any], at: Moment
    ) -> None:
        before = queries.export(reading())
        data["categories"][0]["zh"] = "改了"
        data["categories"][41]["kinds"][0]["key"] = "Not A Key"
        with pytest.raises(CatalogueFileWrong) as refused:
            load(data, at)
        assert refused.value.faults[0].path == "categories[41].kinds[0].key"
        assert queries.export(reading()) == before

    def test_refuses_when_the_preview_no_longer_holds(
        self, app: APIFlask, data: dict[str, Any], at: Moment
    ) -> None:
        other = copy.deepcopy(data)
        other["categories"][5]["loan_days"] = 7
        data["categories"][0]["loan_days"] = 31
        seen = service.preview(reading(), data).digest
        load(other, at)
        with pytest.raises(service.CatalogueMovedOn), transaction() as session:
            service.load(session, data, at, expected=seen)
        seen = service.preview(reading(), data).digest
        with transaction() as session:
            service.load(session, data, at, expected=seen)


#: What people ask for at the counter, and a category in which they must find it.
AT_THE_COUNTER = {
    "拐杖": "walking-stick elbow-crutch axillary-crutch quad-stick",
    "拐棍": "walking-stick elbow-crutch axillary-crutch quad-stick",
    "拐": "walking-stick elbow-crutch axillary-crutch quad-stick",
    "四脚拐": "quad-stick",
    "四脚拐杖": "quad-stick",
    "三脚拐": "quad-stick",
    "双拐": "axillary-crutch",
    "guaizhang": "walking-stick",
    "crutches": "elbow-crutch axillary-crutch",
    "氧气机": "oxygen",
    "制氧机": "oxygen",
    "吸氧机": "oxygen",
    "雾化机": "inhaler",
    "气垫床": "pressure-mattress",
    "褥疮垫": "pressure-mattress pressure-cushion",
    "防褥疮床垫": "pressure-mattress",
    "翻身垫": "positioning-cushion",
    "病床": "manual-bed electric-bed",
    "摇床": "manual-bed",
    "hospital bed": "manual-bed electric-bed",
    "床护栏": "bed-rail",
    "小桌板": "bed-table",
    "助步器": "walking-frame rollator walking-table",
    "助行器": "walking-frame rollator walking-table",
    "学步车": "rollator",
    "洗澡椅": "shower-chair",
    "洗澡凳": "shower-chair",
    "洗澡床": "bathing-bed",
    "浴缸板": "bath-board",
    "马桶椅": "commode",
    "坐便器": "commode",
    "马桶": "commode raised-toilet-seat toilet-rail",
    "马桶扶手": "toilet-rail",
    "马桶轮椅": "attendant-wheelchair",
    "手推轮椅": "manual-wheelchair",
    "代步车": "power-wheelchair",
    "爬楼机": "stair-climber",
    "过床板": "transfer-aid",
    "移位器": "sling-hoist seat-hoist",
    "健身车": "exercise-cycle",
    "站立器": "standing-frame",
    "练手": "hand-trainer",
    "肩周炎": "limb-trainer",
    "痴呆": "memory-trainer",
    "护膝": "leg-orthosis",
    "导盲杖": "white-cane",
    "斜坡板": "ramp",
    "放大镜": "magnifier video-magnifier",
    "阅读器": "video-magnifier",
    "助听机": "hearing-aid",
    "呼救器": "alarm",
    "手环": "alarm",
    "夹子": "reacher",
}


class TestCounterWords:
    def test_find_what_they_mean(self, app: APIFlask) -> None:
        missed = {
            (word, category)
            for word, wanted in AT_THE_COUNTER.items()
            for category in wanted.split()
            if category not in {one.category.key for one in queries.kinds(reading(), q=word)}
        }
        assert not missed

    def test_put_names_before_them(self, app: APIFlask) -> None:
        found = [kind.category.key for kind in queries.kinds(reading(), q="轮椅")]
        assert "wheelchair" in found[0]
        assert found.index("ramp") > max(
            place for place, key in enumerate(found) if "wheelchair" in key
        )

    def test_reach_a_catalogue_that_was_loaded_before(self, app: APIFlask) -> None:
        with transaction() as session:
            for row in session.scalars(select(Kind)):
                row.words = "0"
            queries.forget(session)
        assert not queries.kinds(reading(), q="拐杖")
        with transaction() as session:
            service.refresh_words(session)
        assert queries.kinds(reading(), q="拐杖")
        assert json.dumps(queries.export(reading()), ensure_ascii=False, indent=1) == RAW


class TestGuide:
    def test_is_composed_until_somebody_writes_one(
        self, app: APIFlask, cast: Cast, data: dict[str, Any], at: Moment
    ) -> None:
        key = "lightweight-wheelchair"
        assert not queries.kind(reading(), key=key).guide_edited
        with transaction() as session:
            service.set_guide(session, key=key, guide=Named("慢慢来", ""), by=cast.actor("manager"))
        kind = queries.kind(reading(), key=key)
        assert kind.guide.zh == "慢慢来"
        assert kind.guide.en.startswith("Lightweight wheelchair")
        load(data, at)
        assert queries.kind(reading(), key=key).guide.zh == "慢慢来"

    def test_refuses_an_unknown_kind_and_a_novel(self, app: APIFlask, cast: Cast) -> None:
        by = cast.actor("manager")
        with pytest.raises(queries.KindNotFound), transaction() as session:
            service.set_guide(session, key="no", guide=Named("x", "x"), by=by)
        with pytest.raises(service.GuideTooLong), transaction() as session:
            service.set_guide(
                session, key="lightweight-wheelchair", guide=Named("x" * 4001, ""), by=by
            )


class TestQueries:
    def test_ask_the_database_nothing_when_kept(self, app: APIFlask, cast: Cast) -> None:
        queries.kinds(reading())
        with statements() as seen:
            queries.kinds(reading(), q="lunyi", need="go_out")
            queries.kind(reading(), key="lightweight-wheelchair")
            queries.kind_by_id(reading(), kind_id=cast.kind["lightweight-wheelchair"])
            queries.like_kinds(reading(), kind_id=cast.kind["lightweight-wheelchair"])
            queries.needs(reading())
        assert seen == []

    def test_narrow_by_category_and_need(self, app: APIFlask) -> None:
        assert {kind.category.key for kind in queries.kinds(reading(), category="commode")} == {
            "commode"
        }
        assert queries.kinds(reading(), need="breathe", q="mesh")[0].key == "mesh-nebuliser"
        assert queries.kinds(reading(), need="no") == ()
        assert queries.kinds(reading(), category="no") == ()

    def test_offer_like_kinds_of_the_same_category_only(self, app: APIFlask) -> None:
        asked = queries.kind(reading(), key="lightweight-wheelchair")
        like = queries.like_kinds(reading(), kind_id=asked.id)
        assert like
        assert {kind.category.key for kind in like} == {asked.category.key}
        assert asked not in like

    def test_offer_no_oxygen_for_a_nebuliser(self, app: APIFlask) -> None:
        asked = queries.kind(reading(), key="mesh-nebuliser")
        like = queries.like_kinds(reading(), kind_id=asked.id)
        assert like
        assert {kind.category.key for kind in like} == {"inhaler"}
        assert Fitting.F2 not in {kind.category.fit for kind in like}

    def test_offer_no_like_kind_that_is_withdrawn(self, app: APIFlask, at: Moment) -> None:
        asked = queries.kind(reading(), key="mesh-nebuliser")
        gone = queries.like_kinds(reading(), kind_id=asked.id)[0]
        with transaction() as session:
            session.get_one(Kind, gone.id).withdrawn_at = at.at
            queries.forget(session)
        assert gone.id not in {kind.id for kind in queries.like_kinds(reading(), kind_id=asked.id)}

    def test_say_every_class_to_a_borrower(self, app: APIFlask) -> None:
        said = {
            key: queries.category(reading(), key=key) for key in ("inhaler", "oxygen", "reacher")
        }
        assert said["oxygen"].fit_said.zh == "康复师先看合不合适，教会您再借"
        assert said["reacher"].fit_said.zh == "拿到就能用"
        assert said["inhaler"].fit_said.zh == "取的时候先演示给您看"
        assert said["inhaler"].hygiene_said.zh.endswith("贴身的部件换新的")

    def test_give_a_kind_its_own_codes_where_it_has_any(self, app: APIFlask) -> None:
        kind = queries.kinds(reading(), category="leg-orthosis")[0]
        assert kind.codes == kind.own_codes != ()
        plain = queries.kinds(reading(), category="commode")[0]
        assert plain.own_codes == ()
        assert plain.codes == plain.category.codes

    def test_know_what_is_not_there(self, app: APIFlask) -> None:
        with pytest.raises(queries.KindNotFound):
            queries.kind(reading(), key="\x00")
        with pytest.raises(queries.KindNotFound):
            queries.kind_by_id(reading(), kind_id=10**30)
        with pytest.raises(queries.CategoryNotFound):
            queries.category(reading(), key="no")
