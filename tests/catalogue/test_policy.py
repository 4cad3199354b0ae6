import copy
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rental.catalogue.policy import (
    HYGIENE_SAID,
    CatalogueFileWrong,
    Fitting,
    Guidance,
    Hygiene,
    as_data,
    check,
    code_note_said,
    compare,
    compose,
    counter_words,
    fitting_said,
    fold,
    for_borrowers,
    rank,
    read,
    wants_showing,
    words_of,
)
from rental.foundation.words import Named

FILE = Path(__file__).parents[2] / "rental" / "catalogue" / "data" / "catalogue.json"
RAW = FILE.read_text(encoding="utf-8")
DATA: dict[str, Any] = json.loads(RAW)


@dataclass(frozen=True)
class Thing:
    name: str
    words: str


def thing(zh: str, en: str, *others: str) -> Thing:
    return Thing(zh, words_of(names=(zh, en), others=others))


CHAIR = thing("轮椅", "wheelchair", "手动轮椅", "出门", "go out")
LIGHT = thing("轻便轮椅", "lightweight wheelchair", "手动轮椅", "出门", "go out")
REACHER = thing("长柄取物器", "long reacher", "取物器", "拿东西", "reach things")
CYCLE = thing("踏训练器", "family cycle", "锻炼康复", "exercise")
ALL = (CYCLE, REACHER, LIGHT, CHAIR)

texts = st.text(max_size=12)
things = st.lists(
    st.builds(thing, st.text("轮椅长柄ab|\n%_", min_size=1, max_size=6), texts, texts),
    max_size=6,
)


class TestRank:
    @pytest.mark.parametrize(
        "q", ["轮椅", "lunyi", "ly", "LY", "ｌｕｎｙｉ", "wheelchair", "lun yi"]
    )
    def test_finds_chinese_pinyin_initials_and_english(self, q: str) -> None:
        assert set(rank(ALL, q)) == {CHAIR, LIGHT}

    def test_puts_names_that_begin_with_the_word_first(self) -> None:
        assert rank(ALL, "轮椅") == (CHAIR, LIGHT)

    def test_reads_long_handle_as_people_do(self) -> None:
        assert rank(ALL, "changbing") == (REACHER,)

    def test_wants_every_word(self) -> None:
        assert rank(ALL, "轻便 wheel") == (LIGHT,)
        assert rank(ALL, "轻便 取物") == ()

    def test_finds_by_category_and_need_last(self) -> None:
        assert rank(ALL, "出门") == (LIGHT, CHAIR)

    def test_does_not_take_short_letters_for_the_inside_of_a_word(self) -> None:
        assert CYCLE not in rank(ALL, "ly")
        assert rank(ALL, "uny") == ()

    @pytest.mark.parametrize("q", ["%", "_", "100%", "\\", "|", "\x00", "😀"])
    def test_takes_wildcards_for_themselves(self, q: str) -> None:
        assert rank(ALL, q) == ()

    @given(things=things, q=texts)
    def test_returns_some_of_the_things_once(self, things: list[Thing], q: str) -> None:
        found = rank(things, q)
        assert len(found) <= len(things)
        assert all(one in things for one in found)

    @given(things=things)
    def test_returns_all_in_order_without_words(self, things: list[Thing]) -> None:
        assert rank(things, "  ") == tuple(things)

    @given(things=things, q=texts, more=st.text("轮椅lyab", min_size=1, max_size=4))
    def test_finds_no_more_with_one_more_word(self, things: list[Thing], q: str, more: str) -> None:
        assert set(rank(things, f"{q} {more}")) <= set(rank(things, q))

    @given(things=things, q=texts)
    def test_does_not_care_how_the_query_is_written(self, things: list[Thing], q: str) -> None:
        assert rank(things, fold(q)) == rank(things, q)

    @given(name=st.text("轮椅长柄床垫", min_size=1, max_size=6))
    def test_finds_a_thing_by_its_own_name(self, name: str) -> None:
        own = thing(name, "thing")
        assert rank([own], name) == (own,)


