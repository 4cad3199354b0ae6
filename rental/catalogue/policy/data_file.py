"""The catalogue's data file: its shape, and one clear list of what is wrong with it."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from rental.catalogue.policy.classes import Fitting, Hygiene
from rental.foundation.errors import Invalid
from rental.foundation.words import N_, Sentence

MOST_FAULTS = 50

_NO_CONTROL = r"^[^\x00-\x1f\x7f]*$"
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([_-][a-z0-9]+)*$", max_length=60)]
KindKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([_-][a-z0-9]+)*$", max_length=80)]
Name = Annotated[str, StringConstraints(pattern=_NO_CONTROL, min_length=1, max_length=60)]
KindName = Annotated[str, StringConstraints(pattern=_NO_CONTROL, min_length=1, max_length=80)]
EnglishName = Annotated[str, StringConstraints(pattern=_NO_CONTROL, min_length=1, max_length=120)]
NeedName = Annotated[str, StringConstraints(pattern=_NO_CONTROL, min_length=1, max_length=40)]
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=1000)]


class _Strict(BaseModel):
    """An object of the file: nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class CodeItem(_Strict):
    """A classification code; null when not verified."""

    edition: Annotated[str, StringConstraints(pattern=_NO_CONTROL, min_length=1, max_length=40)]
    code: Annotated[str, StringConstraints(pattern=_NO_CONTROL, min_length=1, max_length=20)] | None


class NeedItem(_Strict):
    """What a resident wants to do again."""

    key: Annotated[Key, Field(max_length=40)]
    zh: NeedName
    en: Name


class HygieneItem(_Strict):
    """A hygiene class."""

    key: Annotated[Hygiene, Field(strict=False)]
    zh: Name
    en: EnglishName
    turnround_open_days: Annotated[int, Field(ge=0, le=60)]


class FittingItem(_Strict):
    """A fitting class."""

    key: Annotated[Fitting, Field(strict=False)]
    zh: Name
    en: EnglishName


class AccessoryItem(_Strict):
    """A counted part that leaves and returns with the unit."""

    zh: Name
    en: EnglishName
    count: Annotated[int, Field(ge=1, le=100)]


class ConsumableItem(_Strict):
    """What is scrapped at return."""

    zh: Name
    en: EnglishName


class KindItem(_Strict):
    """What a resident asks for; has codes of its own where they differ from the category's."""

    key: KindKey
    zh: KindName
    en: EnglishName
    codes: list[CodeItem] | None = None


class CategoryItem(_Strict):
    """A category with its kinds."""

    no: Annotated[int, Field(ge=1, le=9999)]
    key: Key
    zh: Name
    en: EnglishName
    standard_name_zh: EnglishName
    codes: list[CodeItem]
    code_note: Annotated[str, StringConstraints(pattern=_NO_CONTROL, max_length=200)]
    needs: Annotated[list[str], Field(min_length=1)]
    hygiene: Annotated[Hygiene, Field(strict=False)]
    fit: Annotated[Fitting, Field(strict=False)]
    delivery: bool
    loan_days: Annotated[int, Field(ge=1, le=730)]
    accessories: list[AccessoryItem]
    consumables: list[ConsumableItem]
    caution_zh: Text
    kinds: list[KindItem]


