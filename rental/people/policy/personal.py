"""What is kept of a resident, as it was said."""

from dataclasses import dataclass, field

from rental.people.policy.citizen_number import CitizenNumber
from rental.people.policy.residents import Register


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """What somebody said about a resident; every part of it was read and found well-formed.

    Attributes:
        name: As on the identity card.
        phone: Eleven digits; empty for none, None to leave what is kept.
        address: Where the person lives; empty for none, None to leave what is kept.
        citizen_number: None when not given; what is kept then stays.
        register: Where the household register is.
        community_id: The community of the subdistrict, when the register is there.
        grid_id: The grid, when whoever writes knows it; None to leave what is kept, unless the
            person moved out of it.
        lives_alone: Whether nobody else lives in the home.
    """

    name: str
    phone: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)
    citizen_number: CitizenNumber | None = field(default=None, repr=False)
    register: Register = Register.UNKNOWN
    community_id: int | None = None
    grid_id: int | None = None
    lives_alone: bool = False