class TestCounterWords:
    def test_are_listed_for_every_category_of_the_file(self) -> None:
        silent = [
            item["key"]
            for item in DATA["categories"]
            if not counter_words(category=item["key"], kind="")
        ]
        assert not silent

    def test_keep_english_names_whole(self) -> None:
        words = counter_words(category="walking-frame", kind="two-level-frame")
        assert {"助步器", "walker", "zimmer frame"} <= set(words)

    def test_of_what_nobody_has_listed_are_none(self) -> None:
        assert counter_words(category="submarine", kind="submarine") == ()


class TestRead:
    def test_gives_the_file_back_as_it_was(self) -> None:
        assert json.dumps(as_data(read(RAW)), ensure_ascii=False, indent=1) == RAW
        assert as_data(read(b"\xef\xbb\xbf" + RAW.encode())) == DATA

    @pytest.mark.parametrize(
        "raw",
        [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"note": NaN}', b"[" * 100_000, b"1" * 9999],
    )
    def test_refuses_what_is_no_catalogue(self, raw: bytes) -> None:
        with pytest.raises(CatalogueFileWrong):
            read(raw)

    def test_refuses_a_key_named_twice(self) -> None:
        with pytest.raises(CatalogueFileWrong) as refused:
            read('{"note": "a", "note": "b"}')
        assert "note" in str(refused.value.faults[0])

    def test_accepts_a_code_that_is_not_verified(self) -> None:
        data = copy.deepcopy(DATA)
        data["categories"][0]["codes"][0]["code"] = None
        assert as_data(check(data)) == data


def _faults(change: Any) -> list[str]:
    data = copy.deepcopy(DATA)
    change(data)
    with pytest.raises(CatalogueFileWrong) as refused:
        check(data)
    return [fault.path for fault in refused.value.faults]


class TestCheck:
    def test_names_the_place_of_every_fault(self) -> None:
        def change(data: dict[str, Any]) -> None:
            data["categories"][3]["loan_days"] = "90"
            data["categories"][4]["kinds"][0]["colour"] = "red"
            del data["categories"][5]["zh"]

        assert _faults(change) == [
            "categories[3].loan_days",
            "categories[4].kinds[0].colour",
            "categories[5].zh",
        ]

    def test_refuses_a_kind_named_twice_in_two_categories(self) -> None:
        first = DATA["categories"][0]["kinds"][0]
        assert _faults(lambda data: data["categories"][1]["kinds"].append(first)) == [
            "categories[1].kinds[2].key"
        ]

    def test_refuses_a_need_that_is_not_there(self) -> None:
        assert _faults(lambda data: data["categories"][0]["needs"].append("fly")) == [
            "categories[0].needs[1]"
        ]

    def test_refuses_a_class_that_is_not_there(self) -> None:
        assert _faults(lambda data: data["hygiene_classes"].pop()) == ["hygiene_classes"]
        assert _faults(lambda data: data["categories"][0].update(fit="F9")) == ["categories[0].fit"]

    def test_refuses_the_same_code_twice(self) -> None:
        def change(data: dict[str, Any]) -> None:
            data["categories"][0]["codes"].append(data["categories"][0]["codes"][0])

        assert _faults(change) == ["categories[0].codes[2]"]

    @pytest.mark.parametrize("words", ["", "x" * 61, "a\x00b", "a\nb", 5, None, [], True])
    def test_refuses_names_that_are_none(self, words: object) -> None:
        assert _faults(lambda data: data["categories"][0].update(zh=words)) == ["categories[0].zh"]

    @pytest.mark.parametrize("days", [0, -1, 10**30, 1.5, True, "30", None])
    def test_refuses_loan_days_out_of_range(self, days: object) -> None:
        assert _faults(lambda data: data["categories"][0].update(loan_days=days)) == [
            "categories[0].loan_days"
        ]


def _item(key: str, **more: object) -> dict[str, Any]:
    return {"key": key, "zh": key, "en": key, **more}


items = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 1), max_size=4).map(
    lambda found: {key: _item(key, size=size) for key, size in found.items()}
)


