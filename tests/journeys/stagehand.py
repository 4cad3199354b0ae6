"""Sets the stage of a journey: people, units, loans and promises, made through the services.

Runs beside the live service as a process of its own, with the service's own settings, so that a
test's process keeps its keys. Wishes come in as JSON, one a line; each is answered by one line.
"""

import json
import random
import sys
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

from rental import create_app
from rental.catalogue import queries as catalogue
from rental.catalogue.policy import Hygiene
from rental.cli.demo import PASSWORD, accounts
from rental.cli.demo.actors import actor, at_ten
from rental.eligibility import service as eligibility
from rental.eligibility.policy import ElderlyClaim, Ground
from rental.foundation import clock
from rental.foundation.actor import SYSTEM, Role
from rental.foundation.clock import Moment
from rental.foundation.database import db, reading, transaction
from rental.inventory import queries as stock
from rental.inventory import service as inventory
from rental.inventory.service import Papers
from rental.loans import service as loans
from rental.loans.policy import Condition, Issue, Return
from rental.people import queries as people
from rental.people import service as people_service
from rental.people.policy import Relation
from rental.places import queries as places
from rental.reservations import service as reservations
from rental.upkeep import queries as upkeep
from rental.upkeep.models import UpkeepStep

_numbers = count(random.randrange(10**7))  # nobody else's, also when the stage is set twice
_YEAR = timedelta(days=365)


def person(name: str, ground: str | None = None) -> dict[str, str]:
    """Make a resident with an account; with a ground also eligible."""
    number = next(_numbers)
    born = clock.now().on - timedelta(days=24_000 + number % 3_000)  # 65 to 74 years old
    fake = accounts.Fake(
        login=f"guest-{number}",
        name=name,
        number=f"110101{born:%Y%m%d}{number % 1000:03}",
        phone=f"137{number % 10**8:08}",
        ground=Ground(ground) if ground else None,
    )
    now = clock.now()
    with transaction() as session:
        people_service.create_account(
            session,
            login=fake.login,
            name=name,
            phone=fake.phone,
            password_hash=_hash(),
            roles=[Role.RESIDENT],
            by=SYSTEM,
            at=at_ten(now, days=-110),
        )
    accounts._resident(fake, at_ten(now, days=-110))
    if fake.ground:
        handed_in = at_ten(now, days=-100)
        accounts._approved(accounts._applied(fake, fake.ground, handed_in), fake.ground, handed_in)
    return {
        "login": fake.login,
        "name": name,
        "phone": fake.phone,
        "code": resident_code(fake.login),
    }


def units(kind: str, many: int = 1) -> list[str]:
    """Put units of the kind on the shelf and return their codes."""
    now, by = clock.now(), actor("manager")
    with transaction() as session:
        wanted = catalogue.kind(session, key=kind)
        electric = wanted.category.hygiene is Hygiene.H5
        return list(
            inventory.add_units(
                session,
                kind_id=wanted.id,
                site_id=places.site(session).id,
                count=many,
                papers=Papers(electrical_test_due_on=now.on + _YEAR if electric else None),
                intake_passed=True,
                by=by,
                at=now,
            )
        )


def lend(login: str, unit: str, days_ago: int, due_in: int) -> str:
    """Lend the unit, some days ago and due some days from now; return the loan's code."""
    now = clock.now()
    who, clerk = actor(login), actor("clerk")
    with transaction() as session:
        code = people.person_by_id(session, resident_id=who.resident_id or 0).code
        wish = Issue(
            unit_code=unit,
            resident_code=code,
            due_on=now.on + timedelta(days=due_in),
            taught=True,
        )
        return loans.issue(session, wish, by=clerk, at=_then(now, days_ago)).loan_code


def take_back(unit: str) -> str:
    """Take the unit back; it is dirty now. Return the loan's code."""
    clerk = actor("clerk")
    with transaction() as session:
        wish = Return(unit_code=unit, condition=Condition.GOOD)
        return loans.take_back(session, wish, by=clerk, at=clock.now()).loan_code


def wait(unit: str, minutes: int = 60) -> None:
    """Let time pass for what was written down in the unit's turn."""
    with transaction() as session:
        found = upkeep.open_upkeep(session, stock.unit(session, code=unit).id)
        for step in session.query(UpkeepStep).filter_by(upkeep_id=found.id if found else None):
            step.done_at -= timedelta(minutes=minutes)


