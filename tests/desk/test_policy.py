from datetime import date

import pytest

from rental.desk.policy import COMMANDS, Goal, Mode, Situation, Span, goal, type_of
from rental.foundation.actor import Actor, Role
from rental.foundation.codes import CodeKind, ScannedCode


def actor(*roles: Role) -> Actor:
    return Actor(account_id=1, name="x", roles=frozenset(roles))


CLERK = actor(Role.CLERK)
CLEANER = actor(Role.CLEANER)
THERAPIST = actor(Role.THERAPIST)
MANAGER = actor(Role.MANAGER)
RESIDENT = actor(Role.RESIDENT)

DESK = Situation()
RETURNING = Situation(mode=Mode.RETURN, out=True)
PERSON_THERE = Situation(resident=True)
UNIT_THERE = Situation(unit=True)
UNIT_OPEN = Situation(here=True)
WASHING = Situation(mode=Mode.UPKEEP)


def scanned(kind: CodeKind, code: str = "") -> ScannedCode:
    return ScannedCode(kind, code or f"{kind.value}7K3M9QXA")


class TestSpan:
    @pytest.mark.parametrize(
        ("span", "first", "last"), [("today", 28, 28), ("tomorrow", 29, 29), ("week", 28, 34)]
    )
    def test_counts_the_days_from_today(self, span: str, first: int, last: int) -> None:
        today = date(2026, 12, 28)
        days = tuple((day - today).days + 28 for day in Span(span).days(today))
        assert days == (first, last)


class TestGoal:
    @pytest.mark.parametrize(
        ("kind", "situation", "by", "expected"),
        [
            (CodeKind.UNIT, DESK, CLERK, Goal.UNIT),
            (CodeKind.UNIT, DESK, THERAPIST, Goal.UNIT),
            (CodeKind.UNIT, DESK, CLEANER, Goal.UPKEEP),
            (CodeKind.UNIT, RETURNING, CLERK, Goal.RETURN),
            (CodeKind.UNIT, RETURNING, THERAPIST, Goal.UNIT),
            (CodeKind.UNIT, Situation(mode=Mode.RETURN), CLERK, Goal.NOT_OUT),
            (CodeKind.UNIT, Situation(mode=Mode.RETURN, lost=True), CLERK, Goal.UNIT),
            (CodeKind.UNIT, Situation(mode=Mode.RETURN, lost=True, out=True), CLERK, Goal.RETURN),
            (CodeKind.UNIT, WASHING, CLERK, Goal.UPKEEP),
            (CodeKind.UNIT, WASHING, CLEANER, Goal.UPKEEP),
            (CodeKind.UNIT, WASHING, THERAPIST, Goal.UNIT),
            (CodeKind.UNIT, PERSON_THERE, CLERK, Goal.HAND_OVER),
            (CodeKind.UNIT, PERSON_THERE, THERAPIST, Goal.UNIT),
            (CodeKind.UNIT, PERSON_THERE, CLEANER, Goal.UPKEEP),
            (CodeKind.RESIDENT, DESK, CLERK, Goal.PERSON),
            (CodeKind.RESIDENT, UNIT_THERE, CLERK, Goal.HAND_OVER),
            (CodeKind.RESIDENT, UNIT_THERE, THERAPIST, Goal.PERSON),
            (CodeKind.RESIDENT, DESK, CLEANER, Goal.NOWHERE),
            (CodeKind.RESIDENT, DESK, RESIDENT, Goal.NOWHERE),
            (CodeKind.RESERVATION, DESK, CLERK, Goal.RESERVATION),
            (CodeKind.RESERVATION, DESK, CLEANER, Goal.NOWHERE),
            (CodeKind.LOAN, DESK, CLERK, Goal.LOAN),
            (CodeKind.LOAN, DESK, RESIDENT, Goal.NOWHERE),
            (CodeKind.APPLICATION, DESK, MANAGER, Goal.APPLICATION),
            (CodeKind.APPLICATION, DESK, CLERK, Goal.NOWHERE),
            (CodeKind.ZONE, DESK, CLEANER, Goal.ZONE),
            (CodeKind.ZONE, UNIT_THERE, CLERK, Goal.PLACE),
            (CodeKind.ZONE, UNIT_OPEN, CLEANER, Goal.PLACE),
            (CodeKind.ZONE, UNIT_OPEN, THERAPIST, Goal.ZONE),
            (CodeKind.RESIDENT, UNIT_OPEN, CLERK, Goal.PERSON),
            (CodeKind.DECISION, DESK, CLERK, Goal.NOWHERE),
            (CodeKind.UPKEEP, DESK, CLERK, Goal.NOWHERE),
            (CodeKind.FAULT, DESK, CLERK, Goal.NOWHERE),
        ],
    )
    def test_is_the_right_act(
        self, kind: CodeKind, situation: Situation, by: Actor, expected: Goal
    ) -> None:
        assert goal(scanned(kind), situation, by=by) is expected

    @pytest.mark.parametrize("code", list(COMMANDS))
    def test_obeys_the_laminated_sheet(self, code: str) -> None:
        assert goal(scanned(CodeKind.COMMAND, code), DESK, by=CLERK) is Goal.DESK

    def test_knows_no_other_command(self) -> None:
        assert goal(scanned(CodeKind.COMMAND, "C-EXPLODE"), DESK, by=CLERK) is Goal.NOWHERE

    @pytest.mark.parametrize("kind", list(CodeKind))
    @pytest.mark.parametrize("role", list(Role))
    def test_is_found_for_everybody(self, kind: CodeKind, role: Role) -> None:
        assert goal(scanned(kind), DESK, by=actor(role)) in set(Goal)


@pytest.mark.parametrize(
    ("said", "mode"),
    [("return", Mode.RETURN), ("upkeep", Mode.UPKEEP), ("", Mode.ANY), (None, Mode.ANY),
     ("issue", Mode.ANY), ("😀", Mode.ANY)],
)  # fmt: skip
def test_a_mode_is_named_or_it_is_none(said: str | None, mode: Mode) -> None:
    assert Mode.named(said) is mode


@pytest.mark.parametrize("kind", list(CodeKind))
def test_a_program_gets_one_of_five_types(kind: CodeKind) -> None:
    assert type_of(kind) in {"unit", "resident", "document", "zone", "command"}
