"""Reads of units and stock; the ones on the scan path are Core statements built once."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from rental.catalogue import queries as catalogue
from rental.foundation.database import ask, table_of
from rental.foundation.errors import NotFound
from rental.foundation.words import N_, Sentence
from rental.inventory.models import Unit
from rental.inventory.policy import CIRCULATING, LENDABLE, UnitState
from rental.journal import Head
from rental.journal import queries as journal

PER_PAGE = 50
_LONGEST_SEARCH = 80
_MAX_PAGE = 100_000


class UnitNotFound(NotFound):
    """No unit has the code."""

    sentence = N_("没有编号为 %(code)s 的器具，请核对标签上的 8 位编号，或打电话给我们。")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitView:
    """One physical piece as it is now.

    Attributes:
        due_on: Civil date on which the loan ends; set exactly while on loan.
        free_from: First civil day on which it is expected lendable; None means now when its
            state is lendable, never otherwise.
        missing: Accessories that did not come back, by their Chinese names.
        journal_head: Where its history ends; ``service.move`` expects it unchanged.
    """

    id: int
    code: str
    kind_id: int
    site_id: int
    zone_id: int | None
    state: UnitState
    due_on: date | None
    free_from: date | None
    serial_number: str | None
    maker: str
    load_limit_kg: int | None
    electrical_test_due_on: date | None
    expires_on: date | None
    missing: tuple[str, ...]
    note: str
    journal_head: Head

    def counts(self, today: date) -> bool:
        """Tell whether promises count on it today: what ``_COUNTS`` says in SQL."""
        return self.state in CIRCULATING and not (
            _is_over(self.expires_on, today)
            or (self.state in LENDABLE and _is_over(self.electrical_test_due_on, today))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFacts:
    """What only the unit's own page and its form show."""

    registration_number: str | None
    udi: str | None
    bought_on: date | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StockGroup:
    """How many units that count share a state, a due date and an expected free date."""

    state: UnitState
    due_on: date | None
    free_from: date | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFilter:
    """What a list of units is narrowed to; None and empty text leave it wide."""

    site_id: int | None = None
    state: UnitState | None = None
    kind_id: int | None = None
    category_id: int | None = None
    zone_id: int | None = None
    q: str = ""
    codes: tuple[str, ...] = ()
    breached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPage:
    """One page of units; ``number`` starts at 1, ``total`` counts all pages."""

    units: tuple[UnitView, ...]
    total: int
    number: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One more line of a unit's page for staff; ``endpoint`` leads further, with ``values``."""

    term: Sentence
    value: Sentence
    endpoint: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


#: What higher slices know of a unit; they add their functions when they are imported.
MORE_FACTS: list[Callable[[Session, UnitView], tuple[Fact, ...]]] = []

#: Why a unit was set aside, by the key in the details of the act; upkeep adds its own.
REASONS: list[Callable[[Session, UnitView], Mapping[int, str]]] = []

#: Who knows whether a lost unit was lost by a borrower; loans add theirs when they are imported.
LOST_BY_BORROWER: list[Callable[[Session, UnitView], bool]] = []

UNIT = table_of(Unit)
_c = UNIT.c
_COLUMNS = (
    _c.id, _c.code, _c.kind_id, _c.site_id, _c.zone_id, _c.state, _c.due_on, _c.free_from,
    _c.serial_number, _c.maker, _c.load_limit_kg, _c.electrical_test_due_on, _c.expires_on,
    _c.missing, _c.note, _c.journal_seq, _c.journal_hash,
)  # fmt: skip

_BY_CODE = select(*_COLUMNS).where(_c.code == bindparam("code"))
_BY_CODE_LOCKED = _BY_CODE.with_for_update()
_BY_ID = select(*_COLUMNS).where(_c.id == bindparam("unit_id"))


def _still(until: ColumnElement[date | None]) -> ColumnElement[bool]:
    return or_(until.is_(None), until >= bindparam("today"))


#: Circulating and fit to be lent: nobody is promised what has expired, nor counts what stands on
#: the shelf on a unit whose electrical test has run out. Binds ``today``.
_COUNTS = and_(
    _c.state.in_(sorted(CIRCULATING)),
    _still(_c.expires_on),
    or_(_still(_c.electrical_test_due_on), _c.state.not_in(sorted(LENDABLE))),
)