def promise(login: str, kind: str, days: int = 30) -> str:
    """Reserve the kind from the newest open day on, today if it is one; return the code."""
    now, who = clock.now(), actor(login)
    with transaction() as session:
        site = places.site(session)
        calendar = places.calendar(session, site_id=site.id)
        start = now.on
        while not calendar.is_open(start):
            start -= timedelta(days=1)
        wish = reservations.Wish(
            kind_id=catalogue.kind(session, key=kind).id,
            site_id=site.id,
            resident_id=who.resident_id or 0,
            starts_on=start,
            ends_on=start + timedelta(days=days - 1),
        )
        made = at_ten(now, days=(start - now.on).days - 1)
        return reservations.reserve(session, wish, by=who, at=made).code


def apply(login: str) -> str:
    """Hand in an application of an elderly person who lives alone; return its code."""
    now, who = clock.now(), actor(login)
    claim = ElderlyClaim(difficulties=frozenset({"lives_alone"}))
    with transaction() as session:
        code = people.person_by_id(session, resident_id=who.resident_id or 0).code
        return eligibility.apply(session, resident_code=code, claims=[claim], by=who, at=now)


def account(name: str, acts_for: list[str]) -> str:
    """Make an account without a resident that acts for the residents; return its login."""
    now, login = clock.now(), f"guest-{next(_numbers)}"
    with transaction() as session:
        made = people_service.create_account(
            session,
            login=login,
            name=name,
            password_hash=_hash(),
            roles=[Role.RESIDENT],
            by=SYSTEM,
            at=now,
        )
    for code in acts_for:
        with transaction() as session:
            wanted = people.person(session, code=code)
            people_service.act_for(
                session, made, wanted.id, relation=Relation.CHILD, by=SYSTEM, at=now
            )
    return login


def first_open_day() -> str:
    """Return the first day on which somebody can still come to the point."""
    now = clock.now()
    with transaction() as session:
        calendar = places.calendar(session, site_id=places.site(session).id)
    return (calendar.opens_from(now.on, now.time_of_day) or now.on).isoformat()


def resident_code(login: str) -> str:
    """Return the code of the account's own resident."""
    who, session = actor(login), reading()
    try:
        return people.person_by_id(session, resident_id=who.resident_id or 0).code
    finally:
        session.rollback()


def rules() -> list[dict[str, Any]]:
    """Return every address of the service that can be read: endpoint and rule."""
    from flask import current_app

    return [
        {"endpoint": rule.endpoint, "rule": rule.rule}
        for rule in current_app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
    ]


def match(paths: list[str]) -> list[str | None]:
    """Return the endpoint behind each path, None where there is none."""
    from flask import current_app
    from werkzeug.exceptions import HTTPException

    adapter = current_app.url_map.bind("localhost")
    found: list[str | None] = []
    for path in paths:
        try:
            found.append(adapter.match(path, method="GET")[0])
        except HTTPException:
            found.append(None)
    return found


def zones() -> dict[str, str]:
    """Return the codes of the point's zones by their kinds."""
    session = db.session()
    found = places.zones(session, site_id=places.site(session).id)
    return {zone.kind.value: zone.code for zone in found}


_ACTS: dict[str, Callable[..., Any]] = {
    act.__name__: act
    for act in (
        person,
        units,
        lend,
        take_back,
        wait,
        promise,
        apply,
        account,
        first_open_day,
        resident_code,
        zones,
        rules,
        match,
    )
}


def _hash() -> str:
    return people_service.hash_password(PASSWORD)


def _then(now: Moment, days_ago: int) -> Moment:
    return at_ten(now, days=-days_ago) if days_ago else now


def main() -> None:
    """Serve wishes until the line closes."""
    answers = sys.stdout
    sys.stdout = sys.stderr  # whatever the service logs must not look like an answer
    app = create_app()
    with app.app_context():
        for line in sys.stdin:
            asked = json.loads(line)
            try:
                answer: dict[str, Any] = {"done": _ACTS[asked["act"]](**asked["with"])}
            except Exception as error:  # ruff: ignore[blind-except] - the test shall see what went wrong
                answer = {"error": f"{type(error).__name__}: {error}"}
            finally:
                db.session.remove()
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
