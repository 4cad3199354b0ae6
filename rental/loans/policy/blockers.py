"""What stands against a hand-over, said at the scan together with the way out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rental.foundation.words import N_, Named, Sentence


class BlockerCode(StrEnum):
    """Stable names of the blockers."""

    ALREADY_ON_LOAN = "already_on_loan"
    SCAN_OLDER_THAN_UNIT = "scan_older_than_unit"
    EXPIRED = "expired"
    OVERWEIGHT = "overweight"
    WEIGHT_MISSING = "weight_missing"
    NOT_ELIGIBLE = "not_eligible"
    CONSENT_MISSING = "consent_missing"
    PROMISED_TO_SOMEONE_ELSE = "promised_to_someone_else"
    NOT_RELEASED = "not_released"
    FAULT_OPEN = "fault_open"
    ELECTRICAL_TEST_OVERDUE = "electrical_test_overdue"
    WRONG_KIND = "wrong_kind"
    RESERVATION_NOT_STARTED = "reservation_not_started"
    LIMIT_REACHED = "limit_reached"
    DUE_TOO_FAR = "due_too_far"
    GUIDANCE_MISSING = "guidance_missing"


HARD_STOPS: frozenset[BlockerCode] = frozenset({
    BlockerCode.ALREADY_ON_LOAN,
    BlockerCode.SCAN_OLDER_THAN_UNIT,
    BlockerCode.EXPIRED,
    BlockerCode.OVERWEIGHT,
    BlockerCode.WEIGHT_MISSING,
})
"""Blockers that no reason overrides: two that can't be true, the others hurt somebody.

A hand-over against any other one that has already happened is recorded as forced: a physical fact
is never refused.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """One thing that stands against the hand-over.

    Attributes:
        code: Its stable name.
        sentence: What is the matter; never a person's name.
        remedy: What to do about it.
    """

    code: BlockerCode
    sentence: Sentence
    remedy: Sentence

    @property
    def forceable(self) -> bool:
        """Whether a member of staff may go on with a reason."""
        return self.code not in HARD_STOPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Displaced:
    """A promise that the hand-over would break."""

    reservation_code: str
    starts_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueFacts:
    """What the rules need to know of a hand-over; defaults stand for what doesn't apply.

    Attributes:
        today: Civil date of the hand-over.
        unit_code: The scanned unit.
        unit_kind: Key of the unit's kind.
        open_loan_code: The loan that the unit is on already, None when it is in.
        scan_is_overtaken: Whether a late-arriving scan is older than the unit's last return or
            release.
        expires_on: Last day on which the unit could be used, None when it doesn't expire.
        unreleased_state: The word for the unit's state when it isn't lendable, None when it is.
        fault_open: Whether a report of a fault of the unit waits for an answer.
        eligible_until: Last day of the resident's decision or provisional permission, None
            without one.
        consented: Whether both consents are given: to the service, and for sensitive data.
        open_loans: How many open loans the resident has.
        max_loans: How many the policy allows, None for any number.
        due_on: Last day of the loan as it was asked for, None for the usual one.
        longest: Last day that the policy allows, None for any.
        displaces: The promise that would be broken, None when none is.
        reserved_kind: Key of the reservation's kind, None without a reservation.
        reserved_kind_name: Its name.
        reserved_from: First day of the reservation, None without one.
        resident_mass_kg: What the resident weighs, None when nobody said.
        load_limit_kg: What the unit bears, None when it has no limit.
        needs_electrical_test: Whether the unit is tested electrically.
        electrical_test_until: Last day of the latest test, None when never tested.
        needs_guidance: Whether guidance with teach-back comes before the hand-over (F2, policy).
        guided: Whether it was given.
    """

    today: date
    unit_code: str
    unit_kind: str
    open_loan_code: str | None = None
    scan_is_overtaken: bool = False
    expires_on: date | None = None
    unreleased_state: Named | Sentence | None = None
    fault_open: bool = False
    eligible_until: date | None
    consented: bool
    open_loans: int = 0
    max_loans: int | None = None
    due_on: date | None = None
    longest: date | None = None
    displaces: Displaced | None = None
    reserved_kind: str | None = None
    reserved_kind_name: Named | None = None
    reserved_from: date | None = None
    resident_mass_kg: int | None = None
    load_limit_kg: int | None = None
    needs_electrical_test: bool = False
    electrical_test_until: date | None = None
    needs_guidance: bool = False
    guided: bool = False


def blockers(facts: IssueFacts) -> tuple[Blocker, ...]:
    """Return everything that stands against the hand-over, hard stops first; empty when nothing."""
    found = (look(facts) for look in _LOOKS)
    return tuple(blocker for blocker in found if blocker is not None)


def is_stopped(found: tuple[Blocker, ...], *, forced: bool) -> bool:
    """Tell whether the hand-over stops: at any blocker, or when forced only at a hard stop."""
    return any(not (forced and blocker.forceable) for blocker in found)