#: Units of a kind at a site that count, grouped; binds ``kind_id``, ``site_id`` and ``today``.
STOCK_GROUPS = (
    select(_c.state, _c.due_on, _c.free_from, func.count().label("count"))
    .where(_c.site_id == bindparam("site_id"), _c.kind_id == bindparam("kind_id"), _COUNTS)
    .group_by(_c.state, _c.due_on, _c.free_from)
)
_STOCK_GROUPS_OF_KINDS = (
    select(_c.kind_id, _c.state, _c.due_on, _c.free_from, func.count().label("count"))
    .where(
        _c.site_id == bindparam("site_id"),
        _c.kind_id.in_(bindparam("kind_ids", expanding=True)),
        _COUNTS,
    )
    .group_by(_c.kind_id, _c.state, _c.due_on, _c.free_from)
)


def unit(session: Session, *, code: str) -> UnitView:
    """Return the unit with the code, in one round trip.

    Raises:
        UnitNotFound: If there is none.
    """
    return _one(session, _BY_CODE, code)


def lock_unit(session: Session, *, code: str) -> UnitView:
    """Return the unit and hold its row until the transaction ends.

    Raises:
        UnitNotFound: If there is none.
    """
    return _one(session, _BY_CODE_LOCKED, code)


def unit_at_a_glance(code: str) -> UnitView:
    """Return the unit for its public page, in one bare round trip.

    Raises:
        UnitNotFound: If there is none.
    """
    for row in ask(_BY_CODE, {"code": code}):
        return view_of(row)
    raise UnitNotFound(code=code[:20])


def unit_by_id(session: Session, *, unit_id: int) -> UnitView:
    """Return the unit with the key.

    Raises:
        UnitNotFound: If there is none.
    """
    row = session.execute(_BY_ID, {"unit_id": unit_id}).first()
    if row is None:
        raise UnitNotFound(code="?")
    return view_of(row)


def units_by_id(session: Session, ids: Sequence[int]) -> dict[int, UnitView]:
    """Return the units with the keys, by key, in one round trip."""
    if not ids:
        return {}
    rows = session.execute(select(*_COLUMNS).where(_c.id.in_(set(ids))))
    return {row.id: view_of(row) for row in rows}


def on_loan_until(session: Session, *, since: date) -> tuple[UnitView, ...]:
    """Return the units on loan that are due on the day or later, at every site."""
    due = select(*_COLUMNS).where(_c.state == UnitState.ON_LOAN, _c.due_on >= since)
    return tuple(view_of(row) for row in session.execute(due.order_by(_c.id)))


def is_out(session: Session, unit: UnitView) -> bool:
    """Tell whether a borrower answers for the unit: it is on loan, or was lost while it was."""
    if unit.state is not UnitState.LOST:
        return unit.state is UnitState.ON_LOAN
    return any(was_lost(session, unit) for was_lost in LOST_BY_BORROWER)


def facts(session: Session, *, unit_id: int) -> UnitFacts:
    """Return the papers of a unit that exists."""
    row = session.execute(
        select(_c.registration_number, _c.udi, _c.bought_on, _c.created_at).where(_c.id == unit_id)
    ).one()
    return UnitFacts(
        registration_number=row.registration_number,
        udi=row.udi,
        bought_on=row.bought_on,
        created_at=row.created_at,
    )


def stock_groups_of_kinds(
    session: Session, *, kind_ids: Sequence[int], site_id: int, today: date
) -> dict[int, tuple[StockGroup, ...]]:
    """Return the units that count, kind by kind, grouped by when they are free."""
    if not kind_ids:
        return {}
    found: defaultdict[int, list[StockGroup]] = defaultdict(list)
    wanted = {"kind_ids": list(kind_ids), "site_id": site_id, "today": today}
    for kind_id, *group in session.execute(_STOCK_GROUPS_OF_KINDS, wanted):
        found[kind_id].append(StockGroup(*group))
    return {kind_id: tuple(groups) for kind_id, groups in found.items()}


def count_by_state(session: Session, *, site_id: int | None) -> dict[UnitState, int]:
    """Return how many units stand in each state; states without any are absent."""
    counted = select(_c.state, func.count()).group_by(_c.state)
    if site_id is not None:
        counted = counted.where(_c.site_id == site_id)
    return {state: number for state, number in session.execute(counted)}  # ruff: ignore[unnecessary-comprehension] - rows are no pairs to mypy


