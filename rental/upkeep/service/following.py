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
from rental.places.service import ripples
from rental.upkeep import queries
from rental.upkeep.queries import UpkeepView
from rental.upkeep.service.turns import foreseen, locked_turn

FOLLOW_CALENDAR = "upkeep.follow_calendar"


def follow_calendar(session: Session, *, at: Moment) -> int:
    """Expect units later whose turn has a closed day in it; safe to repeat. Return how many.

    A unit is never expected earlier than it was: promises were made on that. One of which nobody
    could say when it is ready is expected once the site opens.
    """
    put_off = 0
    for unit, turn in queries.underway(session):
        kind = catalogue.kind_by_id(session, kind_id=unit.kind_id)
        calendar = places.calendar(session, site_id=unit.site_id)
        expected = calendar.after_open_days(turn.since, kind.category.turnround_open_days)
        if expected is None:
            continue  # nobody can say when; the manager was told when closing it
        if turn.expected_on is None or expected > turn.expected_on:
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
    free_from = max(unit.free_from, to) if unit.free_from else None
    nobody_could_say, row.expected_on = row.expected_on is None, to
    if nobody_could_say:
        free_from = foreseen(session, unit)
    if free_from is not None:
        moved = inventory.move(
            session,
            unit,
            to=unit.state,
            act="put_off" if unit.free_from else "foreseen",
            by=SYSTEM,
            at=at,
            free_from=free_from,
            forced=True,
        )
        write(session, [moved])
    return True
