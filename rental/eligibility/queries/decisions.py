"""Asking about decisions."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from rental.eligibility.models import Application, Decision
from rental.eligibility.policy import Ground
from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, is_code
from rental.foundation.errors import NotFound
from rental.foundation.words import N_


class DecisionNotFound(NotFound):
    """No decision bears the code."""

    sentence = N_("没有找到这个审核结论。请刷新页面再看一次。")


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """The approval of one ground; both dates inclusive."""

    code: str
    ground: Ground
    valid_from: date
    valid_until: date
    reason: str
    decided_at: datetime
    revoked_at: datetime | None
    application_code: str

    @property
    def ended_on(self) -> date:
        """The day on which it ends, or on which it was revoked before that."""
        if self.revoked_at is None:
            return self.valid_until
        return min(self.valid_until, Moment.of(self.revoked_at).on)

    @property
    def was_cut_short(self) -> bool:
        """Whether it was revoked, and not merely ran out."""
        return self.revoked_at is not None and Moment.of(self.revoked_at).on <= self.valid_until

    def holds(self, on: date) -> bool:
        """Tell whether the decision holds on the day."""
        return self.revoked_at is None and self.valid_from <= on <= self.valid_until


def valid_until(
    resident_id_col: SQLCoreOperations[Any], on: date | SQLCoreOperations[Any]
) -> ScalarSelect[date]:
    """Return the SQL expression of the last day of the decision that holds longest.

    Args:
        resident_id_col: The resident, a column of the enclosing statement or a parameter.
        on: The civil date on which a decision must hold, a value or a parameter.
    """
    return (
        select(func.max(Decision.valid_until))
        .where(
            Decision.resident_id == resident_id_col,
            Decision.valid_from <= on,
            Decision.valid_until >= on,
            Decision.revoked_at.is_(None),
        )
        .scalar_subquery()
    )


def valid_decision(session: Session, *, resident_id: int, on: date) -> DecisionView | None:
    """Return the decision that holds on the day and longest after it, None without one."""
    statement = (
        _decisions()
        .where(
            Decision.resident_id == resident_id,
            Decision.valid_from <= on,
            Decision.valid_until >= on,
            Decision.revoked_at.is_(None),
        )
        .order_by(Decision.valid_until.desc(), Decision.id)
        .limit(1)
    )
    return next(iter(_decision_views(session, statement)), None)


def decisions_of(session: Session, *, resident_id: int) -> tuple[DecisionView, ...]:
    """Return every decision about the resident, the latest first."""
    statement = _decisions().where(Decision.resident_id == resident_id).order_by(Decision.id.desc())
    return _decision_views(session, statement)


def ended_decision(session: Session, *, resident_id: int, on: date) -> DecisionView | None:
    """Return the decision that ended last, None while one holds or when there never was one."""
    found = decisions_of(session, resident_id=resident_id)
    if any(each.holds(on) for each in found):
        return None
    return max(found, key=lambda each: (each.ended_on, each.was_cut_short), default=None)


def decision(session: Session, *, code: str) -> DecisionView:
    """Return the decision with the code.

    Raises:
        DecisionNotFound: If there is none.
    """
    found: tuple[DecisionView, ...] = ()
    if is_code(CodeKind.DECISION, code):
        found = _decision_views(session, _decisions().where(Decision.code == code))
    if not found:
        raise DecisionNotFound
    return found[0]


def of_application(session: Session, application_id: int) -> tuple[DecisionView, ...]:
    """Return the decisions that answer an application."""
    statement = _decisions().where(Decision.application_id == application_id).order_by(Decision.id)
    return _decision_views(session, statement)


def _decisions() -> Select[Decision, str]:
    return select(Decision, Application.code).join(
        Application, Application.id == Decision.application_id
    )


def _decision_views(session: Session, statement: Select[Decision, str]) -> tuple[DecisionView, ...]:
    return tuple(
        DecisionView(
            code=row.code,
            ground=row.ground,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            reason=row.reason,
            decided_at=row.decided_at,
            revoked_at=row.revoked_at,
            application_code=application_code,
        )
        for row, application_code in session.execute(statement)
    )
