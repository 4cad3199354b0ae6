"""Fake units of every kind."""

from datetime import timedelta
from itertools import cycle

from rental.catalogue import queries as catalogue
from rental.catalogue.policy import Hygiene
from rental.cli.demo.actors import actor
from rental.foundation.clock import Moment
from rental.foundation.database import reading, transaction
from rental.inventory import queries as inventory
from rental.inventory import service
from rental.inventory.policy import UnitState
from rental.inventory.queries import UnitFilter
from rental.inventory.service import Papers
from rental.places import queries as places

#: How many units of one kind after the other.
COUNTS = (3, 1, 2, 4)


def stocked() -> bool:
    """Tell whether there are units already."""
    session = reading()
    found = inventory.units(session, wanted=UnitFilter()).total
    session.rollback()
    return found > 0


def load(at: Moment) -> None:
    """Put one to four units of every kind on the shelves, and a fresh delivery beside them."""
    manager = actor("manager")
    with transaction() as session:
        site = places.site(session)
        for kind, count in zip(catalogue.kinds(session), cycle(COUNTS), strict=False):
            electric = kind.category.hygiene is Hygiene.H5
            wheelchair = kind.category.key.endswith("wheelchair")
            papers = Papers(
                maker="示范厂",
                load_limit_kg=100 if wheelchair else None,
                electrical_test_due_on=at.on + timedelta(days=365) if electric else None,
            )
            service.add_units(
                session,
                kind_id=kind.id,
                site_id=site.id,
                count=count,
                papers=papers,
                intake_passed=True,
                by=manager,
                at=at,
            )
        rollator = catalogue.kind(session, key="four-wheel-rollator-with-seat")
        service.add_units(session, kind_id=rollator.id, site_id=site.id, count=2, by=manager, at=at)


def available(key: str) -> str:
    """Return the code of an available unit of the kind."""
    session = reading()
    kind = catalogue.kind(session, key=key)
    found = inventory.units(session, wanted=UnitFilter(kind_id=kind.id, state=UnitState.AVAILABLE))
    session.rollback()
    return found.units[0].code
