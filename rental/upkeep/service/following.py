"""Following the calendar: a turn takes as many open days as it was said to."""

from datetime import date

from sqlalchemy.orm import Session

from rental.catalogue import queries as catalogue
from rental.foundation.actor import SYSTEM
from rental.foundation.clock import Moment
from rental.inventory import service as inventory
from rental.inventory.policy import IN_UPKEEP
from rental.inventory.queries import UnitView
from rental.journal import write
from rental.places import queries as places
from rental.places.policy import PlaceStaysClosed
from rental.places.service import ripples
from rental.upkeep import queries
from rental.upkeep.queries import UpkeepView
from rental.upkeep.service.turns import locked_turn

FOLLOW_CALENDAR = "upkeep.follow_calendar"


def follow_calendar(session: Session, *, at: Moment) -> int:
    """Expect units later whose turn has a closed day in it; safe to repeat. Return how many.

    A unit is never expected earlier than it was: promises were made on that.
    """
    put_off = 0
    for unit, turn in queries.underway(session):
        kind = catalogue.kind_by_id(session, kind_id=unit.kind_id)
        calendar = places.calendar(session, site_id=unit.site_id)
        try:
            expected = calendar.add_open_days(turn.since, kind.category.turnround_open_days)
        except PlaceStaysClosed:
            continue  # nobody can say when; the manager was told when closing it
        if expected > turn.expected_on:
            put_off += _put_off(session, unit, turn, to=expected, at=at)
    return put_off


ripples.FOLLOWERS.append(FOLLOW_CALENDAR)


def _put_off(session: Session, seen: UnitView, turn: UpkeepView, *, to: date, at: Moment) -> bool:
    """Expect one unit later; the locks are taken in the order stock, unit, turn."""
    inventory.lock_stock(session, site_id=seen.site_id, kind_id=seen.kind_id)
    unit = inventory.lock_unit(session, code=seen.code)
    row = locked_turn(session, unit.id)
    if row is None or row.id != turn.id or unit.state not in IN_UPKEEP:
        return False  # somebody finished it a moment ago
    row.expected_on = to
    if unit.free_from is not None:
        moved = inventory.move(
            session,
            unit,
            to=unit.state,
            act="put_off",
            by=SYSTEM,
            at=at,
            free_from=max(unit.free_from, to),
            forced=True,
        )
        write(session, [moved])
    return True
