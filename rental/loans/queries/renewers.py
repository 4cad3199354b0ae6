"""Who may renew a resident's loan."""

from sqlalchemy.orm import Session

from rental.foundation.actor import Actor
from rental.loans.policy import CHECKS_UP
from rental.people import queries as people
from rental.people.queries import Person


def may_renew(session: Session, person: Person, *, by: Actor) -> bool:
    """Tell whether the actor may renew: for the resident, or because they check devices up."""
    return by.has(*CHECKS_UP) or people.may_change(session, person, by=by)


def ensure_may_renew(session: Session, person: Person, *, by: Actor) -> None:
    """Test that the actor may renew the resident's loans.

    Raises:
        NotYourResident: If the actor may not even look at the resident.
        MayOnlyLook: If the actor may look, but not write.
    """
    if not by.has(*CHECKS_UP):
        people.ensure_may_change(session, person, by=by)
