"""What the desk shows at once: read models put together from the slices below."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from rental.catalogue import queries as catalogue
from rental.catalogue.queries import KindView
from rental.desk.policy import Span
from rental.eligibility import queries as eligibility
from rental.eligibility.queries import DecisionView
from rental.foundation.actor import Actor
from rental.foundation.clock import Moment
from rental.inventory import queries as inventory
from rental.loans import queries as loans
from rental.loans.queries import LoanCounts, LoanView, Renewal
from rental.people import queries as people
from rental.people.policy import Purpose
from rental.people.queries import Person
from rental.reservations import queries as reservations
from rental.reservations.policy import Fulfilment, Half
from rental.reservations.queries import ReservationView, Short
from rental.upkeep import queries as upkeep
from rental.upkeep.queries import Waiting

MOST_PICKUPS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Pickup:
    """A reservation whose device is about to change hands."""

    reservation: ReservationView
    kind: KindView
    person: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One page of those who are expected; ``number`` starts at 1, ``total`` counts all pages."""

    pickups: tuple[Pickup, ...]
    total: int
    number: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What the day holds; parts that the reader has no business with are None.

    Attributes:
        pickups: Who is expected today: so many as fit on the desk, of how many in all.
        forced: How many loans were handed over against a rule.
    """

    loans: LoanCounts | None
    forced: int | None
    pickups: Expected | None
    waiting: dict[Waiting, int] | None
    faults: int | None
    short: tuple[Short, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A loan with what a page says beside it."""

    loan: LoanView
    kind: KindView
    renewal: Renewal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """A reservation with its kind, and whether there is no device for it as things stand."""

    reservation: ReservationView
    kind: KindView
    short: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutDevice:
    """Somebody to call: there is no device for the reservation."""

    short: Short
    kind: KindView
    person: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a resident stands today.

    Attributes:
        decision: The approval that holds longest, None without one.
        application: Code of the application that waits for an answer, None without one.
        missing: What the resident doesn't consent to at present: the service, the use of sensitive
            data; both are needed for a hand-over.
        held: Open loans, the one that ends first being first.
        promised: Active reservations, the one that starts first being first.
    """

    decision: DecisionView | None
    application: str | None
    missing: tuple[Purpose, ...]
    held: tuple[Held, ...]
    promised: tuple[Promised, ...]


def today(
    session: Session,
    *,
    site_id: int,
    on: date,
    knows_people: bool,
    at_bench: bool,
    manages: bool,
) -> Today:
    """Return what the day holds at the site."""
    forced = loans.Show.FORCED
    return Today(
        forced=loans.count(session, show=forced, on=on, site_id=site_id) if manages else None,
        loans=loans.counts(session, site_id=site_id, on=on) if knows_people else None,
        pickups=expected(session, site_id=site_id, on=on, most=MOST_PICKUPS)
        if knows_people
        else None,
        waiting=upkeep.count_waiting(session, site_id=site_id) if at_bench else None,
        short=reservations.short(session, site_id=site_id, today=on) if knows_people else None,
        faults=upkeep.count_open_faults(session, site_id=site_id) if at_bench else None,
    )


def expected(
    session: Session,
    *,
    site_id: int,
    on: date,
    span: Span = Span.TODAY,
    page: int = 1,
    most: int,
) -> Expected:
    """Return one page of those who fetch a device or get one brought.

    Half day by half day, deliveries first; after today's those who missed an earlier visit and may
    still come.

    Args:
        session: For reading.
        site_id: Where from.
        on: Civil date.
        span: Which days.
        page: From 1; a page beyond the last one gives the last one.
        most: How many stand on a page.
    """
    first, last = span.days(on)
    found = reservations.pickups(session, site_id=site_id, on=on) if first == on else ()
    if last > on:
        tomorrow = max(first, on + timedelta(days=1))
        found += reservations.visits(session, site_id=site_id, first=tomorrow, last=last)
    pages = max(1, -(-len(found) // most))
    number = min(page, pages)
    shown = sorted(found, key=lambda each: _turn(each, on))[(number - 1) * most : number * most]
    return Expected(pickups=_pickups(session, shown), total=len(found), number=number, pages=pages)


def _turn(reservation: ReservationView, today: date) -> tuple[date, int, bool, date, int]:
    """Return what a reservation's place in the list follows from."""
    day, halves = reservation.visit_on, (Half.MORNING, Half.AFTERNOON, None)
    return (
        max(day, today),
        halves.index(reservation.slot_half) if day >= today else len(halves),
        reservation.fulfilment is not Fulfilment.DELIVERY,
        day,
        reservation.id,
    )


def _pickups(session: Session, found: Sequence[ReservationView]) -> tuple[Pickup, ...]:
    persons = people.persons_by_id(session, [each.resident_id for each in found])
    return tuple(
        Pickup(
            reservation=each,
            kind=catalogue.kind_by_id(session, kind_id=each.kind_id),
            person=persons[each.resident_id],
        )
        for each in found
    )


def standing(session: Session, person: Person, *, at: Moment, with_renewals: bool) -> Standing:
    """Return how the resident stands today.

    Args:
        session: For reading.
        person: The resident.
        at: Now.
        with_renewals: Whether to say of each loan if it may be renewed.
    """
    application = eligibility.open_application(session, person.id)
    return Standing(
        decision=eligibility.valid_decision(session, resident_id=person.id, on=at.on),
        application=application.code if application else None,
        missing=people.missing_consents(session, resident_id=person.id),
        held=tuple(
            held(session, loan, at=at, with_renewal=with_renewals)
            for loan in loans.open_loans_of(session, resident_id=person.id)
        ),
        promised=_promised(session, person, today=at.on),
    )


def held(session: Session, loan: LoanView, *, at: Moment, with_renewal: bool) -> Held:
    """Return the loan with what a page says beside it."""
    renewal = None
    if with_renewal and loan.is_open:
        unit = inventory.unit_by_id(session, unit_id=loan.unit_id)
        renewal = loans.renewal(session, loan, unit=unit, at=at)
    kind = catalogue.kind_by_id(session, kind_id=loan.kind_id)
    return Held(loan=loan, kind=kind, renewal=renewal)


def _promised(session: Session, person: Person, *, today: date) -> tuple[Promised, ...]:
    found: Sequence[ReservationView] = reservations.of_resident(session, resident_id=person.id)
    active = sorted(
        (each for each in found if each.is_active), key=lambda each: (each.starts_on, each.id)
    )
    short = reservations.short_among(session, active, today=today)
    return tuple(
        Promised(
            reservation=each,
            kind=catalogue.kind_by_id(session, kind_id=each.kind_id),
            short=each.code in short,
        )
        for each in active
    )


def without_device(session: Session, *, site_id: int, today: date) -> tuple[WithoutDevice, ...]:
    """Return who has reserved a device that is not there, the first to need it first."""
    found = reservations.short(session, site_id=site_id, today=today)
    return tuple(
        WithoutDevice(
            short=each,
            kind=catalogue.kind_by_id(session, kind_id=each.kind_id),
            person=people.person_by_id(session, resident_id=each.resident_id),
        )
        for each in found[:MOST_PICKUPS]
    )


def found_people(session: Session, text: str, *, by: Actor) -> tuple[Person, ...]:
    """Return whom the text may mean: a name, initials, a telephone or citizen number."""
    return people.search(session, text=text, by=by)
