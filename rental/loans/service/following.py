"""Following the calendar: nobody is asked to bring a device back to a closed door."""

from datetime import date

from sqlalchemy.orm import Session

from rental import journal
from rental.catalogue import queries as catalogue
from rental.catalogue.queries import KindView
from rental.foundation.actor import SYSTEM
from rental.foundation.clock import Moment
from rental.inventory import queries as units
from rental.inventory import service as inventory
from rental.inventory.policy import UnitState
from rental.inventory.queries import UnitView
from rental.loans import queries
from rental.loans.policy import moved_due_date
from rental.loans.queries import LoanView
from rental.loans.service.due import lock, move_due
from rental.notices import service as notices
from rental.notices.policy import NoticeKind
from rental.places import queries as places
from rental.places.policy import OpeningCalendar, PlaceStaysClosed
from rental.places.service import ripples

FOLLOW_CALENDAR = "loans.follow_calendar"


def follow_calendar(session: Session, *, at: Moment) -> int:
    """Move due dates on closed days to the next open day; safe to repeat. Return how many.

    Where the unit may no longer be used then, it is the last open day on which it may. Units whose
    turn-round has a closed day in it are expected later as well.

    Source: domain.md §4, closed days move due dates to the next open day, with notice.
    """
    moved = 0
    for site_id, day in queries.due_days(session, since=at.on):
        calendar = places.calendar(session, site_id=site_id)
        if calendar.is_open(day):
            continue
        try:
            next_open = calendar.next_open(day)
        except PlaceStaysClosed:
            continue  # there is no day to move to; the manager was told when closing it
        last = 0
        while found := queries.due(session, site_id=site_id, on=day, after=last):
            moved += sum(_move(session, loan, next_open=next_open, at=at) for loan in found)
            last = found[-1].id
    _expect_later(session, at=at)
    return moved


def _move(session: Session, seen: LoanView, *, next_open: date, at: Moment) -> bool:
    """Move one loan's due date; the locks are taken in the order stock, unit, loan."""
    unit, loan = lock(session, seen)
    if not loan.is_open or loan.due_on != seen.due_on:
        return False  # somebody returned or renewed it a moment ago
    kind = catalogue.kind_by_id(session, kind_id=loan.kind_id)
    calendar = places.calendar(session, site_id=loan.site_id)
    to = moved_due_date(next_open, unit.expires_on, today=at.on, opening=calendar.next_open)
    if to is None:
        return False  # the unit expires behind closed doors; the list of late loans shows it
    free_from = queries.free_again(kind, to, calendar)
    move_due(session, unit, loan, to=to, free_from=free_from, by=SYSTEM, at=at)
    earlier = {"expires": unit.expires_on} if unit.expires_on and to < loan.due_on else {}
    notices.send(
        session,
        NoticeKind.DUE_EARLIER if earlier else NoticeKind.DUE_MOVED,
        resident_id=loan.resident_id,
        once=f"{loan.code}:{to.isoformat()}",
        at=at,
        params={"kind": kind.name, "due": to, "closed": loan.due_on, **earlier},
    )
    return True


def _expect_later(session: Session, *, at: Moment) -> None:
    """Expect units on loan later whose turn-round has a closed day in it; never earlier.

    One of which nobody could say when it is lendable again is expected once the place opens.
    """
    for unit in units.on_loan_until(session, since=at.on):
        kind = catalogue.kind_by_id(session, kind_id=unit.kind_id)
        calendar = places.calendar(session, site_id=unit.site_id)
        _put_off(session, unit, kind, calendar, at=at)


def _put_off(
    session: Session, seen: UnitView, kind: KindView, calendar: OpeningCalendar, *, at: Moment
) -> None:
    """Expect one unit on loan later; the locks are taken in the order stock, unit."""
    if _later(seen, kind, calendar) is None:
        return
    inventory.lock_stock(session, site_id=seen.site_id, kind_id=seen.kind_id)
    unit = units.lock_unit(session, code=seen.code)
    free_from = _later(unit, kind, calendar)
    if free_from is None:
        return  # somebody returned or renewed it a moment ago
    moved = inventory.move(
        session,
        unit,
        to=UnitState.ON_LOAN,
        act="put_off" if unit.free_from else "foreseen",
        by=SYSTEM,
        at=at,
        due_on=unit.due_on,
        free_from=free_from,
        forced=True,  # the door is closed: no role decides that
    )
    journal.write(session, [moved])


def _later(unit: UnitView, kind: KindView, calendar: OpeningCalendar) -> date | None:
    """Return when the turn-round of the unit on loan can be over, if it is expected before that."""
    if unit.due_on is None:
        return None
    found = queries.free_again(kind, unit.due_on, calendar)
    if found is None or (unit.free_from is not None and unit.free_from >= found):
        return None  # nobody can say when, which the manager was told when closing, or in time
    return found


ripples.FOLLOWERS.append(FOLLOW_CALENDAR)
