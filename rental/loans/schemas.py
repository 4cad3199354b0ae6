"""JSON of hand-over, return and renewal."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from rental.foundation.codes import CodeUnreadable, read_code
from rental.loans.policy import Condition
from rental.loans.policy.acts import MAX_ACCESSORY, MAX_MISSING, MAX_NOTE, MAX_REASON
from rental.loans.policy.undoing import UndoReason


def _code(value: object) -> object:
    """Return the code as it is stored; what is no code stays as it is and is not found."""
    if not isinstance(value, str):
        return value
    try:
        return read_code(value).code
    except CodeUnreadable:
        return value.strip()


def _printable(value: object) -> object:
    """Return the text without characters that no database keeps."""
    return value.replace("\x00", "") if isinstance(value, str) else value


Code = Annotated[str, BeforeValidator(_code), StringConstraints(min_length=1, max_length=40)]
Note = Annotated[
    str,
    BeforeValidator(_printable),
    StringConstraints(max_length=MAX_NOTE, strip_whitespace=True),
]
Accessory = Annotated[
    str,
    BeforeValidator(_printable),
    StringConstraints(min_length=1, max_length=MAX_ACCESSORY, strip_whitespace=True),
]
Reason = Annotated[
    str,
    BeforeValidator(_printable),
    StringConstraints(max_length=MAX_REASON, strip_whitespace=True),
]


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid")


class IssueIn(_Words):
    """A wish to hand a unit over.

    ``scanned_at`` comes from an offline queue; ``force_reason`` records a hand-over that already
    happened against a blocker; ``resident_kg`` is needed where the unit has a load limit and isn't
    kept; ``taught`` says that the resident was taught to use it.
    """

    unit_code: Code
    resident_code: Code
    reservation_code: Code | None = None
    due_on: date | None = None
    scanned_at: AwareDatetime | None = None
    force_reason: Reason | None = None
    resident_kg: Annotated[int, Field(ge=1, le=500)] | None = None
    taught: bool = False


class ReturnIn(_Words):
    """A unit that has come back."""

    condition: Condition = Condition.GOOD
    missing_accessories: Annotated[list[Accessory], Field(max_length=MAX_MISSING)] = []
    note: Note = ""
    scanned_at: AwareDatetime | None = None


class RenewIn(_Words):
    """A renewal; ``checked_up`` counts only from staff."""

    checked_up: bool = False


class UndoReturnIn(_Words):
    """Taking a return back; one of a few reasons."""

    reason: UndoReason


class UndoIssueIn(_Words):
    """Taking a hand-over back; ``never_left`` says that the device never left the counter."""

    never_left: bool


class LoanOut(BaseModel):
    """The loan that began."""

    code: str
    unit_code: str
    resident_code: str
    reservation_code: str | None
    state: str
    issued_at: datetime
    issued_on: date
    due_on: date
    forced: bool
    blockers: list[str]


class ReturnOut(BaseModel):
    """The loan that ended; ``state`` is the unit's, ``free_from`` when it is lendable again."""

    loan_code: str
    unit_code: str
    state: str
    returned_at: datetime
    returned_on: date
    condition: Condition
    missing_accessories: list[str]
    free_from: date | None


class RenewOut(BaseModel):
    """The loan with its new due date."""

    code: str
    unit_code: str
    due_on: date
    renewals: int


class UndoReturnOut(BaseModel):
    """The loan that is open again; ``state`` is the unit's.

    ``displaced`` names a reservation that counted on the unit and may go without it now.
    """

    loan_code: str
    unit_code: str
    state: str
    due_on: date
    displaced: str | None


class UndoIssueOut(BaseModel):
    """The loan that never was; ``state`` is the unit's.

    ``waits_again`` says whether the reservation that the hand-over had kept is active again.
    """

    loan_code: str
    unit_code: str
    state: str
    reservation_code: str | None
    waits_again: bool
