"""Steps, their order and strength, and what stands against a release. Pure."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rental.catalogue.policy import Hygiene
from rental.foundation.errors import DomainError
from rental.inventory.policy import TRANSITIONS, UnitState
from rental.upkeep.policy import (
    STEPS,
    Agent,
    AgentMissing,
    AgentNotForThisUnit,
    AnotherPersonMustCheck,
    ChlorineOutOfRange,
    ContactNotOver,
    ContactTooShort,
    DoseTooLow,
    Limits,
    NothingLeftToDo,
    NotReleasable,
    ReleaseBlockerCode,
    ReleaseFacts,
    SeparateToolsNeeded,
    Step,
    StepKind,
    StepOutOfOrder,
    Turn,
    UpkeepReason,
    ensure_release,
    ensure_step,
    release_blockers,
)

LIMITS = Limits()
TODAY = date(2026, 12, 1)
CLEANED = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CHLORINE = Step(
    step=StepKind.DISINFECT,
    by=1,
    agent=Agent.CHLORINE,
    concentration_mg_l=500,
    contact_minutes=30,
    separate_tools=True,
)


def good(kind: StepKind, by: int = 1) -> Step:
    return replace(CHLORINE, by=by) if kind is StepKind.DISINFECT else Step(step=kind, by=by)


def turn(hygiene: Hygiene, *done: Step, reason: UpkeepReason = UpkeepReason.RETURN) -> Turn:
    return Turn(hygiene=hygiene, reason=reason, done=done)


def before_disinfection(hygiene: Hygiene) -> Turn:
    steps = STEPS[hygiene][: STEPS[hygiene].index(StepKind.DISINFECT)]
    return turn(hygiene, *(good(step) for step in steps))


class TestSteps:
    @pytest.mark.parametrize("hygiene", Hygiene)
    def test_begin_with_work_and_end_with_inspection(self, hygiene: Hygiene) -> None:
        assert STEPS[hygiene][-1] is StepKind.INSPECT
        assert StepKind.DISINFECT in STEPS[hygiene]
        assert turn(hygiene).unit_state is UnitState.DIRTY

    @pytest.mark.parametrize("hygiene", Hygiene)
    def test_lead_through_arrows_that_exist(self, hygiene: Hygiene) -> None:
        state, done = UnitState.DIRTY, turn(hygiene)
        for step in STEPS[hygiene]:
            ensure_step(
                done, good(step, by=3 if step is StepKind.SECOND_CHECK else 1), limits=LIMITS
            )
            done = replace(done, done=(*done.done, good(step)))
            assert done.unit_state is state or done.unit_state in TRANSITIONS[state]
            state = done.unit_state
        assert state is UnitState.INSPECTED
        assert done.left == ()

    def test_of_a_new_unit_are_checks_only(self) -> None:
        assert turn(Hygiene.H1, reason=UpkeepReason.INTAKE).required == (StepKind.INSPECT,)
        assert turn(Hygiene.H5, reason=UpkeepReason.INTAKE).required == (
            StepKind.ELECTRICAL_CHECK,
            StepKind.INSPECT,
        )

    def test_start_over_after_a_failed_inspection(self) -> None:
        done = [good(step) for step in STEPS[Hygiene.H1][:-1]]
        failed = Step(step=StepKind.INSPECT, by=2, passed=False)
        assert turn(Hygiene.H1, *done, failed).left == STEPS[Hygiene.H1]

    def test_repeat_only_themselves_after_another_failure(self) -> None:
        failed = replace(CHLORINE, passed=False)
        assert turn(Hygiene.H1, good(StepKind.CLEAN), failed).left[0] is StepKind.DISINFECT

    def test_after_the_end_are_refused(self) -> None:
        done = turn(Hygiene.H1, *(good(step) for step in STEPS[Hygiene.H1]))
        with pytest.raises(NothingLeftToDo):
            ensure_step(done, good(StepKind.CLEAN), limits=LIMITS)

    def test_out_of_order_are_refused(self) -> None:
        with pytest.raises(StepOutOfOrder):
            ensure_step(turn(Hygiene.H1), good(StepKind.INSPECT), limits=LIMITS)


class TestDisinfection:
    @pytest.mark.parametrize("strength", [250, 500])
    def test_counts_at_both_ends_of_the_range(self, strength: int) -> None:
        step = replace(CHLORINE, concentration_mg_l=strength)
        ensure_step(before_disinfection(Hygiene.H1), step, limits=LIMITS)

    @pytest.mark.parametrize("strength", [None, 1, 249, 501])
    def test_outside_the_range_is_refused(self, strength: int | None) -> None:
        step = replace(CHLORINE, concentration_mg_l=strength)
        with pytest.raises(ChlorineOutOfRange):
            ensure_step(before_disinfection(Hygiene.H1), step, limits=LIMITS)

    @pytest.mark.parametrize("minutes", [None, 1, 29])
    def test_too_short_is_refused(self, minutes: int | None) -> None:
        step = replace(CHLORINE, contact_minutes=minutes)
        with pytest.raises(ContactTooShort):
            ensure_step(before_disinfection(Hygiene.H1), step, limits=LIMITS)

    @pytest.mark.parametrize(("seconds", "passed"), [(-60, 0), (20, 0), (90, 1), (1799, 29)])
    def test_longer_than_the_time_since_the_cleaning_is_refused(
        self, seconds: int, passed: int
    ) -> None:
        with pytest.raises(ContactNotOver) as refused:
            ensure_step(
                self.cleaned(), replace(CHLORINE, at=CLEANED + seconds * SECOND), limits=LIMITS
            )
        assert refused.value.field == "contact_minutes"
        assert f"才 {passed} 分钟" in str(refused.value)

    @pytest.mark.parametrize("seconds", [1800, 86400])
    def test_within_the_time_since_the_cleaning_counts(self, seconds: int) -> None:
        step = replace(CHLORINE, at=CLEANED + seconds * SECOND)
        ensure_step(self.cleaned(), step, limits=LIMITS)

    def test_is_measured_from_the_cleaning_that_counts(self) -> None:
        failed = Step(step=StepKind.INSPECT, by=2, passed=False, at=CLEANED + 3600 * SECOND)
        again = Step(step=StepKind.CLEAN, by=1, at=CLEANED + 3660 * SECOND)
        washed = self.cleaned()
        washed = replace(washed, done=(*washed.done, CHLORINE, failed, again))
        with pytest.raises(ContactNotOver):
            ensure_step(washed, replace(CHLORINE, at=CLEANED + 3720 * SECOND), limits=LIMITS)

    def test_that_failed_needs_no_time(self) -> None:
        step = Step(step=StepKind.DISINFECT, by=1, passed=False, at=CLEANED)
        ensure_step(self.cleaned(), step, limits=LIMITS)

    def cleaned(self) -> Turn:
        return turn(Hygiene.H1, Step(step=StepKind.CLEAN, by=1, at=CLEANED))

    def test_without_agent_is_refused(self) -> None:
        with pytest.raises(AgentMissing):
            ensure_step(
                before_disinfection(Hygiene.H1), Step(step=StepKind.DISINFECT, by=1), limits=LIMITS
            )

    @pytest.mark.parametrize("agent", [Agent.OZONE, Agent.UV])
    def test_needs_a_dose(self, agent: Agent) -> None:
        step = Step(step=StepKind.DISINFECT, by=1, agent=agent, contact_minutes=60, dose=10)
        with pytest.raises(DoseTooLow):
            ensure_step(before_disinfection(Hygiene.H1), step, limits=LIMITS)
        ensure_step(before_disinfection(Hygiene.H1), replace(step, dose=100), limits=LIMITS)

    def test_with_alcohol_needs_three_minutes(self) -> None:
        step = Step(step=StepKind.DISINFECT, by=1, agent=Agent.ETHANOL, contact_minutes=3)
        ensure_step(before_disinfection(Hygiene.H1), step, limits=LIMITS)
        with pytest.raises(ContactTooShort):
            ensure_step(
                before_disinfection(Hygiene.H1), replace(step, contact_minutes=2), limits=LIMITS
            )

    def test_keeps_ozone_from_electrics(self) -> None:
        step = Step(step=StepKind.DISINFECT, by=1, agent=Agent.OZONE, contact_minutes=60, dose=60)
        with pytest.raises(AgentNotForThisUnit):
            ensure_step(before_disinfection(Hygiene.H5), step, limits=LIMITS)

    def test_after_body_fluids_takes_separate_tools(self) -> None:
        step = replace(CHLORINE, separate_tools=False)
        with pytest.raises(SeparateToolsNeeded):
            ensure_step(before_disinfection(Hygiene.H3), step, limits=LIMITS)
        ensure_step(before_disinfection(Hygiene.H3), CHLORINE, limits=LIMITS)

    def test_that_failed_needs_no_strength(self) -> None:
        step = Step(step=StepKind.DISINFECT, by=1, passed=False)
        ensure_step(before_disinfection(Hygiene.H1), step, limits=LIMITS)


def test_the_second_check_is_for_another_person() -> None:
    washed = turn(Hygiene.H4, *(good(step) for step in STEPS[Hygiene.H4][:3]))
    with pytest.raises(AnotherPersonMustCheck):
        ensure_step(washed, Step(step=StepKind.SECOND_CHECK, by=1), limits=LIMITS)
    ensure_step(washed, Step(step=StepKind.SECOND_CHECK, by=2), limits=LIMITS)


class TestRelease:
    done = turn(Hygiene.H1, *(good(step) for step in STEPS[Hygiene.H1]))

    def facts(self, **changes: object) -> ReleaseFacts:
        return replace(ReleaseFacts(turn=self.done, by=2, today=TODAY), **changes)  # type: ignore[arg-type]

    def test_is_free_when_everything_is_done(self) -> None:
        ensure_release(self.facts(), code="7K3M9QXA")

    def test_holds_on_the_last_day_of_test_and_life(self) -> None:
        facts = self.facts(electrical_test_due_on=TODAY, expires_on=TODAY)
        assert release_blockers(facts) == ()

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"turn": None}, ReleaseBlockerCode.STEPS_MISSING),
            ({"turn": turn(Hygiene.H1, good(StepKind.CLEAN))}, ReleaseBlockerCode.STEPS_MISSING),
            ({"open_faults": 1}, ReleaseBlockerCode.FAULTS_OPEN),
            ({"missing": ("脚托",)}, ReleaseBlockerCode.KIT_INCOMPLETE),
            (
                {"electrical_test_due_on": date(2026, 11, 30)},
                ReleaseBlockerCode.ELECTRICAL_TEST_OVERDUE,
            ),
            ({"expires_on": date(2026, 11, 30)}, ReleaseBlockerCode.EXPIRED),
            ({"by": 1}, ReleaseBlockerCode.SAME_PERSON),
        ],
    )
    def test_is_blocked(self, changes: dict[str, object], code: ReleaseBlockerCode) -> None:
        blockers = release_blockers(self.facts(**changes))
        assert {blocker.code for blocker in blockers} == {code}
        assert all(str(blocker.sentence) for blocker in blockers)

    def test_says_everything_at_once(self) -> None:
        facts = self.facts(by=1, open_faults=2, missing=("脚托", "坐垫"))
        with pytest.raises(NotReleasable) as refused:
            ensure_release(facts, code="7K3M9QXA")
        assert len(refused.value.blockers) == 3
        assert "7K3M9QXA" in str(refused.value)

    def test_by_the_same_person_is_free_where_the_policy_says_so(self) -> None:
        assert release_blockers(self.facts(by=1, two_person=False)) == ()


steps = st.builds(
    Step,
    step=st.sampled_from(StepKind),
    by=st.integers(1, 3),
    passed=st.booleans(),
    agent=st.none() | st.sampled_from(Agent),
    concentration_mg_l=st.none() | st.sampled_from([100, 250, 500, 800]),
    contact_minutes=st.none() | st.sampled_from([1, 30, 60]),
    dose=st.none() | st.sampled_from([1, 60, 100]),
    separate_tools=st.booleans(),
)


@settings(deadline=None)  # a loaded machine is not a wrong rule
@given(
    hygiene=st.sampled_from(Hygiene),
    attempts=st.lists(steps, max_size=40),
    by=st.integers(1, 3),
)
def test_no_sequence_reaches_release_without_every_required_step(
    hygiene: Hygiene, attempts: list[Step], by: int
) -> None:
    now = turn(hygiene)
    for step in [*attempts]:
        try:
            ensure_step(now, step, limits=LIMITS)
        except DomainError:
            continue
        now = replace(now, done=(*now.done, step))
    if release_blockers(ReleaseFacts(turn=now, by=by, today=TODAY)):
        return
    restarts = [
        at
        for at, step in enumerate(now.done)
        if not step.passed and step.step in {StepKind.INSPECT, StepKind.SECOND_CHECK}
    ]
    since = now.done[restarts[-1] + 1 if restarts else 0 :]
    passed = tuple(step for step in since if step.passed)
    assert tuple(step.step for step in passed) == STEPS[hygiene]
    washers = {
        step.by
        for step in passed
        if step.step not in {StepKind.INSPECT, StepKind.SECOND_CHECK, StepKind.ELECTRICAL_CHECK}
    }
    assert by not in washers


@settings(deadline=None)
@given(hygiene=st.sampled_from(Hygiene), failures=st.lists(st.booleans(), max_size=30))
def test_good_work_always_gets_there(hygiene: Hygiene, failures: list[bool]) -> None:
    now = turn(hygiene)
    for failed in [*failures, *[False] * len(STEPS[hygiene])]:
        if not now.left:
            break
        step = replace(good(now.left[0]), passed=not failed)
        if step.step is StepKind.SECOND_CHECK:
            step = replace(step, by=2)
        ensure_step(now, step, limits=LIMITS)
        now = replace(now, done=(*now.done, step))
    assert now.left == ()
    assert release_blockers(ReleaseFacts(turn=now, by=9, today=TODAY)) == ()