def _already_on_loan(facts: IssueFacts) -> Blocker | None:
    if facts.open_loan_code is None:
        return None
    return Blocker(
        code=BlockerCode.ALREADY_ON_LOAN,
        sentence=Sentence(
            N_("器具 %(code)s 还在租借中（%(loan)s）。"),
            code=facts.unit_code,
            loan=facts.open_loan_code,
        ),
        remedy=Sentence(N_("先办归还，再办借出；或换一件扫码。")),
    )


def _scan_overtaken(facts: IssueFacts) -> Blocker | None:
    """Stop a scan that waited while the unit came back or was released: it can't be true now."""
    if not facts.scan_is_overtaken:
        return None
    return Blocker(
        code=BlockerCode.SCAN_OLDER_THAN_UNIT,
        sentence=Sentence(
            N_("器具 %(code)s 在这次扫码以后又办过归还或放行，这次扫码不能补记。"),
            code=facts.unit_code,
        ),
        remedy=Sentence(
            N_(
                "请看看这件器具的记录：现在在居民那里的，按现在的情况重新扫码；已经还回来的，不用再记。"
            )
        ),
    )


def _expired(facts: IssueFacts) -> Blocker | None:
    """Stop a unit past its expiry; the last day still counts."""
    if facts.expires_on is None or facts.expires_on >= facts.today:
        return None
    return Blocker(
        code=BlockerCode.EXPIRED,
        sentence=Sentence(
            N_("器具 %(code)s 的有效期到 %(day)s，已经过了，不能借出。"),
            code=facts.unit_code,
            day=facts.expires_on,
        ),
        remedy=Sentence(N_("请换一件，这件交给负责人报废；日期登记错的，先改器具资料。")),
    )


def _overweight(facts: IssueFacts) -> Blocker | None:
    """Stop above the load limit; the limit itself is borne.

    Source: GB/Z 13800 (manual wheelchairs: 100 kg); the unit's own plate wins.
    """
    mass, limit = facts.resident_mass_kg, facts.load_limit_kg
    if mass is None or limit is None or mass <= limit:
        return None
    return Blocker(
        code=BlockerCode.OVERWEIGHT,
        sentence=Sentence(
            N_("使用者的体重超过这件器具的承重上限 %(limit)s 公斤，不安全。"), limit=limit
        ),
        remedy=Sentence(N_("请换一件承重更大的器具；体重记错的，先改正再扫码。")),
    )


def _weight_missing(facts: IssueFacts) -> Blocker | None:
    """Stop while nobody knows whether the unit with a load limit bears the resident."""
    if facts.load_limit_kg is None or facts.resident_mass_kg is not None:
        return None
    return Blocker(
        code=BlockerCode.WEIGHT_MISSING,
        sentence=Sentence(
            N_("这件器具最多承重 %(limit)s 公斤，还没有填使用者的体重。"), limit=facts.load_limit_kg
        ),
        remedy=Sentence(N_("请问一下体重再填，才知道这件器具承不承得住。")),
    )


def _not_eligible(facts: IssueFacts) -> Blocker | None:
    if facts.eligible_until is None:
        sentence = Sentence(N_("这位居民还没有审核通过的租借资格。"))
    elif facts.eligible_until < facts.today:
        sentence = Sentence(N_("这位居民的租借资格已在 %(day)s 到期。"), day=facts.eligible_until)
    else:
        return None
    return Blocker(
        code=BlockerCode.NOT_ELIGIBLE,
        sentence=sentence,
        remedy=Sentence(
            N_("请让居民现在就申请，再请审核人员先看这一份；急用等不了的，写明原因后借出。")
        ),
    )


def _consent_missing(facts: IssueFacts) -> Blocker | None:
    """Ask for what is missing of the two consents; one may have been withdrawn.

    Source: 个人信息保护法 (PIPL) art. 13, 15, 28 and 29.
    """
    if facts.consented:
        return None
    return Blocker(
        code=BlockerCode.CONSENT_MISSING,
        sentence=Sentence(N_("这位居民还没有同意办理租借、使用健康和残疾情况，或者已经撤回。")),
        remedy=Sentence(N_("请把两份同意书念给居民或监护人听，愿意的当场确认。")),
    )


def _promised(facts: IssueFacts) -> Blocker | None:
    if facts.displaces is None:
        return None
    return Blocker(
        code=BlockerCode.PROMISED_TO_SOMEONE_ELSE,
        sentence=Sentence(
            N_("借出后，预约 %(code)s（%(day)s 开始）就没有器具可用了。"),
            code=facts.displaces.reservation_code,
            day=facts.displaces.starts_on,
        ),
        remedy=Sentence(N_("请换一种器具或缩短租期；一定要借的，先和那位居民商量改期。")),
    )