class CatalogueFile(_Strict):
    """The whole file."""

    note: Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=4000)]
    needs: list[NeedItem]
    hygiene_classes: list[HygieneItem]
    fitting_classes: list[FittingItem]
    categories: Annotated[list[CategoryItem], Field(max_length=1000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong: where (``categories[3].kinds[0].key``) and what."""

    path: str
    sentence: Sentence

    def __str__(self) -> str:
        """Return one line."""
        return f"{self.path}: {self.sentence}"


class CatalogueFileWrong(Invalid):
    """The data file can't be loaded; nothing of it was."""

    sentence = N_("目录文件有 %(n)s 处不对，什么都没有改。请按列出的位置改好后重新上传。")
    field = "file"

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        """Keep the faults."""
        super().__init__(n=len(faults))
        self.faults = faults


def read(raw: bytes | str) -> CatalogueFile:
    """Return the file from its JSON text.

    Raises:
        CatalogueFileWrong: If it is no JSON, or has another shape.
    """
    try:
        text = raw.decode("utf-8-sig") if isinstance(raw, bytes) else raw
        data = json.loads(text, object_pairs_hook=_no_double_keys)
    except (ValueError, RecursionError) as error:
        raise CatalogueFileWrong((_not_json(error),)) from error
    return check(data)


def _no_double_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that names a key twice; the second would silently win."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        msg = f"duplicate key {twice[:40]!r}"
        raise ValueError(msg)
    return found


def _not_json(error: Exception) -> Fault:
    if isinstance(error, json.JSONDecodeError):
        where = f"{error.lineno}:{error.colno}"
        return Fault(path=where, sentence=Sentence(N_("这里不是正确的 JSON，请检查标点和引号。")))
    if isinstance(error, UnicodeDecodeError):
        return Fault(
            path="-", sentence=Sentence(N_("文件不是 UTF-8 编码，请另存为 UTF-8 再上传。"))
        )
    return Fault(
        path="-", sentence=Sentence(N_("不是正确的 JSON 文件（%(why)s）。"), why=str(error)[:80])
    )


def check(data: object) -> CatalogueFile:
    """Return the file when data has its shape and fits together.

    Raises:
        CatalogueFileWrong: With every fault, at most 50.
    """
    try:
        file = CatalogueFile.model_validate(data)
    except ValidationError as error:
        found = [
            Fault(path=_path(fault["loc"]), sentence=_said(fault["type"], fault))
            for fault in error.errors(include_url=False, include_context=True)
        ]
        raise CatalogueFileWrong(tuple(found[:MOST_FAULTS])) from error
    faults = tuple(_misfits(file))
    if faults:
        raise CatalogueFileWrong(faults[:MOST_FAULTS])
    return file


def as_data(file: CatalogueFile) -> dict[str, Any]:
    """Return the file as plain data, in its own order of keys."""
    data: dict[str, Any] = file.model_dump(mode="json")
    for category in data["categories"]:
        for kind in category["kinds"]:
            if not kind["codes"]:
                del kind["codes"]
    return data


def _path(loc: Iterable[int | str]) -> str:
    """Return e.g. ``categories[3].kinds[0].key``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return "".join(parts).lstrip(".")[:200] or "-"


_SENTENCE_OF = {
    "missing": N_("缺少这一项。"),
    "extra_forbidden": N_("不认识这一项，请删掉或检查拼写。"),
    "enum": N_("不在允许的值里：%(expected)s。"),
    "string_too_long": N_("太长了，最多 %(max_length)s 个字。"),
    "string_too_short": N_("不能空着。"),
    "too_short": N_("至少要有一项。"),
    "too_long": N_("项目太多了。"),
    "string_pattern_mismatch": N_("含有不允许的字符。编号只用小写字母、数字和连字符。"),
    "string_type": N_("这里要填文字。"),
    "int_type": N_("这里要填整数。"),
    "bool_type": N_("这里要填 true 或 false。"),
    "list_type": N_("这里要是一个列表。"),
    "model_type": N_("这里要是一个对象（{…}）。"),
    "greater_than_equal": N_("太小了，最小是 %(ge)s。"),
    "less_than_equal": N_("太大了，最大是 %(le)s。"),
}  # fmt: skip


def _said(kind: str, fault: Any) -> Sentence:
    """Return the sentence of one of pydantic's errors."""
    msgid = _SENTENCE_OF.get(kind)
    if msgid is None:
        return Sentence(N_("格式不对（%(why)s）。"), why=str(fault["msg"])[:120])
    context = {name: str(value) for name, value in fault.get("ctx", {}).items()}
    return Sentence(msgid, **context) if "%(" in msgid else Sentence(msgid)


def _misfits(file: CatalogueFile) -> Iterable[Fault]:
    """Return what no single object can see: doubles, and names of things that aren't there."""
    yield from _doubles("needs", [need.key for need in file.needs])
    yield from _classes("hygiene_classes", [item.key for item in file.hygiene_classes], Hygiene)
    yield from _classes("fitting_classes", [item.key for item in file.fitting_classes], Fitting)
    yield from _doubles("categories", [category.key for category in file.categories])
    kinds = {
        f"categories[{at}].kinds[{place}]": kind.key
        for at, category in enumerate(file.categories)
        for place, kind in enumerate(category.kinds)
    }
    yield from _doubles_at(kinds)
    known = {need.key for need in file.needs}
    for at, category in enumerate(file.categories):
        yield from _wrong_needs(f"categories[{at}].needs", category.needs, known)
        yield from _double_codes(f"categories[{at}]", category)


def _doubles(name: str, keys: list[str]) -> Iterable[Fault]:
    yield from _doubles_at({f"{name}[{at}]": key for at, key in enumerate(keys)})


def _doubles_at(keys: dict[str, str]) -> Iterable[Fault]:
    first: dict[str, str] = {}
    for path, key in keys.items():
        if key in first:
            yield Fault(
                path=f"{path}.key",
                sentence=Sentence(
                    N_("“%(key)s”重复了，%(first)s 已经用过。"), key=key, first=first[key]
                ),
            )
        first.setdefault(key, path)


def _classes(
    name: str, keys: list[Hygiene] | list[Fitting], wanted: type[Hygiene] | type[Fitting]
) -> Iterable[Fault]:
    """Every class is defined, once."""
    yield from _doubles(name, [key.value for key in keys])
    for lacking in [key.value for key in wanted if key not in keys]:
        yield Fault(path=name, sentence=Sentence(N_("缺少等级 %(key)s。"), key=lacking))


def _wrong_needs(path: str, needs: list[str], known: set[str]) -> Iterable[Fault]:
    for place, need in enumerate(needs):
        if need not in known:
            yield Fault(
                path=f"{path}[{place}]",
                sentence=Sentence(
                    N_("没有“%(key)s”这个需求，请先在 needs 里写上。"), key=need[:40]
                ),
            )
        elif need in needs[:place]:
            yield Fault(path=f"{path}[{place}]", sentence=Sentence(N_("同一个需求写了两遍。")))


def _double_codes(path: str, category: CategoryItem) -> Iterable[Fault]:
    """An (edition, code) pair stands once in each list of codes."""
    lists = {f"{path}.codes": category.codes}
    for place, kind in enumerate(category.kinds):
        lists[f"{path}.kinds[{place}].codes"] = kind.codes or []
    for where, codes in lists.items():
        pairs = [(code.edition, code.code) for code in codes]
        for place, pair in enumerate(pairs):
            if pair in pairs[:place]:
                yield Fault(path=f"{where}[{place}]", sentence=Sentence(N_("同一个编号写了两遍。")))
