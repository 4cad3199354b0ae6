"""Who acts. The resident concerned is always named apart from the actor."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an account may do (domain.md, section 1)."""

    RESIDENT = "resident"
    GRID_WORKER = "grid_worker"
    CLERK = "clerk"
    CLEANER = "cleaner"
    TECHNICIAN = "technician"
    THERAPIST = "therapist"
    REVIEWER = "reviewer"
    MANAGER = "manager"


STAFF = frozenset(Role) - {Role.RESIDENT}

#: Hands over and takes back; does anything for any resident.
AT_DESK = frozenset({Role.CLERK, Role.MANAGER})

#: Fits and guides, beside the desk.
KNOWS_PEOPLE = AT_DESK | {Role.THERAPIST}

#: Cleans, inspects, repairs, releases.
AT_BENCH = frozenset({Role.CLEANER, Role.TECHNICIAN, Role.MANAGER})

#: Has units in hand.
HANDLES_UNITS = AT_DESK | AT_BENCH

#: Works at the rental point.
OF_THE_POINT = HANDLES_UNITS | KNOWS_PEOPLE

#: Decides on applications.
REVIEWS = frozenset({Role.REVIEWER, Role.MANAGER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The signed-in account, or a job.

    Attributes:
        account_id: Primary key of the account; None for the system's own jobs.
        name: What staff call this person on screen; never written to logs.
        roles: All roles of the account.
        site_id: Where staff work; None for residents and the subdistrict.
        resident_id: The account's own resident, if it belongs to one.
    """

    account_id: int | None
    name: str
    roles: frozenset[Role]
    site_id: int | None = None
    resident_id: int | None = None

    def has(self, *roles: Role) -> bool:
        """Tell whether the account has at least one of the roles."""
        return not self.roles.isdisjoint(roles)

    @property
    def is_staff(self) -> bool:
        """Tell whether the account has any staff role."""
        return not self.roles.isdisjoint(STAFF)


SYSTEM = Actor(account_id=None, name="system", roles=frozenset())
