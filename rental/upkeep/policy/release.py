"""What stands against the signed act that makes a unit lendable again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rental.foundation.errors import Conflict
from rental.foundation.words import N_, Sentence
from rental.upkeep.policy.states import STEP_WORDS, StepKind
from rental.upkeep.policy.steps import Turn


class ReleaseBlockerCode(StrEnum):
    """Stable names of what stands against a release."""

    STEPS_MISSING = "steps_missing"
    FAULTS_OPEN = "faults_open"
    KIT_INCOMPLETE = "kit_incomplete"
    ELECTRICAL_TEST_OVERDUE = "electrical_test_overdue"
    EXPIRED = "expired"
    SAME_PERSON = "same_person"


@dataclass(frozen=True, slots=True)
class ReleaseBlocker:
    """One thing that stands against the release, and what to do about it."""

    code: ReleaseBlockerCode
    sentence: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFacts:
    """What the release is decided on.

    Attributes:
        turn: The open turn; None when nothing was recorded since the last return.
        by: Account that wants to release.
        today: Civil date.
        missing: Accessories that are lacking.
        electrical_test_due_on: Last civil day on which the electrical test holds, if it needs one.
        expires_on: Last civil day on which the unit may be used, if it expires.
        two_person: Whether the releaser must be somebody who did not wash the unit.
    """

    turn: Turn | None
    by: int | None
    today: date
    open_faults: int = 0
    missing: tuple[str, ...] = ()
    electrical_test_due_on: date | None = None
    expires_on: date | None = None
    two_person: bool = True


class NotReleasable(Conflict):
    """Something stands against the release; ``blockers`` says what."""

    sentence = N_("器具 %(code)s 还不能放行：%(first)s")

    def __init__(self, code: str, blockers: Sequence[ReleaseBlocker]) -> None:
        """Keep the blockers; the first one stands in the sentence."""
        super().__init__(code=code, first=blockers[0].sentence)
        self.blockers = tuple(blockers)

    def more(self) -> dict[str, object]:
        """Return the blockers for a JSON answer."""
        return {
            "blockers": [
                {"code": blocker.code.value, "sentence": blocker.sentence}
                for blocker in self.blockers
            ]
        }


def release_blockers(facts: ReleaseFacts) -> tuple[ReleaseBlocker, ...]:
    """Return everything that stands against the release; empty when it may be signed.

    Source: domain.md section 5 (return is not available).
    """
    return tuple(_blockers(facts))


def ensure_release(facts: ReleaseFacts, *, code: str) -> None:
    """Test that the unit may be released.

    Raises:
        NotReleasable: If anything stands against it; says all of it.
    """
    blockers = release_blockers(facts)
    if blockers:
        raise NotReleasable(code, blockers)


def _blockers(facts: ReleaseFacts) -> Iterable[ReleaseBlocker]:
    code = ReleaseBlockerCode
    left = facts.turn.left if facts.turn else (StepKind.CLEAN,)
    for step in left:
        what = Sentence(N_("“%(step)s”还没有做，请先做完并登记。"), step=Sentence(STEP_WORDS[step]))
        yield ReleaseBlocker(code.STEPS_MISSING, what)
    if facts.open_faults:
        what = Sentence(N_("还有 %(n)s 条故障没有处理，请先处理并写明结果。"), n=facts.open_faults)
        yield ReleaseBlocker(code.FAULTS_OPEN, what)
    if facts.missing:
        kit = "、".join(facts.missing)
        what = Sentence(N_("缺配件：%(kit)s。请补齐后按“配件已补齐”。"), kit=kit)
        yield ReleaseBlocker(code.KIT_INCOMPLETE, what)
    yield from _dated_blockers(facts)
    if facts.two_person and facts.turn is not None and facts.by in facts.turn.washed_by:
        what = Sentence(N_("这件是您清洗或消毒的，请另一位同事来放行。"))
        yield ReleaseBlocker(code.SAME_PERSON, what)


def _dated_blockers(facts: ReleaseFacts) -> Iterable[ReleaseBlocker]:
    due, end = facts.electrical_test_due_on, facts.expires_on
    if due is not None and due < facts.today:
        what = Sentence(
            N_("电气安全检测 %(day)s 已到期，请先检测，再在器具资料里改日期。"), day=due
        )
        yield ReleaseBlocker(ReleaseBlockerCode.ELECTRICAL_TEST_OVERDUE, what)
    if end is not None and end < facts.today:
        what = Sentence(N_("有效期 %(day)s 已过，不能再借出。请报废，或核对器具资料。"), day=end)
        yield ReleaseBlocker(ReleaseBlockerCode.EXPIRED, what)
