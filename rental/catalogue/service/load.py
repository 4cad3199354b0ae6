"""Loading a data file: what it lacks is withdrawn, never deleted; what comes back is revived."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from rental.catalogue import queries
from rental.catalogue.models import (
    CatalogueNote,
    Category,
    CategoryNeed,
    ClassificationCode,
    FittingClass,
    HygieneClass,
    Kind,
    Need,
)
from rental.catalogue.policy import (
    Fitting,
    Hygiene,
    LoadReport,
    as_data,
    check,
    compare,
    counter_words,
    words_of,
)
from rental.foundation.clock import Moment
from rental.foundation.errors import Conflict
from rental.foundation.words import N_

Data = Mapping[str, Any]
Row = TypeVar("Row", Need, Category, Kind)

_LOCK = 0x43415441  # "CATA": one loader at a time on PostgreSQL
_OWNED_ELSEWHERE = ("kinds", "codes", "needs", "accessories", "consumables", "hygiene", "fit")


class CatalogueMovedOn(Conflict):
    """Somebody changed the catalogue between the preview and the confirmation."""

    sentence = N_("刚才有人改过目录，变动和您看到的不一样了。请重新核对下面的变动，再确认一次。")


def preview(session: Session, data: Data) -> LoadReport:
    """Return what loading the data would do; writes nothing.

    Raises:
        policy.CatalogueFileWrong: If the data has another shape or doesn't fit together.
    """
    return _report(session, as_data(check(data)))


def load(session: Session, data: Data, at: Moment, *, expected: str | None = None) -> LoadReport:
    """Make the catalogue what the data says, and return what that changed.

    Kinds and categories that the data lacks are withdrawn; withdrawn ones in it come back.
    Guides that a manager wrote stay.

    Args:
        session: Inside a transaction.
        data: In the shape of the data file.
        at: When.
        expected: The digest of the report that the manager has seen and confirmed, if any.

    Raises:
        policy.CatalogueFileWrong: If the data has another shape or doesn't fit together; nothing
            has changed then.
        CatalogueMovedOn: If the changes aren't the expected ones.
    """
    wanted = as_data(check(data))
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    report = _report(session, wanted)
    if expected is not None and expected != report.digest:
        raise CatalogueMovedOn
    _write_note(session, wanted["note"], at)
    _write_classes(session, wanted)
    needs = _write_needs(session, wanted["needs"], at)
    session.flush()
    categories = _write_categories(session, wanted["categories"], at)
    session.flush()
    kinds = _write_kinds(session, wanted, categories, at)
    session.flush()
    _write_links(session, wanted, _Rows(needs, categories, kinds))
    session.flush()
    queries.forget(session)
    return report


def refresh_words(session: Session) -> None:
    """Write anew what the stored kinds are found by; a new version may know more words."""
    data = queries.export(session)
    needs = _by_key(data["needs"])
    rows = {row.key: row for row in session.scalars(select(Kind))}
    for category in data["categories"]:
        for item in category["kinds"]:
            serves = [needs[key] for key in category["needs"]]
            rows[item["key"]].words = _words(item, category, serves)
    session.flush()
    queries.forget(session)


# --- comparing -----------------------------------------------------------------------------------


def _report(session: Session, wanted: Data) -> LoadReport:
    """Compare what is stored with what is wanted."""
    queries.forget(session)
    stored = queries.export(session)
    every_category = queries.categories(session, include_withdrawn=True)
    every_kind = queries.kinds(session, include_withdrawn=True)
    needs = {
        row.key: {"key": row.key, "zh": row.zh, "en": row.en}
        for row in session.scalars(select(Need))
    }
    away = session.scalars(select(Kind.key).where(Kind.withdrawn_at.is_not(None)))
    return LoadReport(
        needs=compare(
            needs, needs.keys() - _by_key(stored["needs"]).keys(), _by_key(wanted["needs"])
        ),
        hygiene_classes=compare(
            _by_key(stored["hygiene_classes"]), (), _by_key(wanted["hygiene_classes"])
        ),
        fitting_classes=compare(
            _by_key(stored["fitting_classes"]), (), _by_key(wanted["fitting_classes"])
        ),
        categories=compare(
            {view.key: queries.category_item(view) for view in every_category},
            {view.key for view in every_category if view.withdrawn},
            {item["key"]: _without_kinds(item) for item in wanted["categories"]},
        ),
        kinds=compare(
            {
                view.key: _flat_kind(queries.kind_item(view), view.category.key)
                for view in every_kind
            },
            frozenset(away),
            {
                kind["key"]: _flat_kind(kind, category["key"])
                for category in wanted["categories"]
                for kind in category["kinds"]
            },
        ),
        note_changed=stored["note"] != wanted["note"],
    )


def _by_key(items: Iterable[Data]) -> dict[str, Data]:
    return {item["key"]: item for item in items}


def _without_kinds(item: Data) -> Data:
    return {name: value for name, value in item.items() if name != "kinds"}


def _flat_kind(item: Data, category: str) -> Data:
    """Return the kind with its category beside it, so that a move shows as a change."""
    return {**item, "codes": item.get("codes", []), "category": category}


# --- writing -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows that the file names, by key."""

    needs: Mapping[str, Need]
    categories: Mapping[str, Category]
    kinds: Mapping[str, Kind]


