"""Loans as pages and other slices see them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    String,
    and_,
    bindparam,
    column,
    func,
    select,
    table,
    true,
)
from sqlalchemy.orm import Session

from rental.foundation.database import table_of
from rental.foundation.errors import NotFound
from rental.foundation.words import N_
from rental.inventory import queries as inventory
from rental.inventory.queries import UnitView
from rental.journal import Head
from rental.loans.models import Loan
from rental.loans.policy import (
    DUE_SOON_DAYS,
    REMINDER_DAYS,
    Condition,
    Lateness,
    LoanState,
    lateness,
)
from rental.people.policy import masked_name

PER_PAGE = 50
_MAX_PAGE = 100_000

LOAN = table_of(Loan)
_c = LOAN.c

# What a loan is read with in the same round trip: public codes and the name that pages mask.
UNIT = table("unit", column("id", Integer), column("code", String))
RESIDENT = table(
    "resident",
    column("id", Integer),
    column("code", String),
    column("name", String),
    column("state", String),
)


class LoanNotFound(NotFound):
    """No loan has the code."""

    sentence = N_("没有这笔租借，请核对编号，或打电话给我们。")


class Show(StrEnum):
    """What the list of loans is narrowed to."""

    OPEN = "open"
    TODAY = "today"
    DUE = "due"
    OVERDUE = "overdue"
    RETURNED = "returned"
    LOST = "lost"
    FORCED = "forced"
    VOID = "void"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanView:
    """One unit in one home.

    Attributes:
        masked_name: The resident's name as lists show it.
        due_on: Last civil day of the loan, included.
        forced_reason: Why it was handed over against a blocker, None when nothing stood against it.
        missing: Accessories that did not come back, by their Chinese names.
        lacking: Those that the unit lacked before: at the hand-over, and once it came back, right
            before that.
    """

    id: int
    code: str
    unit_id: int
    unit_code: str
    kind_id: int
    site_id: int
    resident_id: int
    resident_code: str
    masked_name: str
    reservation_id: int | None
    state: LoanState
    issued_on: date
    issued_at: datetime
    issued_by: int
    due_on: date
    renewals: int
    forced_reason: str | None
    returned_on: date | None
    returned_at: datetime | None
    received_by: int | None
    condition: Condition | None
    missing: tuple[str, ...]
    return_note: str
    lacking: tuple[str, ...]
    journal_head: Head

    @property
    def is_open(self) -> bool:
        """Whether the unit is still with the resident."""
        return self.state is LoanState.OPEN

    def lateness(self, today: date) -> Lateness:
        """Return how the loan stands to its due date."""
        return lateness(self.state, self.due_on, today)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanPage:
    """One page of loans; ``number`` starts at 1, ``total`` counts all pages."""

    loans: tuple[LoanView, ...]
    total: int
    number: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanCounts:
    """How many open loans of a site end today, and how many are late."""

    due_today: int
    overdue: int
    open: int


_READ = (
    select(
        _c.id,
        _c.code,
        _c.unit_id,
        UNIT.c.code.label("unit_code"),
        _c.kind_id,
        _c.site_id,
        _c.resident_id,
        RESIDENT.c.code.label("resident_code"),
        RESIDENT.c.name.label("resident_name"),
        _c.reservation_id,
        _c.state,
        _c.issued_on,
        _c.issued_at,
        _c.issued_by,
        _c.due_on,
        _c.renewals,
        _c.forced_reason,
        _c.returned_on,
        _c.returned_at,
        _c.received_by,
        _c.condition,
        _c.missing,
        _c.return_note,
        _c.lacking,
        _c.journal_seq,
        _c.journal_hash,
    )
    .join_from(LOAN, UNIT, UNIT.c.id == _c.unit_id)
    .join(RESIDENT, RESIDENT.c.id == _c.resident_id)
)
_OPEN = _c.state == LoanState.OPEN
_REAL = _c.state != LoanState.VOID
_BY_CODE = _READ.where(_c.code == bindparam("code"))
_BY_CODE_LOCKED = _BY_CODE.with_for_update(of=LOAN)
_OF_UNIT = _READ.where(_c.unit_id == bindparam("unit_id"))
_OPEN_OF_UNIT = _OF_UNIT.where(_OPEN)
_OPEN_OF_UNIT_LOCKED = _OPEN_OF_UNIT.with_for_update(of=LOAN)
_LATEST_OF_UNIT = _OF_UNIT.where(_REAL).order_by(_c.issued_at.desc(), _c.id.desc()).limit(1)
_OPEN_OF_RESIDENT = _READ.where(_OPEN, _c.resident_id == bindparam("resident_id")).order_by(
    _c.due_on, _c.id
)
_OF_RESIDENT = (
    _READ
    .where(_c.resident_id == bindparam("resident_id"), _REAL)
    .order_by(_c.issued_at.desc(), _c.id.desc())
    .limit(bindparam("most"))
)


def loan(session: Session, *, code: str) -> LoanView:
    """Return the loan with the code.

    Raises:
        LoanNotFound: If there is none.
    """
    return _one(session, _BY_CODE, code)


def lock_loan(session: Session, *, code: str) -> LoanView:
    """Return the loan and hold its row until the transaction ends; lock its unit first.

    Raises:
        LoanNotFound: If there is none.
    """
    return _one(session, _BY_CODE_LOCKED, code)


def open_loan_of_unit(session: Session, *, unit_id: int) -> LoanView | None:
    """Return the loan that the unit is on now, None when it is in."""
    return _first(session, _OPEN_OF_UNIT, unit_id=unit_id)


def lock_open_loan_of_unit(session: Session, *, unit_id: int) -> LoanView | None:
    """Return the loan that the locked unit is on now, held until the transaction ends."""
    return _first(session, _OPEN_OF_UNIT_LOCKED, unit_id=unit_id)


def latest_of_unit(session: Session, *, unit_id: int) -> LoanView | None:
    """Return the unit's newest loan, None when it never left; a void one was none."""
    return _first(session, _LATEST_OF_UNIT, unit_id=unit_id)


