"""Handing a unit over: the scan path, few round trips, locks in the order resident, stock, unit."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Integer, String, bindparam, column, func, insert, select, table
from sqlalchemy.orm import Session

from rental import journal
from rental.foundation.actor import AT_DESK, Actor
from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, new_code
from rental.foundation.constraints import refusing
from rental.foundation.errors import Conflict
from rental.foundation.words import N_
from rental.inventory import queries as units
from rental.inventory import service as inventory
from rental.inventory.policy import NotYourStep, UnitState
from rental.inventory.queries import UnitView
from rental.journal import Entry, Line
from rental.journal.chain import EMPTY
from rental.loans.models import Loan
from rental.loans.policy import Blocker, LoanState, is_stopped
from rental.loans.policy.acts import Issue, moment_of_scan
from rental.loans.queries import LOAN, HandOver, hand_over
from rental.notices import service as notices
from rental.notices.policy import NoticeKind
from rental.people.service import RESIDENT, held_resident
from rental.reservations import service as reservations
from rental.upkeep import service as upkeep


class IssueBlocked(Conflict):
    """Something stands against the hand-over."""

    sentence = N_("现在还不能借出：%(first)s")

    def __init__(self, blockers: Sequence[Blocker]) -> None:
        """Keep what stands against it; the first one is in the sentence."""
        super().__init__(first=blockers[0].sentence)
        self.blockers = tuple(blockers)

    def more(self) -> dict[str, Any]:
        """Return the blockers for a program."""
        return {
            "blockers": [
                {
                    "code": blocker.code.value,
                    "sentence": blocker.sentence,
                    "remedy": blocker.remedy,
                    "forceable": blocker.forceable,
                }
                for blocker in self.blockers
            ]
        }


class UnitAlreadyOnLoan(Conflict):
    """Somebody else handed the unit over a moment ago."""

    sentence = N_("器具 %(code)s 刚刚已经借出。请刷新页面，或换一件扫码。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A hand-over that was recorded.

    Attributes:
        due_on: Last civil day of the loan, included.
        reservation_code: The promise it kept, None for a walk-in.
        blockers: Codes of what stood against it; empty unless forced.
    """

    loan_code: str
    unit_code: str
    resident_code: str
    reservation_code: str | None
    issued_at: datetime
    issued_on: date
    due_on: date
    forced: bool
    blockers: tuple[str, ...]


_INSERT = insert(LOAN).inline()

_UNIT = table(
    "unit", column("code", String), column("site_id", Integer), column("kind_id", Integer)
)
_STOCK = table(
    "stock", column("id", Integer), column("site_id", Integer), column("kind_id", Integer)
)
_LOCK_STOCK = (
    select(_STOCK.c.id)
    .join_from(
        _STOCK,
        _UNIT,
        (_UNIT.c.site_id == _STOCK.c.site_id) & (_UNIT.c.kind_id == _STOCK.c.kind_id),
    )
    .where(_UNIT.c.code == bindparam("code"))
    .with_for_update(of=_STOCK)
)
_HOLD_RESIDENT = held_resident(RESIDENT.c.code == bindparam("resident_code"))
#: On PostgreSQL the resident comes first, in the same round trip: no row of the stock is found,
#: and none locked, before the resident is held and counted.
_HELD = select(func.count().label("residents")).select_from(_HOLD_RESIDENT.cte("held")).subquery()
_LOCK_RESIDENT_AND_STOCK = _LOCK_STOCK.join(_HELD, _HELD.c.residents >= 0)


