"""The catalogue in the shape of the data file."""

from collections import defaultdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental.catalogue.models import (
    CatalogueNote,
    FittingClass,
    HygieneClass,
)
from rental.catalogue.queries.loading import load
from rental.catalogue.queries.views import CategoryView, KindView


def export(session: Session) -> dict[str, Any]:
    """Return what is offered in the shape of the data file; never from what is kept."""
    fresh = load(session)
    offered: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for view in fresh.offered:
        offered[view.category.id].append(kind_item(view))
    note = session.scalar(select(CatalogueNote.note))
    return {
        "note": note or "",
        "needs": [
            {"key": need.key, "zh": need.name.zh, "en": need.name.en} for need in fresh.needs
        ],
        "hygiene_classes": [
            {
                "key": row.key.value,
                "zh": row.zh,
                "en": row.en,
                "turnround_open_days": row.turnround_open_days,
            }
            for row in session.scalars(select(HygieneClass).order_by(HygieneClass.key))
        ],
        "fitting_classes": [
            {"key": row.key.value, "zh": row.zh, "en": row.en}
            for row in session.scalars(select(FittingClass).order_by(FittingClass.key))
        ],
        "categories": [
            {**category_item(view), "kinds": offered[view.id]}
            for view in fresh.categories.values()
            if not view.withdrawn
        ],
    }


def category_item(view: CategoryView) -> dict[str, Any]:
    """Return the category as in the data file, without its kinds."""
    return {
        "no": view.no,
        "key": view.key,
        "zh": view.name.zh,
        "en": view.name.en,
        "standard_name_zh": view.standard_name_zh,
        "codes": _code_items(view.codes),
        "code_note": view.code_note,
        "needs": list(view.needs),
        "hygiene": view.hygiene.value,
        "fit": view.fit.value,
        "delivery": view.delivery,
        "loan_days": view.loan_days,
        "accessories": [
            {"zh": part.name.zh, "en": part.name.en, "count": part.count}
            for part in view.accessories
        ],
        "consumables": [{"zh": part.name.zh, "en": part.name.en} for part in view.consumables],
        "caution_zh": view.caution_zh,
    }


def kind_item(view: KindView) -> dict[str, Any]:
    """Return the kind as in the data file."""
    item: dict[str, Any] = {"key": view.key, "zh": view.name.zh, "en": view.name.en}
    return {**item, "codes": _code_items(view.own_codes)} if view.own_codes else item


def _code_items(codes: tuple[tuple[str, str], ...]) -> list[dict[str, str | None]]:
    return [{"edition": edition, "code": code or None} for edition, code in codes]