def units(
    session: Session, *, wanted: UnitFilter, page: int = 1, per_page: int = PER_PAGE
) -> UnitPage:
    """Return one page of the units that fit, newest first."""
    matching = _narrowed(session, wanted)
    total = session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    pages = max(1, -(-total // per_page))
    number = min(max(page, 1), pages, _MAX_PAGE)
    rows = session.execute(
        matching.order_by(_c.id.desc()).limit(per_page).offset((number - 1) * per_page)
    )
    return UnitPage(
        units=tuple(view_of(row) for row in rows), total=total, number=number, pages=pages
    )


def units_in(
    session: Session, *, site_id: int | None, states: Sequence[UnitState], limit: int = 200
) -> tuple[UnitView, ...]:
    """Return the units of a site in the states, those expected free first."""
    matching = select(*_COLUMNS).where(_c.state.in_(list(states)))
    if site_id is not None:
        matching = matching.where(_c.site_id == site_id)
    rows = session.execute(
        matching.order_by(_c.free_from.is_(None), _c.free_from, _c.id).limit(limit)
    )
    return tuple(view_of(row) for row in rows)


def for_labels(session: Session, *, codes: Sequence[str]) -> tuple[UnitView, ...]:
    """Return the units with the codes in the order asked for; unknown codes are left out."""
    rows = session.execute(select(*_COLUMNS).where(_c.code.in_(set(codes))))
    found = {row.code: view_of(row) for row in rows}
    return tuple(found[code] for code in dict.fromkeys(codes) if code in found)


def _is_over(until: date | None, today: date) -> bool:
    """Tell whether a last day has passed."""
    return until is not None and until < today


def _one(session: Session, statement: Select[Any], code: str) -> UnitView:
    row = session.connection().execute(statement, {"code": code}).first()
    if row is None:
        raise UnitNotFound(code=code[:20])
    return view_of(row)


def view_of(row: Row[*tuple[Any, ...]]) -> UnitView:
    """Return the read model of a row with the columns above."""
    return UnitView(
        id=row.id,
        code=row.code,
        kind_id=row.kind_id,
        site_id=row.site_id,
        zone_id=row.zone_id,
        state=row.state,
        due_on=row.due_on,
        free_from=row.free_from,
        serial_number=row.serial_number,
        maker=row.maker,
        load_limit_kg=row.load_limit_kg,
        electrical_test_due_on=row.electrical_test_due_on,
        expires_on=row.expires_on,
        missing=() if row.missing == "[]" else tuple(json.loads(row.missing)),
        note=row.note,
        journal_head=Head(row.journal_seq, row.journal_hash),
    )


def _narrowed(session: Session, wanted: UnitFilter) -> Select[Any]:
    """Return the statement of all units that fit the filter."""
    statement = select(*_COLUMNS)
    for column, value in (
        (_c.site_id, wanted.site_id),
        (_c.state, wanted.state),
        (_c.kind_id, wanted.kind_id),
        (_c.zone_id, wanted.zone_id),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if wanted.codes:
        statement = statement.where(_c.code.in_(wanted.codes))
    if wanted.breached:
        statement = statement.where(_c.code.in_(journal.having("breach", of="unit")))
    if wanted.category_id is not None:
        statement = statement.where(_c.kind_id.in_(_kinds_of(session, wanted.category_id)))
    text = wanted.q.replace("\x00", "").strip()[:_LONGEST_SEARCH]
    return statement.where(_says(session, text)) if text else statement


def _kinds_of(session: Session, category_id: int) -> list[int]:
    kinds = catalogue.kinds(session, include_withdrawn=True)
    return [kind.id for kind in kinds if kind.category.id == category_id]


def _says(session: Session, text: str) -> Any:
    """Return the condition that code, serial number, maker or the kind's name hold the text."""
    named = [kind.id for kind in catalogue.kinds(session, q=text, include_withdrawn=True)]
    return or_(
        _c.code.contains(text.upper().removeprefix("/U/"), autoescape=True),
        _c.serial_number.icontains(text, autoescape=True),
        _c.kind_id.in_(named),
    )