def _not_released(facts: IssueFacts) -> Blocker | None:
    """Stop a unit that isn't released; one on loan is said to be on loan, once."""
    if facts.unreleased_state is None or facts.open_loan_code is not None:
        return None
    return Blocker(
        code=BlockerCode.NOT_RELEASED,
        sentence=Sentence(
            N_("器具 %(code)s 现在是“%(state)s”，还没有放行。"),
            code=facts.unit_code,
            state=facts.unreleased_state,
        ),
        remedy=Sentence(N_("请换一件已放行的；或请洗消员做完检查、放行后再借出。")),
    )


def _fault_open(facts: IssueFacts) -> Blocker | None:
    if not facts.fault_open:
        return None
    return Blocker(
        code=BlockerCode.FAULT_OPEN,
        sentence=Sentence(N_("有人报过器具 %(code)s 的故障，还没有处理。"), code=facts.unit_code),
        remedy=Sentence(N_("请先看故障说明：没坏的，写明结果；坏了的送修，换一件借。")),
    )


def _electrical_test_overdue(facts: IssueFacts) -> Blocker | None:
    """Stop a unit whose electrical test has run out; the test's last day still counts."""
    until = facts.electrical_test_until
    if not facts.needs_electrical_test or (until is not None and until >= facts.today):
        return None
    if until is None:
        sentence = Sentence(N_("器具 %(code)s 还没有做过电气检查。"), code=facts.unit_code)
    else:
        sentence = Sentence(
            N_("器具 %(code)s 的电气检查已在 %(day)s 到期。"), code=facts.unit_code, day=until
        )
    return Blocker(
        code=BlockerCode.ELECTRICAL_TEST_OVERDUE,
        sentence=sentence,
        remedy=Sentence(N_("请换一件；这件请维修员检查合格后再借出。")),
    )


def _wrong_kind(facts: IssueFacts) -> Blocker | None:
    if facts.reserved_kind is None or facts.reserved_kind == facts.unit_kind:
        return None
    return Blocker(
        code=BlockerCode.WRONG_KIND,
        sentence=Sentence(
            N_("预约的是“%(kind)s”，扫到的不是这一种。"),
            kind=facts.reserved_kind_name or Named(facts.reserved_kind, facts.reserved_kind),
        ),
        remedy=Sentence(N_("请扫预约的那一种；居民想换的，先改预约。")),
    )


def _reservation_not_started(facts: IssueFacts) -> Blocker | None:
    if facts.reserved_from is None or facts.reserved_from <= facts.today:
        return None
    return Blocker(
        code=BlockerCode.RESERVATION_NOT_STARTED,
        sentence=Sentence(N_("这个预约从 %(day)s 才开始。"), day=facts.reserved_from),
        remedy=Sentence(N_("请到那天再来；今天就有空闲的，可以先把预约改到今天。")),
    )


def _limit_reached(facts: IssueFacts) -> Blocker | None:
    if facts.max_loans is None or facts.open_loans < facts.max_loans:
        return None
    return Blocker(
        code=BlockerCode.LIMIT_REACHED,
        sentence=Sentence(
            N_("这位居民已借 %(n)s 件，最多可以同时借 %(max)s 件。"),
            n=facts.open_loans,
            max=facts.max_loans,
        ),
        remedy=Sentence(N_("请先归还一件不用的；确实都需要的，请负责人说明原因后借出。")),
    )


def _due_too_far(facts: IssueFacts) -> Blocker | None:
    if facts.due_on is None or facts.longest is None or facts.due_on <= facts.longest:
        return None
    return Blocker(
        code=BlockerCode.DUE_TOO_FAR,
        sentence=Sentence(
            N_("归还日期 %(day)s 太晚，这种器具最晚可以借到 %(latest)s。"),
            day=facts.due_on,
            latest=facts.longest,
        ),
        remedy=Sentence(N_("请改早一些，到期可以续借；确实要借这么久的，写明原因后借出。")),
    )


def _guidance_missing(facts: IssueFacts) -> Blocker | None:
    if not facts.needs_guidance or facts.guided:
        return None
    return Blocker(
        code=BlockerCode.GUIDANCE_MISSING,
        sentence=Sentence(N_("这种器具要先由康复师评估、教会使用，现在还没有做。")),
        remedy=Sentence(N_("请康复师现在就教，或约一个时间；教会后再借出。")),
    )


_LOOKS: tuple[Callable[[IssueFacts], Blocker | None], ...] = (
    _already_on_loan,
    _scan_overtaken,
    _expired,
    _overweight,
    _weight_missing,
    _not_eligible,
    _consent_missing,
    _promised,
    _not_released,
    _fault_open,
    _electrical_test_overdue,
    _wrong_kind,
    _reservation_not_started,
    _limit_reached,
    _due_too_far,
    _guidance_missing,
)
