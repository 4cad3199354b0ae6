"""The criteria: one thing looked at each, with the reason and the paper that would settle it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rental.eligibility.policy.certificate import CertificateState, is_same_person
from rental.eligibility.policy.declaration import (
    ADVANCED_AGE,
    ELSEWHERE,
    Declaration,
    DisabilityClaim,
    ElderlyClaim,
    InjuryClaim,
    Rules,
    is_of_advanced_age,
)
from rental.eligibility.policy.states import Attestation, EvidenceKind, Ground, Met
from rental.eligibility.policy.validity import (
    CertificateEndsTooLate,
    injury_window_end,
    latest_certificate_end,
)
from rental.foundation.words import N_, Sentence
from rental.people.policy.citizen_number import age_on, birthday


class CriterionCode(StrEnum):
    """Stable names of the criteria; an assessment holds each exactly once, in this order."""

    REGISTER = "register"
    IDENTITY = "identity"
    GROUND = "ground"
    CERTIFICATE = "certificate"
    CERTIFICATE_VALID = "certificate_valid"
    AGE = "age"
    DIFFICULTY = "difficulty"
    HOSPITAL_NOTE = "hospital_note"
    INJURY_WINDOW = "injury_window"


PAPERS: dict[CriterionCode, EvidenceKind | None] = {
    CriterionCode.REGISTER: EvidenceKind.REGISTER_PAGE,
    CriterionCode.IDENTITY: EvidenceKind.IDENTITY_CARD,
    CriterionCode.GROUND: None,
    CriterionCode.CERTIFICATE: EvidenceKind.DISABILITY_CERTIFICATE,
    CriterionCode.CERTIFICATE_VALID: EvidenceKind.DISABILITY_CERTIFICATE,
    CriterionCode.AGE: EvidenceKind.IDENTITY_CARD,
    CriterionCode.DIFFICULTY: EvidenceKind.DIFFICULTY_PROOF,
    CriterionCode.HOSPITAL_NOTE: EvidenceKind.HOSPITAL_NOTE,
    CriterionCode.INJURY_WINDOW: EvidenceKind.HOSPITAL_NOTE,
}
"""The paper that settles each criterion."""

BRING_REGISTER = Sentence(
    N_("请带户口簿（首页和本人页）。本人或家属都可以带来，社区工作人员也可以上门来看。")
)
BRING_IDENTITY_CARD = Sentence(N_("请带身份证。本人或家属都可以带来，社区工作人员也可以上门来看。"))
BRING_RESIDENCE_PERMIT = Sentence(
    N_("请带居住证。本人或家属都可以带来，社区工作人员也可以上门来看。")
)
BRING_CERTIFICATE = Sentence(
    N_("请带残疾人证。本人或家属都可以带来；没有证或丢了，请到户口所在地的残联办理，家属可以代办。")
)
BRING_DIFFICULTY_PROOF = Sentence(
    N_("请带低保证等困难证明；没有证明也不要紧，请让社区工作人员上门看一看，家属可以代约。")
)
BRING_HOSPITAL_NOTE = Sentence(
    N_("请带写有日期的医院证明（病历、出院小结或诊断证明）。本人或家属都可以到就诊医院开具。")
)

BRING: dict[EvidenceKind, Sentence] = {
    EvidenceKind.REGISTER_PAGE: BRING_REGISTER,
    EvidenceKind.RESIDENCE_PERMIT: BRING_RESIDENCE_PERMIT,
    EvidenceKind.IDENTITY_CARD: BRING_IDENTITY_CARD,
    EvidenceKind.DISABILITY_CERTIFICATE: BRING_CERTIFICATE,
    EvidenceKind.HOSPITAL_NOTE: BRING_HOSPITAL_NOTE,
    EvidenceKind.DIFFICULTY_PROOF: BRING_DIFFICULTY_PROOF,
}
"""What to bring, and who can fetch it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One thing looked at.

    Attributes:
        code: Its stable name.
        met: Whether it holds.
        reason: Why, for the person who asks.
        bring: Which paper is missing and who can fetch it, None when nothing is.
        ground: The ground it belongs to, None when it concerns everybody.
        counted: False when the person doesn't apply on that ground: it changes nothing.
    """

    code: CriterionCode
    met: Met
    reason: Sentence
    bring: Sentence | None = None
    ground: Ground | None = None
    counted: bool = True


def look_at_register(declaration: Declaration, rules: Rules) -> Criterion:
    """Look at the household register; the number's first six digits prove nothing."""
    code = CriterionCode.REGISTER
    if declaration.register in rules.communities:
        return Criterion(code=code, met=Met.YES, reason=Sentence(N_("户口在本街道。")))
    if declaration.residence_permit and rules.admit_residence_permit:
        reason = Sentence(N_("您有本街道的居住证，可以办理。"))
        return Criterion(code=code, met=Met.YES, reason=reason)
    if declaration.register is None:
        reason = Sentence(N_("还不知道您的户口在哪个社区。"))
        return Criterion(code=code, met=Met.UNKNOWN, reason=reason, bring=BRING_REGISTER)
    return Criterion(code=code, met=Met.NO, reason=_elsewhere(declaration.register, rules))


