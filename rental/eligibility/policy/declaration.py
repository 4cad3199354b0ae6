"""What a person declares, and the values that the rules are set to."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from rental.eligibility.policy.certificate import CertificateState, DisabilityCertificate
from rental.eligibility.policy.states import Attestation, Ground
from rental.foundation.words import N_, Named, Sentence
from rental.people.policy.citizen_number import FIRST_YEAR, CitizenNumber, age_on

ELSEWHERE = "elsewhere"
"""The register lies outside every community served."""

ADVANCED_AGE = "advanced_age"
"""The one difficulty that the birth date proves or refutes."""

DIFFICULTIES: dict[str, Named] = {
    "dibao": Named("低保", "minimum living allowance"),
    "dibao_margin": Named("低保边缘", "just above the minimum living allowance"),
    "tekun": Named("特困", "in extreme hardship"),
    "disabled_mobility": Named("失能、行动不便", "unable to look after oneself or to move well"),
    "lives_alone": Named("独居、空巢", "lives alone or far from the children"),
    ADVANCED_AGE: Named("高龄（80 岁及以上）", "80 or older"),
}
"""The list a new site starts with; the manager edits it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisabilityClaim:
    """Somebody says that they hold a disability certificate.

    Attributes:
        certificate: The number as read, None when it wasn't given.
        expires_on: Last valid day printed in the certificate, None when it wasn't given.
        state: What the federation says, None when nobody asked.
    """

    certificate: DisabilityCertificate | None = None
    expires_on: date | None = None
    state: CertificateState | None = None
    ground: Literal[Ground.DISABILITY] = Ground.DISABILITY


@dataclass(frozen=True, slots=True, kw_only=True)
class ElderlyClaim:
    """Somebody says that they are old and in difficulty.

    Attributes:
        difficulties: Codes of the site's list; codes no longer on it count for nothing.
        attested: Whether a reviewer or a home visit has seen to it. Attested without a difficulty
            means that there is none.
    """

    difficulties: frozenset[str] = frozenset()
    attested: bool = False
    ground: Literal[Ground.ELDERLY] = Ground.ELDERLY


@dataclass(frozen=True, slots=True, kw_only=True)
class InjuryClaim:
    """Somebody says that they are injured or ill; `noted_on` is the date of the hospital note."""

    noted_on: date | None = None
    ground: Literal[Ground.INJURY] = Ground.INJURY


Claim: TypeAlias = DisabilityClaim | ElderlyClaim | InjuryClaim


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What is known of a person; None stands for not told, never for no.

    Attributes:
        citizen_number: Wins over `born_on` when both are given.
        born_on: Civil date of birth, enough for a check without a name.
        register: Code of a community, `ELSEWHERE`, or None.
        residence_permit: Whether the person holds a residence permit (居住证) of the area.
        grounds: The grounds on which the person applies; the best claim of each ground counts.
    """

    citizen_number: CitizenNumber | None = None
    born_on: date | None = None
    register: str | None = None
    residence_permit: bool = False
    grounds: tuple[Claim, ...] = ()

    @property
    def birth_date(self) -> date | None:
        """The date of birth, computed from the number when there is one."""
        return self.citizen_number.born_on if self.citizen_number else self.born_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Values of the eligibility policy at one site.

    Attributes:
        communities: Codes of the communities served.
        min_age: Full years from which a person counts as elderly.
        advanced_age: Full years from which age is a difficulty of its own (高龄).
        admit_residence_permit: Whether a residence permit stands in for the register.
        elderly_attestation: What a difficulty without attestation does.
        difficulties: Codes that count as a difficulty.
        injury_window_days: Days after the hospital note's date, the last one included.
        elderly_validity_days: Days after the decision, the last one included.
    """

    communities: frozenset[str]
    min_age: int = 60
    advanced_age: int = 80
    admit_residence_permit: bool = False
    elderly_attestation: Attestation = Attestation.REQUIRED
    difficulties: frozenset[str] = frozenset(DIFFICULTIES)
    injury_window_days: int = 90
    elderly_validity_days: int = 365


def is_of_advanced_age(born_on: date | None, rules: Rules, today: date) -> bool:
    """Tell whether age alone counts as a difficulty, which the identity card proves."""
    return (
        ADVANCED_AGE in rules.difficulties
        and born_on is not None
        and age_on(born_on, today) >= rules.advanced_age
    )


def wrong_birth(
    born_on: date | None, number: CitizenNumber | None, *, today: date
) -> Sentence | None:
    """Return what is wrong with a birth date, None when nothing is."""
    if born_on is None:
        return None
    if born_on > today:
        return Sentence(N_("出生日期还没有到，请核对。"))
    if born_on.year < FIRST_YEAR:
        return Sentence(N_("出生日期太早了，请核对年份。"))
    if number is not None and number.born_on != born_on:
        return Sentence(N_("出生日期和身份证号码里的不一样，请核对。只填一样也可以。"))
    return None
