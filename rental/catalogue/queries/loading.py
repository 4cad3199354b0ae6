"""Reading the whole catalogue from the database."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental.catalogue.models import (
    Category,
    CategoryNeed,
    ClassificationCode,
    FittingClass,
    HygieneClass,
    Kind,
    Need,
)
from rental.catalogue.policy import (
    HYGIENE_SAID,
    Fitting,
    Guidance,
    Hygiene,
    code_note_said,
    compose,
    fitting_said,
    for_borrowers,
)
from rental.catalogue.queries.views import (
    AccessoryView,
    CategoryView,
    ConsumableView,
    KindView,
    NeedView,
)
from rental.foundation.words import Named


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything, in the order of the data file."""

    needs: tuple[NeedView, ...]
    categories: Mapping[str, CategoryView]
    kinds: Mapping[str, KindView]
    kinds_by_id: Mapping[int, KindView]
    offered: tuple[KindView, ...]


def load(session: Session) -> Catalogue:
    """Read the whole catalogue: seven small queries."""
    codes = _codes(session)
    names = _ClassNames(
        hygiene={row.key: row for row in session.scalars(select(HygieneClass))},
        fitting={row.key: row for row in session.scalars(select(FittingClass))},
    )
    needs_of = _needs_of(session)
    by_id = {
        row.id: _category_view(row, names, codes, needs_of[row.id])
        for row in session.scalars(select(Category).order_by(Category.position, Category.no))
    }
    order = {category_id: place for place, category_id in enumerate(by_id)}
    rows = sorted(
        session.scalars(select(Kind)), key=lambda row: (order[row.category_id], row.position)
    )
    found = [_kind_view(row, by_id[row.category_id], codes) for row in rows]
    return Catalogue(
        needs=tuple(
            NeedView(key=row.key, name=Named(row.zh, row.en))
            for row in session.scalars(
                select(Need).where(Need.withdrawn_at.is_(None)).order_by(Need.position)
            )
        ),
        categories={view.key: view for view in by_id.values()},
        kinds={view.key: view for view in found},
        kinds_by_id={view.id: view for view in found},
        offered=tuple(view for view in found if not view.withdrawn),
    )


@dataclass(frozen=True, slots=True)
class _ClassNames:
    hygiene: Mapping[Hygiene, HygieneClass]
    fitting: Mapping[Fitting, FittingClass]


_Owner = tuple[int | None, int | None]


_Codes = Mapping[_Owner, tuple[tuple[str, str], ...]]


def _codes(session: Session) -> _Codes:
    """Return the codes by (category id, kind id); one of the two is None."""
    found: defaultdict[_Owner, tuple[tuple[str, str], ...]] = defaultdict(tuple)
    for row in session.execute(
        select(
            ClassificationCode.category_id,
            ClassificationCode.kind_id,
            ClassificationCode.edition,
            ClassificationCode.code,
        ).order_by(ClassificationCode.position)
    ):
        found[row.category_id, row.kind_id] += ((row.edition, row.code),)
    return found


def _needs_of(session: Session) -> defaultdict[int, tuple[str, ...]]:
    """Return the keys of needs by category id."""
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    for row in session.execute(
        select(CategoryNeed.category_id, Need.key)
        .join(Need, Need.id == CategoryNeed.need_id)
        .order_by(CategoryNeed.position)
    ):
        found[row.category_id] += (row.key,)
    return found


def _category_view(
    row: Category, names: _ClassNames, codes: _Codes, needs: tuple[str, ...]
) -> CategoryView:
    hygiene, fitting = names.hygiene[row.hygiene], names.fitting[row.fit]
    return CategoryView(
        id=row.id,
        no=row.no,
        key=row.key,
        name=Named(row.zh, row.en),
        standard_name_zh=row.standard_name_zh,
        codes=codes[row.id, None],
        code_note=row.code_note,
        code_note_said=code_note_said(row.code_note),
        needs=needs,
        hygiene=row.hygiene,
        hygiene_name=Named(hygiene.zh, hygiene.en),
        hygiene_said=HYGIENE_SAID[row.hygiene],
        turnround_open_days=hygiene.turnround_open_days,
        fit=row.fit,
        fit_name=Named(fitting.zh, fitting.en),
        fit_said=fitting_said(row.fit, row.hygiene),
        delivery=row.delivery,
        loan_days=row.loan_days,
        accessories=tuple(
            AccessoryView(name=Named(part["zh"], part["en"]), count=part["count"])
            for part in json.loads(row.accessories)
        ),
        consumables=tuple(
            ConsumableView(name=Named(part["zh"], part["en"]))
            for part in json.loads(row.consumables)
        ),
        caution_zh=row.caution_zh,
        caution=for_borrowers(row.caution_zh),
        withdrawn=row.withdrawn_at is not None,
    )


def _kind_view(row: Kind, of: CategoryView, codes: _Codes) -> KindView:
    own = codes[None, row.id]
    name = Named(row.zh, row.en)
    composed = compose(name, guidance(of))
    return KindView(
        id=row.id,
        key=row.key,
        name=name,
        category=of,
        codes=own or of.codes,
        own_codes=own,
        guide=Named(row.guide_zh or composed.zh, row.guide_en or composed.en),
        guide_edited=bool(row.guide_zh or row.guide_en),
        words=row.words,
        withdrawn=row.withdrawn_at is not None or of.withdrawn,
    )


def guidance(of: CategoryView) -> Guidance:
    """Return what the category's composed guides are made of."""
    return Guidance(
        fit=of.fit,
        hygiene=of.hygiene,
        accessories=tuple((part.name, part.count) for part in of.accessories),
        consumables=tuple(part.name for part in of.consumables),
    )
