"""Where a scan leads: one code, the desk's situation, one act; and the days of lists. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from rental.foundation.actor import (
    AT_DESK,
    KNOWS_PEOPLE,
    OF_THE_POINT,
    REVIEWS,
    Actor,
    Role,
)
from rental.foundation.codes import CodeKind, ScannedCode


class Mode(StrEnum):
    """What the desk is busy with; a command code switches it."""

    ANY = ""
    ISSUE = "issue"
    RETURN = "return"


class Span(StrEnum):
    """Which days a list of the expected is about."""

    TODAY = "today"
    TOMORROW = "tomorrow"
    WEEK = "week"

    def days(self, today: date) -> tuple[date, date]:
        """Return its first and last day."""
        tomorrow = today + timedelta(days=1)
        match self:
            case Span.TODAY:
                return today, today
            case Span.TOMORROW:
                return tomorrow, tomorrow
            case Span.WEEK:
                return today, today + timedelta(days=6)


class Goal(StrEnum):
    """The page that a scan leads to."""

    DESK = "desk"
    UNIT = "unit"
    RETURN = "return"
    UPKEEP = "upkeep"
    HAND_OVER = "hand_over"
    PERSON = "person"
    RESERVATION = "reservation"
    LOAN = "loan"
    APPLICATION = "application"
    ZONE = "zone"
    NOWHERE = "nowhere"


#: What the codes of a laminated sheet do.
COMMANDS: dict[str, Mode] = {
    "C-HOME": Mode.ANY,
    "C-ISSUE": Mode.ISSUE,
    "C-RETURN": Mode.RETURN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the desk knew before the scan.

    Attributes:
        mode: What it is busy with.
        resident: Whether a resident stands at the desk already.
        unit: Whether a unit lies on the desk already.
        out: Whether a borrower answers for the scanned unit; False for anything but a unit.
    """

    mode: Mode = Mode.ANY
    resident: bool = False
    unit: bool = False
    out: bool = False


def goal(scanned: ScannedCode, situation: Situation, *, by: Actor) -> Goal:
    """Return where the scan leads this person."""
    match scanned.kind:
        case CodeKind.UNIT:
            return _goal_of_unit(situation, by)
        case CodeKind.RESIDENT:
            return _goal_of_resident(situation, by)
        case CodeKind.COMMAND:
            return Goal.DESK if scanned.code in COMMANDS else Goal.NOWHERE
        case _:
            return _goal_of_paper(scanned.kind, by)


def _goal_of_unit(situation: Situation, by: Actor) -> Goal:
    if not by.has(*KNOWS_PEOPLE):
        return Goal.UPKEEP
    if by.has(*AT_DESK):
        if situation.mode is Mode.RETURN and situation.out:
            return Goal.RETURN
        if situation.resident:
            return Goal.HAND_OVER
    return Goal.UNIT


def _goal_of_resident(situation: Situation, by: Actor) -> Goal:
    if situation.unit and by.has(*AT_DESK):
        return Goal.HAND_OVER
    return Goal.PERSON if by.has(*KNOWS_PEOPLE) else Goal.NOWHERE


#: Papers and signs: where they lead, and whom.
_PAPERS: dict[CodeKind, tuple[Goal, frozenset[Role]]] = {
    CodeKind.RESERVATION: (Goal.RESERVATION, KNOWS_PEOPLE),
    CodeKind.LOAN: (Goal.LOAN, KNOWS_PEOPLE),
    CodeKind.APPLICATION: (Goal.APPLICATION, REVIEWS),
    CodeKind.ZONE: (Goal.ZONE, OF_THE_POINT),
}


def _goal_of_paper(kind: CodeKind, by: Actor) -> Goal:
    found, roles = _PAPERS.get(kind, (Goal.NOWHERE, frozenset()))
    return found if by.has(*roles) else Goal.NOWHERE


def type_of(kind: CodeKind) -> str:
    """Return what a program calls a code: unit, resident, document, zone or command."""
    named = {
        CodeKind.UNIT: "unit",
        CodeKind.RESIDENT: "resident",
        CodeKind.ZONE: "zone",
        CodeKind.COMMAND: "command",
    }
    return named.get(kind, "document")
