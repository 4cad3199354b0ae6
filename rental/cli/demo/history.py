"""A little past and present: loans, a return, one unit half cleaned, reservations."""

from datetime import date, timedelta

from rental.catalogue import queries as catalogue
from rental.cli.demo.actors import actor, at_ten
from rental.cli.demo.devices import available
from rental.foundation.clock import Moment
from rental.foundation.database import transaction
from rental.loans import service as loans
from rental.loans.policy import Condition, Issue, Return
from rental.people import queries as people
from rental.places import queries as places
from rental.reservations import service as reservations
from rental.upkeep import service as upkeep
from rental.upkeep.policy import Agent, StepKind

_KG = 62
"""What every borrower weighs."""


def load(now: Moment) -> None:
    """Lend, take back, clean and reserve, so that every list has something in it."""
    due_soon, late = now.on + timedelta(days=6), now.on - timedelta(days=2)
    _lend("li-jianguo", "lightweight-wheelchair", at_ten(now, days=-84), due=due_soon)
    _lend("wang-guilan", "quad-stick", at_ten(now, days=-60), due=late)
    yesterday = at_ten(now, days=-1)
    for key, condition in (
        ("folding-commode", Condition.GOOD),
        ("adult-axillary-crutch", Condition.WORN),
        ("adjustable-stick", Condition.GOOD),
    ):
        code = _lend("zhao-min", key, at_ten(now, days=-30), due=now.on + timedelta(days=30))
        _take_back(code, condition, yesterday)
        if key == "adjustable-stick":
            _clean(code, yesterday)
    with transaction() as session:
        calendar = places.calendar(session, site_id=places.site(session).id)
    start = calendar.next_open(now.on + timedelta(days=1))
    _reserve("wang-guilan", "shower-chair-with-arms", start, now)
    _reserve("zhao-min", "fixed-elbow-crutch", start, now)


def _lend(login: str, key: str, at: Moment, *, due: date) -> str:
    code, clerk, person = available(key), actor("clerk"), actor(login)
    with transaction() as session:
        resident = people.person_by_id(session, resident_id=person.resident_id or 0)
        wish = Issue(unit_code=code, resident_code=resident.code, due_on=due, resident_kg=_KG)
        loans.issue(session, wish, by=clerk, at=at)
    return code


def _take_back(code: str, condition: Condition, at: Moment) -> None:
    clerk = actor("clerk")
    with transaction() as session:
        loans.take_back(session, Return(unit_code=code, condition=condition), by=clerk, at=at)


def _clean(code: str, at: Moment) -> None:
    cleaner, later = actor("cleaner"), Moment.of(at.at + timedelta(minutes=40))
    with transaction() as session:
        upkeep.log_step(session, unit_code=code, step=StepKind.CLEAN, by=cleaner, at=at)
    with transaction() as session:
        upkeep.log_step(
            session,
            unit_code=code,
            step=StepKind.DISINFECT,
            agent=Agent.CHLORINE,
            concentration_mg_l=500,
            contact_minutes=30,
            by=cleaner,
            at=later,
        )


def _reserve(login: str, key: str, start: date, now: Moment) -> None:
    person = actor(login)
    with transaction() as session:
        wish = reservations.Wish(
            kind_id=catalogue.kind(session, key=key).id,
            site_id=places.site(session).id,
            resident_id=person.resident_id or 0,
            starts_on=start,
            ends_on=start + timedelta(days=29),
        )
        reservations.reserve(session, wish, by=person, at=now)