def open_loans_of(session: Session, *, resident_id: int) -> tuple[LoanView, ...]:
    """Return the resident's open loans, the one that ends first being first."""
    return _many(session, _OPEN_OF_RESIDENT, resident_id=resident_id)


def loans_of(session: Session, *, resident_id: int, most: int = 20) -> tuple[LoanView, ...]:
    """Return the resident's loans, newest first, ended ones included; void ones were none."""
    return _many(session, _OF_RESIDENT, resident_id=resident_id, most=most)


def due(session: Session, *, site_id: int | None, on: date, after: int = 0) -> tuple[LoanView, ...]:
    """Return the open loans that end on the day, a page of those whose key lies after the one."""
    ending = _READ.where(_OPEN, _c.due_on == on, _c.id > after).order_by(_c.id)
    return _many(session, _at(ending, site_id).limit(PER_PAGE))


def due_days(session: Session, *, since: date) -> tuple[tuple[int, date], ...]:
    """Return the days from then on on which open loans end, each with its site."""
    days = select(_c.site_id, _c.due_on).where(_OPEN, _c.due_on >= since).distinct()
    found = session.connection().execute(days.order_by(_c.due_on, _c.site_id))
    return tuple((site_id, due_on) for site_id, due_on in found)


def due_by_kind(
    session: Session, *, site_id: int, since: date
) -> tuple[tuple[int, date, int], ...]:
    """Return how many open loans of each kind end on each day from then on at the site."""
    counted = select(_c.kind_id, _c.due_on, func.count()).where(
        _OPEN, _c.site_id == site_id, _c.due_on >= since
    )
    rows = session.execute(counted.group_by(_c.kind_id, _c.due_on))
    return tuple((kind_id, due_on, n) for kind_id, due_on, n in rows)


def overdue(session: Session, *, site_id: int | None, on: date) -> tuple[LoanView, ...]:
    """Return the loans that are late on the day, the latest first."""
    late = _READ.where(_narrow(Show.OVERDUE, on)).order_by(_c.due_on, _c.id)
    return _many(session, _at(late, site_id).limit(PER_PAGE))


def counts(session: Session, *, site_id: int | None, on: date) -> LoanCounts:
    """Return how many open loans end on the day, and how many are late on it."""
    statement = cast(
        "Select[Any]",
        select(
            func.count(_c.id).label("open"),
            func.count(_c.id).filter(_narrow(Show.TODAY, on)).label("due_today"),
            func.count(_c.id).filter(_narrow(Show.OVERDUE, on)).label("overdue"),
        ).where(_OPEN),
    )
    row = session.execute(_at(statement, site_id)).one()
    return LoanCounts(open=row.open, due_today=row.due_today, overdue=row.overdue)


def count(session: Session, *, show: Show, on: date, site_id: int | None = None) -> int:
    """Return how many loans the list shows on all its pages."""
    return session.scalar(_at(select(func.count(_c.id)).where(_narrow(show, on)), site_id)) or 0


