"""Where a scan leads: one code, the desk's situation, one act; and the days of lists. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from rental.foundation.actor import (
    AT_DESK,
    HANDLES_UNITS,
    KNOWS_PEOPLE,
    OF_THE_POINT,
    REVIEWS,
    Actor,
    Role,
)
from rental.foundation.codes import CodeKind, ScannedCode
from rental.foundation.errors import Conflict
from rental.foundation.words import N_


class Mode(StrEnum):
    """What the reader is busy with; a command code switches it."""

    ANY = ""
    RETURN = "return"
    UPKEEP = "upkeep"

    @classmethod
    def named(cls, said: str | None) -> "Mode":
        """Return the mode that somebody says, ANY when there is none of the name."""
        return cls(said) if said in set(cls) else cls.ANY


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
    PLACE = "place"
    NOT_OUT = "not_out"
    NOWHERE = "nowhere"


#: What the codes of a laminated sheet do.
COMMANDS: dict[str, Mode] = {
    "C-HOME": Mode.ANY,
    "C-RETURN": Mode.RETURN,
}


class NotOut(Conflict):
    """Returns are being taken, and nobody has the scanned unit."""

    sentence = N_("%(code)s 没有借出，不用归还。请扫下一件。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the desk knew before the scan.

    Attributes:
        mode: What it is busy with.
        resident: Whether a resident stands at the desk already.
        unit: Whether a unit lies on the desk already, to be lent.
        here: Whether a unit is open in any other way: only a zone is meant for it.
        out: Whether a borrower answers for the scanned unit; False for anything but a unit.
        lost: Whether the scanned unit is registered as lost; False for anything but a unit.
    """

    mode: Mode = Mode.ANY
    resident: bool = False
    unit: bool = False
    here: bool = False
    out: bool = False
    lost: bool = False


def goal(scanned: ScannedCode, situation: Situation, *, by: Actor) -> Goal:
    """Return where the scan leads this person."""
    match scanned.kind:
        case CodeKind.UNIT:
            return _goal_of_unit(situation, by)
        case CodeKind.RESIDENT:
            return _goal_of_resident(situation, by)
        case CodeKind.COMMAND:
            return Goal.DESK if scanned.code in COMMANDS else Goal.NOWHERE
        case CodeKind.ZONE if (situation.unit or situation.here) and by.has(*HANDLES_UNITS):
            return Goal.PLACE
        case _:
            return _goal_of_paper(scanned.kind, by)


def _goal_of_unit(situation: Situation, by: Actor) -> Goal:
    washes = situation.mode is Mode.UPKEEP and by.has(*HANDLES_UNITS)
    if washes or not by.has(*KNOWS_PEOPLE):
        return Goal.UPKEEP
    if not by.has(*AT_DESK):
        return Goal.UNIT
    if situation.mode is Mode.RETURN and (situation.out or not situation.lost):
        return Goal.RETURN if situation.out else Goal.NOT_OUT
    return Goal.HAND_OVER if situation.resident else Goal.UNIT


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
