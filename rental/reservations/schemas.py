"""What the API reads and answers."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from rental.foundation.codes import CodeKind, is_code
from rental.reservations.policy import Fulfilment, Half, ReservationState

MOST_DAYS = 366

Key = Annotated[str, StringConstraints(max_length=80, pattern=r"^[a-z0-9-]+$")]
SiteCode = Annotated[str, StringConstraints(max_length=32, pattern=r"^[A-Za-z0-9_-]+$")]
Words = Annotated[
    str, StringConstraints(max_length=60, strip_whitespace=True, pattern=r"^[^\x00]*$")
]
Address = Annotated[
    str,
    StringConstraints(max_length=200, strip_whitespace=True, pattern=r"^[^\x00-\x08\x0b-\x1f]*$"),
]


def _civil(value: Any) -> Any:
    """Let only ISO dates through: numbers are no dates here."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        msg = "a date is written 2026-12-01"
        raise ValueError(msg)
    return value


def _resident(value: str) -> str:
    code = value.strip().upper()
    if not is_code(CodeKind.RESIDENT, code):
        msg = "this is no resident's code"
        raise ValueError(msg)
    return code


Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2999, 12, 31)), BeforeValidator(_civil)]
ResidentCode = Annotated[str, Field(max_length=40), AfterValidator(_resident)]


class _Model(BaseModel):
    model_config = ConfigDict(populate_by_name=True)


class _Query(_Model):
    @model_validator(mode="before")
    @classmethod
    def _said(cls, words: dict[str, str]) -> dict[str, str]:
        """Leave out what was left empty."""
        return {name: word for name, word in words.items() if word}


class KindsQuery(_Query):
    """Which kinds."""

    q: Words = ""
    category: Key | None = None
    need: Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z_]+$")] | None = None
    free_on: Day | None = None
    site: SiteCode | None = None
    page: int = Field(default=1, ge=1, le=10_000)


class CategoryOut(_Model):
    """A category's names."""

    key: str
    zh: str
    en: str


class KindOut(_Model):
    """A kind with how many units are free on the day asked about."""

    id: str
    zh: str
    en: str
    category: CategoryOut
    free: int
    next_free_date: date | None
    loan_days: int
    delivery: bool


class KindsOut(_Model):
    """One page of kinds."""

    items: list[KindOut]
    on: date
    page: int
    pages: int
    total: int


class AvailabilityQuery(_Query):
    """Which days, both included; thirty from today on when nothing is said."""

    site: SiteCode | None = None
    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")


class FreeDay(_Model):
    """How many units are free on a day."""

    date: date
    free: int


class AvailabilityOut(_Model):
    """Free units per day, and the first day from ``from`` on with a free one."""

    kind_id: str
    site: str
    days: list[FreeDay]
    next_free_date: date | None


class ReservationIn(_Model):
    """A wish; ``to`` may be left out for as long as allowed, ``resident`` for oneself."""

    kind_id: Key
    site: SiteCode | None = None
    first: Day = Field(alias="from")
    last: Day | None = Field(default=None, alias="to")
    resident: ResidentCode | None = None
    fulfilment: Fulfilment = Fulfilment.PICKUP
    slot_on: Day | None = None
    slot_half: Half | None = Field(default=None, validate_default=True)
    address: Address | None = None

    @field_validator("slot_half")
    @classmethod
    def _whole_slot(cls, half: Half | None, info: ValidationInfo) -> Half | None:
        """Refuse half a slot."""
        if (half is None) != (info.data.get("slot_on") is None):
            msg = "slot_on and slot_half go together"
            raise ValueError(msg)
        return half


class ReservationOut(_Model):
    """A reservation; all dates are inclusive civil dates at the site."""

    code: str
    state: ReservationState
    kind_id: str
    site: str
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    hold_until: date
    fulfilment: Fulfilment
    slot_on: date | None
    slot_half: Half | None
