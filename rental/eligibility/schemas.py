"""JSON of the public eligibility check."""

import re
from datetime import date
from itertools import starmap
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from rental.eligibility.policy import (
    ELSEWHERE,
    CertificateEndsTooLate,
    CertificateInvalid,
    CitizenNumber,
    CitizenNumberInvalid,
    Claim,
    Declaration,
    DisabilityCertificate,
    DisabilityClaim,
    ElderlyClaim,
    Ground,
    InjuryClaim,
    ensure_certificate_end,
    read_citizen_number,
    read_disability_certificate,
    wrong_birth,
)
from rental.foundation.words import N_, Sentence

_COMMUNITY_UNKNOWN = N_("没有这个社区。可用的编号见 GET /api/v1/communities。")
_NOT_OF_THIS_TYPE = N_("这一项不属于 %(type)s，请去掉。")

_FIELDS: dict[Ground, frozenset[str]] = {
    Ground.DISABILITY: frozenset({"certificate_number", "expires_on"}),
    Ground.ELDERLY: frozenset({"difficulties"}),
    Ground.INJURY: frozenset({"noted_on"}),
}


def _only_dates(value: object) -> object:
    """Refuse numbers and instants, which pydantic would take for dates."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        msg = "a date as YYYY-MM-DD is expected"
        raise ValueError(msg)
    return value


CivilDate = Annotated[date, BeforeValidator(_only_dates)]


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid")


class GroundIn(_Words):
    """One ground; whatever is absent is not known.

    ``certificate_number`` and ``expires_on`` belong to disability, ``difficulties`` to elderly,
    ``noted_on`` to injury.
    """

    type: Ground
    certificate_number: Annotated[str, Field(max_length=60)] | None = None
    expires_on: CivilDate | None = None
    difficulties: (
        Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=20)] | None
    ) = None
    noted_on: CivilDate | None = None


class CheckIn(_Words):
    """What is known of a person; whatever is absent is not known."""

    citizen_number: Annotated[str, Field(max_length=40)] | None = None
    born_on: CivilDate | None = None
    register_: Annotated[str, Field(max_length=32)] | None = Field(default=None, alias="register")
    grounds: Annotated[list[GroundIn], Field(max_length=10)] = []


class CriterionOut(BaseModel):
    """One thing looked at."""

    code: str
    met: Literal["yes", "no", "unknown"]
    reason: str


class CheckOut(BaseModel):
    """The outcome with every criterion."""

    outcome: Literal["eligible", "needs_review", "not_eligible"]
    criteria: list[CriterionOut]


class CommunityOut(BaseModel):
    """A community that is served."""

    code: str
    name: str


class Reader:
    """Turns the JSON into a declaration; `errors` says by field what is malformed."""

    def __init__(self, words: CheckIn, *, communities: frozenset[str], today: date) -> None:
        """Read everything at once, so that every error is named."""
        self.errors: dict[str, Sentence] = {}
        self._today = today
        number = self._number(words.citizen_number)
        wrong = wrong_birth(words.born_on, number, today=today)
        if wrong is not None:
            self.errors["born_on"] = wrong
        if words.register_ is not None and words.register_ not in communities | {ELSEWHERE}:
            self.errors["register"] = Sentence(_COMMUNITY_UNKNOWN)
        claims = list(starmap(self._claim, enumerate(words.grounds)))
        self.declaration = Declaration(
            citizen_number=number,
            born_on=words.born_on,
            register=words.register_,
            grounds=tuple(claims),
        )

    def _number(self, text: str | None) -> CitizenNumber | None:
        if text is None:
            return None
        try:
            return read_citizen_number(text, today=self._today)
        except CitizenNumberInvalid as error:
            self.errors["citizen_number"] = error.said
            return None

    def _claim(self, n: int, ground: GroundIn) -> Claim:
        for name in sorted(ground.model_fields_set - _FIELDS[ground.type] - {"type"}):
            self.errors[f"grounds.{n}.{name}"] = Sentence(_NOT_OF_THIS_TYPE, type=ground.type.value)
        match ground.type:
            case Ground.DISABILITY:
                certificate = self._certificate(n, ground.certificate_number)
                self._check_end(n, ground.expires_on)
                return DisabilityClaim(certificate=certificate, expires_on=ground.expires_on)
            case Ground.ELDERLY:
                return ElderlyClaim(difficulties=frozenset(ground.difficulties or ()))
            case Ground.INJURY:
                return InjuryClaim(noted_on=ground.noted_on)

    def _check_end(self, n: int, expires_on: date | None) -> None:
        try:
            ensure_certificate_end(expires_on, today=self._today)
        except CertificateEndsTooLate as error:
            self.errors[f"grounds.{n}.expires_on"] = error.said

    def _certificate(self, n: int, text: str | None) -> DisabilityCertificate | None:
        if text is None:
            return None
        try:
            return read_disability_certificate(text, today=self._today)
        except CertificateInvalid as error:
            self.errors[f"grounds.{n}.certificate_number"] = error.said
            return None