def loans(
    session: Session, *, show: Show, on: date, site_id: int | None = None, page: int = 1
) -> LoanPage:
    """Return one page of loans: open ones by due date, ended ones newest first."""
    total = count(session, show=show, on=on, site_id=site_id)
    pages = max(1, -(-total // PER_PAGE))
    number = min(max(page, 1), pages, _MAX_PAGE)
    by_due = show in {Show.OPEN, Show.TODAY, Show.DUE, Show.OVERDUE}
    order = (_c.due_on, _c.id) if by_due else (_c.issued_at.desc(), _c.id.desc())
    statement = _at(_READ.where(_narrow(show, on)), site_id).order_by(*order)
    found = _many(session, statement.limit(PER_PAGE).offset((number - 1) * PER_PAGE))
    return LoanPage(loans=found, total=total, number=number, pages=pages)


def to_remind(session: Session, *, on: date, days_back: int = 0) -> tuple[LoanView, ...]:
    """Return the open loans for which a reminder falls on the day, or on one of the days before.

    Residents who are to be left in peace are left out.
    """
    days = {
        on - timedelta(days=after + back)
        for after in REMINDER_DAYS
        for back in range(days_back + 1)
    }
    return _many(
        session,
        _READ.where(_OPEN, _c.due_on.in_(sorted(days)), RESIDENT.c.state == "active").order_by(
            _c.id
        ),
    )


def _narrow(show: Show, on: date) -> ColumnElement[bool]:
    """Return the condition of a list; in SQL what ``policy.lateness`` says of one loan."""
    soon = on + timedelta(days=DUE_SOON_DAYS)
    conditions: dict[Show, ColumnElement[bool]] = {
        Show.OPEN: _OPEN,
        Show.TODAY: and_(_OPEN, _c.due_on == on),
        Show.DUE: and_(_OPEN, _c.due_on.between(on, soon)),
        Show.OVERDUE: and_(_OPEN, _c.due_on < on),
        Show.RETURNED: _c.state == LoanState.RETURNED,
        Show.LOST: _c.state == LoanState.LOST,
        Show.FORCED: _c.forced_reason.is_not(None),
        Show.VOID: _c.state == LoanState.VOID,
        Show.ALL: true(),
    }
    return conditions[show]


def _at(statement: Select[Any], site_id: int | None) -> Select[Any]:
    return statement if site_id is None else statement.where(_c.site_id == site_id)


def _one(session: Session, statement: Select[Any], code: str) -> LoanView:
    row = session.connection().execute(statement, {"code": code}).first()
    if row is None:
        raise LoanNotFound
    return _view(row)


def _first(session: Session, statement: Select[Any], **values: int) -> LoanView | None:
    row = session.connection().execute(statement, values).first()
    return None if row is None else _view(row)


def _many(session: Session, statement: Select[Any], **values: int) -> tuple[LoanView, ...]:
    rows: Sequence[Row[Any]] = session.connection().execute(statement, values).all()
    return tuple(_view(row) for row in rows)


def _view(row: Row[Any]) -> LoanView:
    return LoanView(
        id=row.id,
        code=row.code,
        unit_id=row.unit_id,
        unit_code=row.unit_code,
        kind_id=row.kind_id,
        site_id=row.site_id,
        resident_id=row.resident_id,
        resident_code=row.resident_code,
        masked_name=masked_name(row.resident_name),
        reservation_id=row.reservation_id,
        state=row.state,
        issued_on=row.issued_on,
        issued_at=row.issued_at,
        issued_by=row.issued_by,
        due_on=row.due_on,
        renewals=row.renewals,
        forced_reason=row.forced_reason,
        returned_on=row.returned_on,
        returned_at=row.returned_at,
        received_by=row.received_by,
        condition=row.condition,
        missing=_names(row.missing),
        return_note=row.return_note,
        lacking=_names(row.lacking),
        journal_head=Head(row.journal_seq, row.journal_hash),
    )


def _names(stored: str) -> tuple[str, ...]:
    return () if stored == "[]" else tuple(json.loads(stored))


def _was_lost_by_borrower(session: Session, unit: UnitView) -> bool:
    """Tell whether the unit's newest loan ended as lost."""
    found = latest_of_unit(session, unit_id=unit.id)
    return found is not None and found.state is LoanState.LOST


inventory.LOST_BY_BORROWER.append(_was_lost_by_borrower)
