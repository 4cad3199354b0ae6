"""What was noted about a borrower goes with the person; that something was lent stays."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, or_, update
from sqlalchemy.orm import Session

from rental.foundation.clock import Moment
from rental.loans.policy import LoanState
from rental.loans.queries import LOAN
from rental.people.service import anonymising

_c = LOAN.c


def _keeps(resident_id: Any, since: date) -> ColumnElement[bool]:
    """Tell of a loan that is open, or ended since then."""
    last = case((_c.state == LoanState.VOID, _c.issued_on), else_=_c.due_on)
    ended = func.coalesce(_c.returned_on, last) >= since
    return exists().where(_c.resident_id == resident_id, or_(_c.state == LoanState.OPEN, ended))


def _wipe(session: Session, resident_id: int, _at: Moment) -> None:
    """Wipe what was written; a hand-over that was forced stays one, without its reason."""
    forced = case((_c.forced_reason.is_not(None), ""))
    wiped = update(LOAN).where(_c.resident_id == resident_id)
    session.connection().execute(wiped.values(return_note="", forced_reason=forced))


anonymising.KEEPS.append(_keeps)
anonymising.WIPES.append(_wipe)