def _elsewhere(register: str, rules: Rules) -> Sentence:
    """Say why another register doesn't do."""
    if register != ELSEWHERE:
        return Sentence(N_("您填的社区不在服务范围内。请从列表里重新选择，或打电话问我们。"))
    if rules.admit_residence_permit:
        return Sentence(
            N_("户口不在本街道，也没有本街道的居住证。办好居住证后可以再来，或问户口所在地的街道。")
        )
    return Sentence(N_("这里只服务户口在本街道的居民。请问一问您户口所在地的街道或残联。"))


def look_at_identity(declaration: Declaration) -> Criterion:
    """Look at who the person is; an answer without a name is still an answer."""
    code = CriterionCode.IDENTITY
    if declaration.citizen_number is not None:
        return Criterion(code=code, met=Met.YES, reason=Sentence(N_("身份证号码填写正确。")))
    reason = Sentence(N_("还没有身份证号码，办理时再核对。"))
    return Criterion(code=code, met=Met.UNKNOWN, reason=reason, bring=BRING_IDENTITY_CARD)


def look_at_certificate(claim: DisabilityClaim, declaration: Declaration) -> Criterion:
    """Look whether there is a certificate and it is the person's own."""
    code = CriterionCode.CERTIFICATE
    own = _is_own(claim, declaration)
    if claim.certificate is None:
        reason = Sentence(N_("还没有残疾人证号。"))
        return Criterion(code=code, met=Met.UNKNOWN, reason=reason, bring=BRING_CERTIFICATE)
    if own is None:
        reason = Sentence(N_("要先登记身份证号码，才能核对残疾人证是不是本人的。"))
        return Criterion(code=code, met=Met.UNKNOWN, reason=reason, bring=BRING_IDENTITY_CARD)
    if own:
        return Criterion(code=code, met=Met.YES, reason=Sentence(N_("残疾人证号和本人相符。")))
    reason = Sentence(N_("残疾人证号前 18 位和您本人的身份证号码或生日不一样，请核对。"))
    return Criterion(code=code, met=Met.NO, reason=reason, bring=BRING_CERTIFICATE)


def _is_own(claim: DisabilityClaim, declaration: Declaration) -> bool | None:
    """Tell whether the certificate is the person's own, None when that isn't known.

    A birth date refutes it, but doesn't prove it: many people share one.
    """
    if claim.certificate is None:
        return None
    if declaration.citizen_number is not None:
        return is_same_person(claim.certificate, declaration.citizen_number)
    born_on = claim.certificate.citizen_number.born_on
    return None if declaration.born_on in {None, born_on} else False


_STATE_REASONS: dict[CertificateState, Sentence] = {
    CertificateState.FROZEN: Sentence(
        N_("残疾人证已冻结，多半是户口迁走后没有迁证。请到户口所在地的残联办理迁移，家属可以代办。")
    ),
    CertificateState.CANCELLED: Sentence(
        N_("残疾人证已注销。请到户口所在地的残联重新申请，家属可以代办。")
    ),
    CertificateState.EXPIRED: Sentence(
        N_("残疾人证已过期。请到户口所在地的残联换证，家属可以代办。")
    ),
}


def look_at_certificate_valid(claim: DisabilityClaim, today: date) -> Criterion:
    """Look whether the certificate holds today; its printed day is the last one that counts.

    Source: 残疾人证管理办法: valid ten years, frozen and cancelled when not migrated in time.
    """
    code = CriterionCode.CERTIFICATE_VALID
    if claim.state in _STATE_REASONS:
        return Criterion(code=code, met=Met.NO, reason=_STATE_REASONS[claim.state])
    if claim.expires_on is None:
        reason = Sentence(N_("还不知道残疾人证的有效期。"))
        return Criterion(code=code, met=Met.UNKNOWN, reason=reason, bring=BRING_CERTIFICATE)
    if claim.expires_on < today:
        reason = Sentence(
            N_("残疾人证在 %(day)s 已经到期。请到户口所在地的残联换证，家属可以代办。"),
            day=claim.expires_on,
        )
        return Criterion(code=code, met=Met.NO, reason=reason)
    last = latest_certificate_end(today)
    if claim.expires_on > last:
        reason = CertificateEndsTooLate(last=last).said
        return Criterion(code=code, met=Met.UNKNOWN, reason=reason, bring=BRING_CERTIFICATE)
    reason = Sentence(N_("残疾人证有效期到 %(day)s。"), day=claim.expires_on)
    return Criterion(code=code, met=Met.YES, reason=reason)


