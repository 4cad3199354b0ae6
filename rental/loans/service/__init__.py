"""Loan use cases, one file each."""

from rental.loans.policy.acts import Issue, Return
from rental.loans.service import anonymising as anonymising
from rental.loans.service import warning as warning
from rental.loans.service.following import FOLLOW_CALENDAR, follow_calendar
from rental.loans.service.issue import IssueBlocked, Issued, UnitAlreadyOnLoan, issue
from rental.loans.service.losing import mark_lost
from rental.loans.service.reminding import remind
from rental.loans.service.renew import Renewed, renew
from rental.loans.service.take_back import (
    ScanOlderThanLoan,
    StaleLoan,
    TakenBack,
    UnitNotOnLoan,
    take_back,
)
from rental.loans.service.undo_issue import IssueUndone, undo_issue
from rental.loans.service.undo_return import ReturnUndone, undo_return

__all__ = [
    "FOLLOW_CALENDAR",
    "Issue",
    "IssueBlocked",
    "IssueUndone",
    "Issued",
    "Renewed",
    "Return",
    "ReturnUndone",
    "ScanOlderThanLoan",
    "StaleLoan",
    "TakenBack",
    "UnitAlreadyOnLoan",
    "UnitNotOnLoan",
    "follow_calendar",
    "issue",
    "mark_lost",
    "remind",
    "renew",
    "take_back",
    "undo_issue",
    "undo_return",
]
