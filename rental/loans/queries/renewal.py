"""What a renewal would be: until when, and what stands against it."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from rental.catalogue import queries as catalogue
from rental.catalogue.policy import Hygiene
from rental.catalogue.queries import KindView
from rental.eligibility import queries as eligibility
from rental.foundation.clock import Moment
from rental.foundation.errors import DomainError
from rental.inventory.queries import UnitView
from rental.loans.policy import (
    RenewalFacts,
    is_free_for_renewal,
    renewal_refusal,
    renewed_due_date,
    within_expiry,
)
from rental.loans.queries.hand_over import (
    away_until,
    free_again,
    loan_days,
    needs_guidance,
    policy_of,
)
from rental.loans.queries.loans import LoanView
from rental.places import queries as places
from rental.places.policy import OpeningCalendar
from rental.policies.policy import Policy
from rental.reservations import queries as reservations
from rental.reservations.policy import Whereabouts, expected_free_from

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A renewal as it would be.

    Attributes:
        due_on: The new last day: an open one, unless nobody can say when the next one is.
        free_from: First day on which the unit is expected lendable after it, None when nobody can
            say.
        opens_on: First day on which the loan may be renewed.
        left: How many renewals are left, this one counted.
        needs_check_up: Whether the device is checked first.
        refusal: Why not, None when it may be renewed.
    """

    due_on: date
    free_from: date | None
    opens_on: date
    left: int
    needs_check_up: bool
    refusal: DomainError | None


def renewal(
    session: Session, loan: LoanView, *, unit: UnitView, at: Moment, checked_up: bool = False
) -> Renewal:
    """Return what renewing the loan would be; decides nothing by itself.

    Args:
        session: For a decision the open transaction with stock, unit and loan locked.
        loan: The loan, as locked or as read.
        unit: Its unit, likewise.
        at: When.
        checked_up: Whether the device was checked for this renewal.
    """
    kind = catalogue.kind_by_id(session, kind_id=loan.kind_id)
    calendar = places.calendar(session, site_id=loan.site_id)
    renewed = renewed_due_date(
        loan.due_on,
        loan_days(session, unit=unit, kind=kind),
        today=at.on,
        next_open=calendar.open_or_same,
    )
    due_on = within_expiry(renewed, unit.expires_on, calendar.open_or_same)
    free_from = free_again(kind, due_on, calendar)
    facts = RenewalFacts(
        state=loan.state,
        due_on=loan.due_on,
        renewed_until=due_on,
        expires_on=unit.expires_on,
        renewals=loan.renewals,
        max_renewals=policy_of(session, Policy.MAX_RENEWALS, unit=unit, kind=kind),
        eligible_until=_eligible_until(session, loan, at),
        waiting=False,
        free_after_due=_is_free(
            session, unit, kind=kind, calendar=calendar, until=away_until(free_from), today=at.on
        ),
        needs_check_up=_needs_check_up(kind),
        checked_up=checked_up,
        opens_days_before=policy_of(session, Policy.RENEW_OPENS_DAYS, unit=unit, kind=kind),
        today=at.on,
    )
    return Renewal(
        due_on=due_on,
        free_from=free_from,
        opens_on=facts.opens_on,
        left=max(facts.max_renewals - loan.renewals, 0),
        needs_check_up=facts.needs_check_up,
        refusal=renewal_refusal(facts),
    )


def _needs_check_up(kind: KindView) -> bool:
    """Tell whether the kind is renewed with a check-up (H4, F2)."""
    return kind.category.hygiene is Hygiene.H4 or needs_guidance(kind)


def _eligible_until(session: Session, loan: LoanView, at: Moment) -> date | None:
    """Return the last day of the decision that holds, else of the one that ended last."""
    decision = eligibility.valid_decision(session, resident_id=loan.resident_id, on=at.on)
    if decision is not None:
        return decision.valid_until
    ended = eligibility.ended_decision(session, resident_id=loan.resident_id, on=at.on)
    if ended is None:
        return None
    return ended.ended_on - _DAY if ended.was_cut_short else ended.ended_on


def _is_free(
    session: Session,
    unit: UnitView,
    *,
    kind: KindView,
    calendar: OpeningCalendar,
    until: date,
    today: date,
) -> bool:
    """Tell whether a unit of the kind is free on every day that the renewal takes away."""
    counted_from = expected_free_from(
        Whereabouts.ON_LOAN, due_on=unit.due_on, free_from=unit.free_from, today=today
    )
    if counted_from is None or not unit.counts(today):
        return True  # nobody was promised it
    late = unit.due_on is not None and unit.due_on < today
    changes = reservations.changes(session, kind_id=unit.kind_id, site_id=unit.site_id, today=today)
    return is_free_for_renewal(
        changes,
        ready_on=(free_again(kind, today, calendar) if late else None) or counted_from,
        counted_from=counted_from,
        until=until,
    )