def issue(session: Session, wish: Issue, *, by: Actor, at: Moment) -> Issued:
    """Hand the unit over and return the new loan.

    A hand-over that already happened is recorded against a blocker when a reason is given; only
    hard stops are refused then.

    Args:
        session: The open use-case transaction.
        wish: What the desk asked for.
        by: The clerk.
        at: Now; the scan's own moment wins when it waited offline.

    Raises:
        UnitNotFound: If there is no such unit.
        ResidentNotFound: If there is no such resident.
        IssueBlocked: If something stands against it and no reason is given, or a hard stop does.
        UnitAlreadyOnLoan: If somebody else was faster.
        NotYourStep: If the actor's roles may not hand over.
    """
    if not by.has(*AT_DESK):
        raise NotYourStep
    at = moment_of_scan(wish.scanned_at, at)
    unit = _lock(session, wish)
    plan = hand_over(session, wish, unit=unit, at=at)
    if is_stopped(plan.blockers, forced=plan.reason is not None):
        raise IssueBlocked(plan.blockers)
    code = new_code(CodeKind.LOAN)
    lines = [
        _insert(session, plan, code=code, by=by, at=at),
        _move_unit(session, plan, loan_code=code, by=by, at=at),
    ]
    if plan.reservation is not None:
        lines.append(reservations.fulfil(session, plan.reservation, unit_id=unit.id, by=by, at=at))
    journal.write(session, lines)
    notices.send(
        session,
        NoticeKind.ISSUED,
        resident_id=plan.resident_id,
        once=code,
        at=at,
        params={"kind": plan.kind.name, "due": plan.due_on},
    )
    return Issued(
        loan_code=code,
        unit_code=unit.code,
        resident_code=wish.resident_code,
        reservation_code=plan.reservation.code if plan.reservation else None,
        issued_at=at.at,
        issued_on=at.on,
        due_on=plan.due_on,
        forced=plan.is_forced,
        blockers=_codes(plan),
    )


def _lock(session: Session, wish: Issue) -> UnitView:
    """Hold the resident and the stock of the unit's kind, then the unit: two round trips."""
    connection = session.connection()
    holds = connection.dialect.name == "postgresql"
    wanted = {"code": wish.unit_code, "resident_code": wish.resident_code}
    if (
        connection.execute(_LOCK_RESIDENT_AND_STOCK if holds else _LOCK_STOCK, wanted).first()
        is None
    ):
        unit = units.unit(session, code=wish.unit_code)
        if holds:
            connection.execute(_HOLD_RESIDENT, wanted)
        inventory.lock_stock(session, site_id=unit.site_id, kind_id=unit.kind_id)
    return units.lock_unit(session, code=wish.unit_code)


def _insert(session: Session, plan: HandOver, *, code: str, by: Actor, at: Moment) -> Line:
    """Insert the loan; return the first line of its history."""
    values: dict[str, Any] = {
        "code": code,
        "unit_id": plan.unit.id,
        "kind_id": plan.unit.kind_id,
        "site_id": plan.unit.site_id,
        "resident_id": plan.resident_id,
        "reservation_id": plan.reservation.id if plan.reservation else None,
        "state": LoanState.OPEN,
        "issued_on": at.on,
        "issued_at": at.at,
        "issued_by": by.account_id,
        "due_on": plan.due_on,
        "renewals": 0,
        "forced_reason": plan.reason if plan.is_forced else None,
        "returned_on": None,
        "missing": "[]",
        "return_note": "",
        "lacking": json.dumps(list(plan.unit.missing), ensure_ascii=False),
    }
    entry = Entry(
        subject=f"loan:{code}",
        act=_act(plan),
        at=at.at,
        actor_id=by.account_id,
        resident_id=plan.resident_id,
        row={name: values[name] for name in Loan.journal_columns},
        details=_details(plan),
    )
    written = journal.line(entry, after=EMPTY)
    taken = UnitAlreadyOnLoan(code=plan.unit.code)
    with refusing("uq_loan_open_unit", "loan.unit_id", refusal=taken):
        session.connection().execute(_INSERT, values | written.head.columns)
    return written


def _move_unit(session: Session, plan: HandOver, *, loan_code: str, by: Actor, at: Moment) -> Line:
    """Move the unit; one that was still in the wash room ends its turn there."""
    details = {"loan": loan_code, **_details(plan)}
    if plan.is_forced:
        upkeep.abandon(session, unit_id=plan.unit.id, by=by, at=at)
    return inventory.move(
        session,
        plan.unit,
        to=UnitState.ON_LOAN,
        act=_act(plan),
        by=by,
        at=at,
        due_on=plan.due_on,
        free_from=plan.free_from,
        resident_id=plan.resident_id,
        details=details,
        forced=plan.is_forced,
    )


def _act(plan: HandOver) -> str:
    return "issued_forced" if plan.is_forced else "issued"


def _codes(plan: HandOver) -> tuple[str, ...]:
    return tuple(blocker.code.value for blocker in plan.blockers)


def _details(plan: HandOver) -> dict[str, Any]:
    """Return what the history says beside the row: codes, never what somebody wrote."""
    details: dict[str, Any] = {}
    if plan.reservation is not None:
        details["reservation"] = plan.reservation.code
    if plan.is_forced:
        details["blockers"] = _codes(plan)
    return details
