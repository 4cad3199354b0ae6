"""The assessment: a declaration in, an outcome with every criterion out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from rental.eligibility.policy.criteria import (
    Criterion,
    CriterionCode,
    look_at_age,
    look_at_certificate,
    look_at_certificate_valid,
    look_at_difficulty,
    look_at_hospital_note,
    look_at_identity,
    look_at_injury_window,
    look_at_register,
)
from rental.eligibility.policy.declaration import (
    Claim,
    Declaration,
    DisabilityClaim,
    ElderlyClaim,
    InjuryClaim,
    Rules,
)
from rental.eligibility.policy.states import Ground, Met, Outcome
from rental.foundation.words import N_, Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What the rules say of a declaration; `criteria` holds every code once, in order."""

    outcome: Outcome
    criteria: tuple[Criterion, ...]

    def criterion(self, code: CriterionCode) -> Criterion:
        """Return the criterion of the code."""
        return next(c for c in self.criteria if c.code is code)

    @property
    def met_grounds(self) -> tuple[Ground, ...]:
        """The grounds on which every criterion is met."""
        return tuple(g for g in Ground if _together(self._of(g)) is Met.YES)

    @property
    def is_only_too_young(self) -> bool:
        """Whether a birthday is all that the elderly ground waits for."""
        age, register = self.criterion(CriterionCode.AGE), self.criterion(CriterionCode.REGISTER)
        too_young = age.counted and age.met is Met.NO and register.met is not Met.NO
        return too_young and self.outcome is Outcome.NOT_ELIGIBLE

    def _of(self, ground: Ground) -> tuple[Criterion, ...]:
        """Return the criteria that count for the ground."""
        return tuple(c for c in self.criteria if c.ground is ground and c.counted)


def assess(declaration: Declaration, rules: Rules, today: date) -> Assessment:
    """Assess a declaration by the site's rules.

    Eligible needs the register and one ground with every criterion met. Not eligible is who is
    registered elsewhere, or fails on every ground declared. Everybody else needs a review: an
    absent paper is unknown, never no.

    Args:
        declaration: What the person says, or a reviewer has seen.
        rules: The site's values.
        today: Civil date on which the criteria must hold.
    """
    register = look_at_register(declaration, rules)
    by_ground = tuple(_best(ground, declaration, rules, today) for ground in Ground)
    ground = _ground([_together(c) for c in by_ground if c[0].counted])
    criteria = (
        register,
        look_at_identity(declaration),
        ground,
        *(c for cs in by_ground for c in cs),
    )
    return Assessment(outcome=_OUTCOMES[_together((register, ground))], criteria=criteria)


_OUTCOMES: dict[Met, Outcome] = {
    Met.YES: Outcome.ELIGIBLE,
    Met.UNKNOWN: Outcome.NEEDS_REVIEW,
    Met.NO: Outcome.NOT_ELIGIBLE,
}
_RANK: dict[Met, int] = {Met.NO: 0, Met.UNKNOWN: 1, Met.YES: 2}
_BLANK: dict[Ground, Claim] = {
    Ground.DISABILITY: DisabilityClaim(),
    Ground.ELDERLY: ElderlyClaim(),
    Ground.INJURY: InjuryClaim(),
}


def _together(criteria: Iterable[Criterion]) -> Met:
    """Return yes when all are met, no when one isn't; unknown for none at all."""
    return min((c.met for c in criteria), key=_RANK.__getitem__, default=Met.UNKNOWN)


def _best(
    ground: Ground, declaration: Declaration, rules: Rules, today: date
) -> tuple[Criterion, ...]:
    """Return the criteria of the ground's best claim, or uncounted ones when it isn't claimed."""
    claims = [claim for claim in declaration.grounds if claim.ground is ground]
    if not claims:
        blank = _criteria(_BLANK[ground], declaration, rules, today)
        return tuple(replace(c, counted=False, bring=None) for c in blank)
    assessed = [_criteria(claim, declaration, rules, today) for claim in claims]
    return max(assessed, key=lambda criteria: _RANK[_together(criteria)])


def _criteria(
    claim: Claim, declaration: Declaration, rules: Rules, today: date
) -> tuple[Criterion, ...]:
    """Return the criteria of one claim."""
    match claim:
        case DisabilityClaim():
            found = (
                look_at_certificate(claim, declaration),
                look_at_certificate_valid(claim, today),
            )
        case ElderlyClaim():
            age = look_at_age(declaration, rules, today)
            found = (age, look_at_difficulty(claim, declaration, rules, today))
        case InjuryClaim():
            found = (
                look_at_hospital_note(claim, today),
                look_at_injury_window(claim, rules, today),
            )
    return tuple(replace(c, ground=claim.ground) for c in found)


def _ground(mets: list[Met]) -> Criterion:
    """Say whether at least one ground holds."""
    code = CriterionCode.GROUND
    if not mets:
        reason = Sentence(
            N_("您还没有选择申请类型：残疾人、60 岁以上有困难的老人、伤病人员，符合一项就可以。")
        )
        return Criterion(code=code, met=Met.UNKNOWN, reason=reason)
    best = max(mets, key=_RANK.__getitem__)
    return Criterion(code=code, met=best, reason=_GROUND_REASONS[best])


_GROUND_REASONS: dict[Met, Sentence] = {
    Met.YES: Sentence(N_("您至少符合一类服务对象的条件。")),
    Met.UNKNOWN: Sentence(N_("还需要看一看材料，才能确定您符合哪一类服务对象。")),
    Met.NO: Sentence(N_("您申请的类型都不符合条件。情况有变化时可以再查，也可以打电话问我们。")),
}