def _write_note(session: Session, note: str, at: Moment) -> None:
    session.merge(CatalogueNote(id=1, note=note, loaded_at=at.at))


def _write_classes(session: Session, wanted: Data) -> None:
    for item in wanted["hygiene_classes"]:
        session.merge(HygieneClass(**{**item, "key": Hygiene(item["key"])}))
    for item in wanted["fitting_classes"]:
        session.merge(FittingClass(**{**item, "key": Fitting(item["key"])}))


def _write_needs(session: Session, items: list[Data], at: Moment) -> dict[str, Need]:
    rows = {row.key: row for row in session.scalars(select(Need))}
    for position, item in enumerate(items):
        row = rows.get(item["key"]) or _new(session, rows, Need(key=item["key"]))
        row.zh, row.en, row.position = item["zh"], item["en"], position
    _withdraw(rows, {item["key"] for item in items}, at)
    return rows


def _write_categories(session: Session, items: list[Data], at: Moment) -> dict[str, Category]:
    rows = {row.key: row for row in session.scalars(select(Category))}
    for position, item in enumerate(items):
        row = rows.get(item["key"]) or _new(session, rows, Category(key=item["key"]))
        for name in item.keys() - set(_OWNED_ELSEWHERE):
            setattr(row, name, item[name])
        row.position = position
        row.hygiene, row.fit = Hygiene(item["hygiene"]), Fitting(item["fit"])
        row.accessories = json.dumps(item["accessories"], ensure_ascii=False)
        row.consumables = json.dumps(item["consumables"], ensure_ascii=False)
    _withdraw(rows, {item["key"] for item in items}, at)
    return rows


def _write_kinds(
    session: Session, wanted: Data, categories: Mapping[str, Category], at: Moment
) -> dict[str, Kind]:
    rows = {row.key: row for row in session.scalars(select(Kind))}
    needs = _by_key(wanted["needs"])
    present = set()
    for category in wanted["categories"]:
        for position, item in enumerate(category["kinds"]):
            row = rows.get(item["key"]) or _new(session, rows, Kind(key=item["key"]))
            row.category_id = categories[category["key"]].id
            row.zh, row.en, row.position = item["zh"], item["en"], position
            row.words = _words(item, category, [needs[key] for key in category["needs"]])
            present.add(item["key"])
    _withdraw(rows, present, at)
    return rows


def _words(kind: Data, category: Data, needs: Iterable[Data]) -> str:
    """Return what the kind is found by."""
    others = [category["zh"], category["en"], category["standard_name_zh"]]
    others += counter_words(category=category["key"], kind=kind["key"])
    others += [need[language] for need in needs for language in ("zh", "en")]
    return words_of(names=(kind["zh"], kind["en"]), others=others)


def _new(session: Session, rows: dict[str, Row], row: Row) -> Row:
    session.add(row)
    rows[row.key] = row
    return row


def _withdraw(rows: Mapping[str, Row], present: set[str], at: Moment) -> None:
    """Withdraw what isn't present, revive what is."""
    for key, row in rows.items():
        if key in present:
            row.withdrawn_at = None
        elif row.withdrawn_at is None:
            row.withdrawn_at = at.at


def _write_links(session: Session, wanted: Data, rows: _Rows) -> None:
    """Replace needs and codes of everything in the file."""
    categories = [rows.categories[item["key"]].id for item in wanted["categories"]]
    kinds = [rows.kinds[kind["key"]].id for item in wanted["categories"] for kind in item["kinds"]]
    session.execute(delete(CategoryNeed).where(CategoryNeed.category_id.in_(categories)))
    session.execute(
        delete(ClassificationCode).where(
            ClassificationCode.category_id.in_(categories) | ClassificationCode.kind_id.in_(kinds)
        )
    )
    for item in wanted["categories"]:
        category_id = rows.categories[item["key"]].id
        session.add_all(
            CategoryNeed(category_id=category_id, need_id=rows.needs[key].id, position=position)
            for position, key in enumerate(item["needs"])
        )
        session.add_all(_codes(item["codes"], category_id=category_id))
        for kind in item["kinds"]:
            session.add_all(_codes(kind.get("codes", []), kind_id=rows.kinds[kind["key"]].id))


def _codes(items: Iterable[Data], **owner: int) -> Iterable[ClassificationCode]:
    return [
        ClassificationCode(
            edition=item["edition"], code=item["code"] or "", position=position, **owner
        )
        for position, item in enumerate(items)
    ]