class TestCompare:
    def test_tells_the_five_cases_apart(self) -> None:
        present = {key: _item(key, size=1) for key in "abcd"}
        wanted = {key: _item(key, size=1) for key in "abde"} | {"b": _item("b", size=2)}
        changes = compare(present, {"d"}, wanted)
        told = {
            act: [change.key for change in getattr(changes, act)]
            for act in ("same", "changed", "withdrawn", "returned", "added")
        }
        assert told == {
            "same": ["a"],
            "changed": ["b"],
            "withdrawn": ["c"],
            "returned": ["d"],
            "added": ["e"],
        }
        assert changes.changed[0].fields == ("size",)

    @given(items=items)
    def test_finds_nothing_between_equals(self, items: dict[str, Any]) -> None:
        assert not compare(items, (), items).any

    @given(present=items, wanted=items, gone=st.sets(st.sampled_from("abcd")))
    def test_says_each_thing_once(
        self, present: dict[str, Any], wanted: dict[str, Any], gone: set[str]
    ) -> None:
        changes = compare(present, gone, wanted)
        told = [change.key for group in (*changes.differing, changes.same) for change in group]
        assert len(told) == len(set(told))
        assert set(told) == wanted.keys() | (present.keys() - gone)


class TestCompose:
    def test_names_kit_scrap_care_and_caution(self) -> None:
        guide = compose(
            Named("雾化器", "nebuliser"),
            Guidance(
                fit=Fitting.F0,
                hygiene=Hygiene.H4,
                accessories=((Named("电源", "power adapter"), 1),),
                consumables=(Named("面罩", "mask"),),
            ),
        )
        assert all(word in guide.zh for word in ("电源 1 件", "面罩"))
        assert all(word in guide.en for word in ("power adapter × 1", "mask"))

    @pytest.mark.parametrize("hygiene", [Hygiene.H4, Hygiene.H5])
    def test_has_what_is_electric_or_touches_the_airway_shown_first(self, hygiene: Hygiene) -> None:
        said = Guidance(fit=Fitting.F0, hygiene=hygiene, accessories=(), consumables=())
        guide = compose(Named("呼叫器", "alarm"), said)
        first = "呼叫器：第一次用之前请工作人员演示一遍，照着做一次再带走。"
        assert guide.zh.splitlines()[0] == first
        assert "have our staff show you how" in guide.en
        assert "拿到就能用" not in guide.zh

    def test_says_ready_to_use_of_simple_aids(self) -> None:
        said = Guidance(fit=Fitting.F0, hygiene=Hygiene.H1, accessories=(), consumables=())
        assert "拿到就能用" in compose(Named("取物器", "reacher"), said).zh

    def test_calls_no_spare_part_the_borrowers_own(self) -> None:
        rollator = Guidance(
            fit=Fitting.F1,
            hygiene=Hygiene.H1,
            accessories=(),
            consumables=(Named("刹车片", "brake pads"),),
        )
        assert "刹车片" not in compose(Named("助行器", "rollator"), rollator).zh

    def test_leaves_out_what_there_is_not(self) -> None:
        plain = Guidance(
            fit=Fitting.F1,
            hygiene=Hygiene.H1,
            accessories=(),
            consumables=(),
        )
        assert len(compose(Named("手杖", "stick"), plain).zh.splitlines()) == 3

    def test_words_every_caution_of_the_file_for_borrowers(self) -> None:
        for category in DATA["categories"]:
            said = for_borrowers(category["caution_zh"])
            assert said.en.isascii(), category["key"]
            assert not category["caution_zh"] or said.zh != category["caution_zh"]


class TestCodeNotes:
    def test_of_the_file_are_all_said_in_chinese(self) -> None:
        for category in DATA["categories"]:
            note = category["code_note"]
            assert not note or code_note_said(note).zh != note
            assert code_note_said(note).en == note

    def test_keep_what_a_manager_wrote(self) -> None:
        assert code_note_said("按新目录").zh == "按新目录"


class TestSaid:
    @pytest.mark.parametrize("hygiene", Hygiene)
    def test_words_every_hygiene_class_for_borrowers(self, hygiene: Hygiene) -> None:
        said = HYGIENE_SAID[hygiene]
        assert said.zh.startswith("每次用完都")
        assert not re.search(r"耗材|复核|体液", said.zh)
        assert "after every use" in said.en

    @pytest.mark.parametrize("fit", Fitting)
    @pytest.mark.parametrize("hygiene", Hygiene)
    def test_calls_nothing_ready_that_must_be_shown(self, fit: Fitting, hygiene: Hygiene) -> None:
        said = fitting_said(fit, hygiene)
        assert said.en
        ready = fit is Fitting.F0 and not wants_showing(fit, hygiene)
        assert (said.zh == "拿到就能用") is ready
