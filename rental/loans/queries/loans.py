"""Loans as pages and other slices see them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Integer,
    Row,
    Select,
    String,
    bindparam,
    column,
    select,
    table,
)
from sqlalchemy.orm import Session

from rental.foundation.codes import CodeKind, is_code
from rental.foundation.database import table_of
from rental.foundation.errors import NotFound
from rental.foundation.words import N_
from rental.inventory import queries as inventory
from rental.inventory.queries import UnitView
from rental.journal import Head
from rental.loans.models import Loan
from rental.loans.policy import (
    Condition,
    Lateness,
    LoanState,
    lateness,
)
from rental.people.policy import masked_name

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


#: What a loan is read with; ``many`` runs it.
READ = (
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
#: The unit is still with the resident.
OPEN = _c.state == LoanState.OPEN
_REAL = _c.state != LoanState.VOID
_BY_CODE = READ.where(_c.code == bindparam("code"))
_BY_CODE_LOCKED = _BY_CODE.with_for_update(of=LOAN)
_OF_UNIT = READ.where(_c.unit_id == bindparam("unit_id"))
_OPEN_OF_UNIT = _OF_UNIT.where(OPEN)
_OPEN_OF_UNIT_LOCKED = _OPEN_OF_UNIT.with_for_update(of=LOAN)
_LATEST_OF_UNIT = _OF_UNIT.where(_REAL).order_by(_c.issued_at.desc(), _c.id.desc()).limit(1)
_OPEN_OF_RESIDENT = READ.where(OPEN, _c.resident_id == bindparam("resident_id")).order_by(
    _c.due_on, _c.id
)
_OF_RESIDENT = (
    READ
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
    return many(session, _OPEN_OF_RESIDENT, resident_id=resident_id)


def loans_of(session: Session, *, resident_id: int, most: int = 20) -> tuple[LoanView, ...]:
    """Return the resident's loans, newest first, ended ones included; void ones were none."""
    return many(session, _OF_RESIDENT, resident_id=resident_id, most=most)


def _one(session: Session, statement: Select[Any], code: str) -> LoanView:
    if not is_code(CodeKind.LOAN, code):
        raise LoanNotFound
    row = session.connection().execute(statement, {"code": code}).first()
    if row is None:
        raise LoanNotFound
    return _view(row)


def _first(session: Session, statement: Select[Any], **values: int) -> LoanView | None:
    row = session.connection().execute(statement, values).first()
    return None if row is None else _view(row)


def many(session: Session, statement: Select[Any], **values: int) -> tuple[LoanView, ...]:
    """Return the loans that a statement made of ``READ`` finds."""
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
