"""Following the calendar: nobody is asked to bring a device back to a closed door."""

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from rental import journal
from rental.catalogue import queries as catalogue
from rental.foundation.actor import SYSTEM
from rental.foundation.clock import Moment
from rental.foundation.words import N_, Sentence
from rental.inventory import queries as units
from rental.inventory import service as inventory
from rental.inventory.policy import UnitState
from rental.loans import queries
from rental.loans.models import Loan
from rental.loans.queries import LoanView
from rental.notices import service as notices
from rental.notices.policy import NoticeKind
from rental.places import queries as places
from rental.places.policy import PlaceStaysClosed
from rental.places.service import ripples
from rental.places.service.ripples import Affected
from rental.reservations import queries as reservations

FOLLOW_CALENDAR = "loans.follow_calendar"
_SHOWN = 20


def follow_calendar(session: Session, *, at: Moment) -> int:
    """Move due dates on closed days to the next open day; safe to repeat. Return how many.

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
        while found := queries.due(session, site_id=site_id, on=day):
            for loan in found:
                _move(session, loan, to=next_open, at=at)
            moved += len(found)
    return moved


def _on_day(session: Session, site_id: int, on: date) -> Affected | None:
    """Say which loans end on a day that is about to be closed."""
    found = queries.due(session, site_id=site_id, on=on)
    if not found:
        return None
    n = queries.counts(session, site_id=site_id, on=on).due_today
    return Affected(
        said=Sentence(N_("%(n)s 笔租借在这一天到期，会自动顺延，居民会收到消息。"), n=n),
        endpoint="loans.show",
        codes=tuple(loan.code for loan in found[:_SHOWN]),
    )


def _at_risk(session: Session, site_id: int, on: date, today: date) -> Affected | None:
    """Say which promises have no unit when the loans of the day end on the next open one."""
    before = places.calendar(session, site_id=site_id)
    after = replace(before, closed=before.closed | {on})
    codes: list[str] = []
    for kind_id, units_due in queries.due_by_kind(session, site_id=site_id, on=on).items():
        kind = catalogue.kind_by_id(session, kind_id=kind_id)
        try:
            free_then = queries.free_again(kind, after.next_open(on), after)
        except PlaceStaysClosed:
            return None  # the page says so by itself
        displaced = reservations.displaced_by_several(
            session,
            kind_id=kind_id,
            site_id=site_id,
            first=queries.free_again(kind, on, before),
            last=free_then - timedelta(days=1),
            today=today,
            units=units_due,
        )
        codes += [promise.code for promise in displaced]
    if not codes:
        return None
    said = N_("顺延以后，%(n)s 个预约会没有器具可用，不会自动通知。请先打电话和居民商量改期。")
    return Affected(
        said=Sentence(said, n=len(codes)),
        endpoint="reservations.show",
        codes=tuple(codes[:_SHOWN]),
    )


ripples.FOLLOWERS.append(FOLLOW_CALENDAR)
ripples.AFFECTED.append(_on_day)
ripples.AT_RISK.append(_at_risk)


def _move(session: Session, seen: LoanView, *, to: date, at: Moment) -> None:
    """Move one loan's due date; the locks are taken in the order stock, unit, loan."""
    inventory.lock_stock(session, site_id=seen.site_id, kind_id=seen.kind_id)
    unit = units.lock_unit(session, code=seen.unit_code)
    loan = queries.lock_loan(session, code=seen.code)
    if not loan.is_open or loan.due_on != seen.due_on:
        return  # somebody returned or renewed it a moment ago
    kind = catalogue.kind_by_id(session, kind_id=loan.kind_id)
    calendar = places.calendar(session, site_id=loan.site_id)
    row = session.get_one(Loan, loan.id, populate_existing=True)
    row.due_on = to
    details = {"from": loan.due_on}
    journal.record(
        session,
        row,
        act="due_moved",
        by=SYSTEM,
        at=at,
        resident_id=loan.resident_id,
        details=details,
    )
    moved = inventory.move(
        session,
        unit,
        to=UnitState.ON_LOAN,
        act="due_moved",
        by=SYSTEM,
        at=at,
        due_on=to,
        free_from=queries.free_again(kind, to, calendar),
        resident_id=loan.resident_id,
        details={"loan": loan.code},
        forced=True,  # the door is closed: no role decides that
    )
    journal.write(session, [moved])
    notices.send(
        session,
        NoticeKind.DUE_MOVED,
        resident_id=loan.resident_id,
        once=f"{loan.code}:{to.isoformat()}",
        at=at,
        params={"kind": kind.name, "due": to, "closed": loan.due_on},
    )
