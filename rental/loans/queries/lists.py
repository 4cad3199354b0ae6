"""Lists of loans, page by page, and how many stand in each."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, and_, func, select, true
from sqlalchemy.orm import Session

from rental.loans.policy import DUE_SOON_DAYS, REMINDER_DAYS, LoanState
from rental.loans.queries.loans import LOAN, OPEN, READ, RESIDENT, LoanView, many

PER_PAGE = 50
_MAX_PAGE = 100_000

_c = LOAN.c


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


def due(session: Session, *, site_id: int | None, on: date, after: int = 0) -> tuple[LoanView, ...]:
    """Return the open loans that end on the day, a page of those whose key lies after the one."""
    ending = READ.where(OPEN, _c.due_on == on, _c.id > after).order_by(_c.id)
    return many(session, _at(ending, site_id).limit(PER_PAGE))


def due_days(session: Session, *, since: date) -> tuple[tuple[int, date], ...]:
    """Return the days from then on on which open loans end, each with its site."""
    days = select(_c.site_id, _c.due_on).where(OPEN, _c.due_on >= since).distinct()
    found = session.connection().execute(days.order_by(_c.due_on, _c.site_id))
    return tuple((site_id, due_on) for site_id, due_on in found)


def due_by_kind(
    session: Session, *, site_id: int, since: date
) -> tuple[tuple[int, date, int], ...]:
    """Return how many open loans of each kind end on each day from then on at the site."""
    counted = select(_c.kind_id, _c.due_on, func.count()).where(
        OPEN, _c.site_id == site_id, _c.due_on >= since
    )
    rows = session.execute(counted.group_by(_c.kind_id, _c.due_on))
    return tuple((kind_id, due_on, n) for kind_id, due_on, n in rows)


def overdue(session: Session, *, site_id: int | None, on: date) -> tuple[LoanView, ...]:
    """Return the loans that are late on the day, the latest first."""
    late = READ.where(_narrow(Show.OVERDUE, on)).order_by(_c.due_on, _c.id)
    return many(session, _at(late, site_id).limit(PER_PAGE))


def counts(session: Session, *, site_id: int | None, on: date) -> LoanCounts:
    """Return how many open loans end on the day, and how many are late on it."""
    statement = cast(
        "Select[Any]",
        select(
            func.count(_c.id).label("open"),
            func.count(_c.id).filter(_narrow(Show.TODAY, on)).label("due_today"),
            func.count(_c.id).filter(_narrow(Show.OVERDUE, on)).label("overdue"),
        ).where(OPEN),
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
    statement = _at(READ.where(_narrow(show, on)), site_id).order_by(*order)
    found = many(session, statement.limit(PER_PAGE).offset((number - 1) * PER_PAGE))
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
    return many(
        session,
        READ.where(OPEN, _c.due_on.in_(sorted(days)), RESIDENT.c.state == "active").order_by(_c.id),
    )


def _narrow(show: Show, on: date) -> ColumnElement[bool]:
    """Return the condition of a list; in SQL what ``policy.lateness`` says of one loan."""
    soon = on + timedelta(days=DUE_SOON_DAYS)
    conditions: dict[Show, ColumnElement[bool]] = {
        Show.OPEN: OPEN,
        Show.TODAY: and_(OPEN, _c.due_on == on),
        Show.DUE: and_(OPEN, _c.due_on.between(on, soon)),
        Show.OVERDUE: and_(OPEN, _c.due_on < on),
        Show.RETURNED: _c.state == LoanState.RETURNED,
        Show.LOST: _c.state == LoanState.LOST,
        Show.FORCED: _c.forced_reason.is_not(None),
        Show.VOID: _c.state == LoanState.VOID,
        Show.ALL: true(),
    }
    return conditions[show]


def _at(statement: Select[Any], site_id: int | None) -> Select[Any]:
    return statement if site_id is None else statement.where(_c.site_id == site_id)
