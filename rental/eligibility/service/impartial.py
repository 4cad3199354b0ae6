"""Who may not look papers through or decide: whoever it is about, and whoever asked for it."""

from sqlalchemy.orm import Session

from rental.eligibility.models import Application
from rental.foundation.actor import Actor
from rental.foundation.errors import NotAllowed
from rental.foundation.words import N_
from rental.people import queries as people


class OwnApplication(NotAllowed):
    """Nobody decides about themselves or their family."""

    sentence = N_("这是您自己或家人的申请，请让另一位同事来审核。")


class SubmittedByYourself(NotAllowed):
    """Nobody approves what they handed in themselves."""

    sentence = N_("这份申请是您替居民交的，不能由您通过。请让另一位同事来审核。")


def ensure_impartial(session: Session, resident_id: int, *, by: Actor) -> None:
    """Test that the actor is neither the resident nor acts for the resident as family.

    Raises:
        OwnApplication: If so.
    """
    person = people.person_by_id(session, resident_id=resident_id)
    if people.is_own_or_family(session, person, by=by):
        raise OwnApplication


def ensure_another_submitted(row: Application, *, by: Actor) -> None:
    """Test that the actor didn't hand the application in; two people look at each.

    Raises:
        SubmittedByYourself: If so.
    """
    if row.submitted_by == by.account_id:
        raise SubmittedByYourself
