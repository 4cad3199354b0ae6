"""What may be reserved today, and how a resident stands."""

from datetime import date, timedelta

from sqlalchemy import Date, Integer, String, bindparam, column, exists, func, select, table
from sqlalchemy.orm import Session

from rental.catalogue.queries import KindView
from rental.eligibility import queries as eligibility
from rental.foundation.clock import Moment
from rental.people import queries as people
from rental.people.policy import Purpose, ResidentState
from rental.places import queries as places
from rental.policies import queries as policies
from rental.policies.policy import Policy
from rental.reservations.models import IS_ACTIVE, RESERVATION
from rental.reservations.policy import Terms
from rental.reservations.policy.offer import Offer, Standing

_resident_id = bindparam("resident_id", type_=Integer)
_RESIDENT = table("resident", column("id", Integer), column("state", String))
_mine = (
    select(
        func.count().label("active"),
        func.count().filter(RESERVATION.c.kind_id == bindparam("kind_id")).label("same_kind"),
    )
    .where(RESERVATION.c.resident_id == _resident_id, IS_ACTIVE)
    .subquery("mine")
)

#: Everything that is asked of the person, in one round trip.
_STANDING = select(
    exists()
    .where(_RESIDENT.c.id == _resident_id, _RESIDENT.c.state != ResidentState.ANONYMISED.value)
    .label("known"),
    people.consented(_resident_id, Purpose.SERVICE).label("consented"),
    eligibility.valid_until(_resident_id, bindparam("starts_on", type_=Date)).label(
        "eligible_until"
    ),
    _mine.c.active,
    _mine.c.same_kind,
)


def earliest_on(session: Session, *, site_id: int, at: Moment) -> date | None:
    """Return the first day on which somebody can still fetch something; kept reference data only.

    None while nobody can say when the site opens again.
    """
    return places.calendar(session, site_id=site_id).opens_from(at.on, at.time_of_day)


def offer(session: Session, *, kind: KindView, site_id: int, at: Moment) -> Offer:
    """Return what the kind at the site may be reserved for now; kept reference data only."""

    def value(policy: Policy) -> int | None:
        found: int | None = policies.value(
            session, policy, site_id=site_id, category_id=kind.category.id, kind_id=kind.id
        )
        return found

    return Offer(
        terms=Terms(
            max_days=value(Policy.LOAN_DAYS) or kind.category.loan_days,
            earliest_on=earliest_on(session, site_id=site_id, at=at) or at.on,
            latest_on=at.on + timedelta(days=value(Policy.MAX_AHEAD_DAYS) or 0),
        ),
        calendar=places.calendar(session, site_id=site_id),
        turnround_open_days=kind.category.turnround_open_days,
        hold_open_days=value(Policy.HOLD_OPEN_DAYS) or 0,
        slot_capacity=policies.value(session, Policy.SLOT_CAPACITY, site_id=site_id),
        delivery=kind.category.delivery,
    )


def standing(session: Session, *, resident_id: int, kind_id: int, starts_on: date) -> Standing:
    """Return what counts for or against the resident, in one round trip."""
    row = (
        session
        .connection()
        .execute(
            _STANDING, {"resident_id": resident_id, "kind_id": kind_id, "starts_on": starts_on}
        )
        .one()
    )
    return Standing(
        known=bool(row.known),
        consented=bool(row.consented),
        eligible_until=row.eligible_until,
        active=row.active,
        same_kind=row.same_kind,
    )


def most_reservations(session: Session, *, site_id: int) -> int:
    """Return how many active reservations a resident may have."""
    most: int = policies.value(session, Policy.MAX_RESERVATIONS, site_id=site_id)
    return most