def look_at_age(declaration: Declaration, rules: Rules, today: date) -> Criterion:
    """Look whether the person is old enough today; the birthday itself counts."""
    code = CriterionCode.AGE
    born_on = declaration.birth_date
    if born_on is None:
        reason = Sentence(N_("还不知道您的出生日期。"))
        return Criterion(code=code, met=Met.UNKNOWN, reason=reason, bring=BRING_IDENTITY_CARD)
    if age_on(born_on, today) >= rules.min_age:
        reason = Sentence(N_("已满 %(age)s 周岁。"), age=rules.min_age)
        return Criterion(code=code, met=Met.YES, reason=reason)
    reason = Sentence(
        N_("到 %(day)s 才满 %(age)s 周岁。如果有残疾或伤病，可以按另外的类型申请。"),
        day=birthday(born_on, rules.min_age),
        age=rules.min_age,
    )
    return Criterion(code=code, met=Met.NO, reason=reason)


def look_at_difficulty(
    claim: ElderlyClaim, declaration: Declaration, rules: Rules, today: date
) -> Criterion:
    """Look whether the person is in difficulty and somebody has seen to it."""
    code = CriterionCode.DIFFICULTY
    if rules.elderly_attestation is not Attestation.REQUIRED:
        reason = Sentence(N_("本站不要求困难证明。"))
        return Criterion(code=code, met=Met.YES, reason=reason)
    if is_of_advanced_age(declaration.birth_date, rules, today):
        reason = Sentence(
            N_("已满 %(age)s 周岁，高龄就算有困难，不用另外的证明。"), age=rules.advanced_age
        )
        return Criterion(code=code, met=Met.YES, reason=reason)
    if _counting(claim, declaration, rules):
        met, reason = _ATTESTED if claim.attested else _DECLARED
    elif claim.attested:
        met, reason = _WITHOUT
    else:
        met, reason = _too_young(rules) if _told(claim, rules) else _UNTOLD
    bring = BRING_DIFFICULTY_PROOF if met is Met.UNKNOWN else None
    return Criterion(code=code, met=met, reason=reason, bring=bring)


def _told(claim: ElderlyClaim, rules: Rules) -> bool:
    """Tell whether a difficulty on the site's list is declared, refuted or not."""
    return bool(claim.difficulties & rules.difficulties)


def _too_young(rules: Rules) -> tuple[Met, Sentence]:
    """Say that the birth date refutes the one difficulty declared, which is the advanced age."""
    reason = N_("还没满 %(age)s 岁，不能按高龄算。有别的困难请勾选。")
    return Met.UNKNOWN, Sentence(reason, age=rules.advanced_age)


_ATTESTED = (Met.YES, Sentence(N_("生活困难情况已经核实。")))
_DECLARED = (Met.UNKNOWN, Sentence(N_("您说明的困难情况还要由工作人员核实。")))
_WITHOUT = (
    Met.NO,
    Sentence(N_("核实后没有属于困难的情况。情况有变化时可以再申请，也可以打电话问我们。")),
)
_UNTOLD = (Met.UNKNOWN, Sentence(N_("还不知道您有没有低保、独居、行动不便等困难情况。")))


def _counting(claim: ElderlyClaim, declaration: Declaration, rules: Rules) -> frozenset[str]:
    """Return the declared difficulties on the site's list that no birth date refutes."""
    counting = claim.difficulties & rules.difficulties
    return counting if declaration.birth_date is None else counting - {ADVANCED_AGE}


def look_at_hospital_note(claim: InjuryClaim, today: date) -> Criterion:
    """Look whether there is a dated hospital note."""
    code = CriterionCode.HOSPITAL_NOTE
    if claim.noted_on is None:
        reason = Sentence(N_("还没有写日期的医院证明。"))
        return Criterion(code=code, met=Met.UNKNOWN, reason=reason, bring=BRING_HOSPITAL_NOTE)
    if claim.noted_on > today:
        reason = Sentence(
            N_("医院证明的日期 %(day)s 还没有到，请对照证明重新填写。"), day=claim.noted_on
        )
        return Criterion(code=code, met=Met.NO, reason=reason)
    reason = Sentence(N_("有 %(day)s 的医院证明。"), day=claim.noted_on)
    return Criterion(code=code, met=Met.YES, reason=reason)


def look_at_injury_window(claim: InjuryClaim, rules: Rules, today: date) -> Criterion:
    """Look whether today lies in the note's window, its last day included."""
    code = CriterionCode.INJURY_WINDOW
    if claim.noted_on is None:
        reason = Sentence(N_("有了医院证明的日期，才能算出可以租借到哪一天。"))
        return Criterion(code=code, met=Met.UNKNOWN, reason=reason, bring=BRING_HOSPITAL_NOTE)
    end = injury_window_end(claim.noted_on, rules)
    if end < today:
        reason = Sentence(
            N_("这份医院证明只用到 %(day)s。还需要的话，请到医院开一份新的证明，家属可以代开。"),
            day=end,
        )
        return Criterion(code=code, met=Met.NO, reason=reason, bring=BRING_HOSPITAL_NOTE)
    reason = Sentence(N_("这份医院证明可以用到 %(day)s。"), day=end)
    return Criterion(code=code, met=Met.YES, reason=reason)
