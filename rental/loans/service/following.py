"""Following the calendar: nobody is asked to bring a device back to a closed door."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from rental import journal
from rental.catalogue import queries as catalogue
from rental.catalogue.queries import KindView
from rental.foundation.actor import SYSTEM
from rental.foundation.clock import Moment
from rental.foundation.words import N_, Sentence
from rental.inventory import queries as units
from rental.inventory import service as inventory
from rental.inventory.policy import UnitState
from rental.inventory.queries import UnitView
from rental.loans import queries
from rental.loans.models import Loan
from rental.loans.queries import LoanView
from rental.notices import service as notices
from rental.notices.policy import NoticeKind
from rental.places import queries as places
from rental.places.policy import OpeningCalendar, PlaceStaysClosed
from rental.places.service import ripples
from rental.places.service.ripples import Affected
from rental.reservations import queries as reservations
from rental.upkeep import queries as upkeep

FOLLOW_CALENDAR = "loans.follow_calendar"
_SHOWN = 20
_DAY = timedelta(days=1)


def follow_calendar(session: Session, *, at: Moment) -> int:
    """Move due dates on closed days to the next open day; safe to repeat. Return how many.

    Units whose turn-round has a closed day in it are expected later as well.

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
    _expect_later(session, at=at)
    return moved


def _expect_later(session: Session, *, at: Moment) -> None:
    """Expect units on loan later whose turn-round has a closed day in it; never earlier."""
    for unit in queries.due_units(session, since=at.on):
        kind = catalogue.kind_by_id(session, kind_id=unit.kind_id)
        calendar = places.calendar(session, site_id=unit.site_id)
        try:
            _put_off(session, unit, kind, calendar, at=at)
        except PlaceStaysClosed:
            continue  # nobody can say when; the manager was told when closing it


def _put_off(
    session: Session, seen: UnitView, kind: KindView, calendar: OpeningCalendar, *, at: Moment
) -> None:
    """Expect one unit on loan later; the locks are taken in the order stock, unit."""
    if not _is_early(seen, kind, calendar):
        return
    inventory.lock_stock(session, site_id=seen.site_id, kind_id=seen.kind_id)
    unit = units.lock_unit(session, code=seen.code)
    if unit.due_on is None or not _is_early(unit, kind, calendar):
        return  # somebody returned or renewed it a moment ago
    moved = inventory.move(
        session,
        unit,
        to=UnitState.ON_LOAN,
        act="put_off",
        by=SYSTEM,
        at=at,
        due_on=unit.due_on,
        free_from=queries.free_again(kind, unit.due_on, calendar),
        forced=True,  # the door is closed: no role decides that
    )
    journal.write(session, [moved])


def _is_early(unit: UnitView, kind: KindView, calendar: OpeningCalendar) -> bool:
    """Tell whether the unit on loan is expected before its turn-round can be over."""
    if unit.due_on is None or unit.free_from is None:
        return False
    return unit.free_from < queries.free_again(kind, unit.due_on, calendar)


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
    """Say which promises have no unit when loans end, and units are washed, a day later."""
    before = places.calendar(session, site_id=site_id)
    after = replace(before, closed=before.closed | {on})
    codes: dict[str, None] = {}
    try:
        away = _away_longer(session, site_id, on=on, today=today, calendars=(before, after))
    except PlaceStaysClosed:
        return None  # the page says so by itself
    for (kind_id, first, last), n in away.items():
        displaced = reservations.displaced_by_several(
            session,
            kind_id=kind_id,
            site_id=site_id,
            first=first,
            last=last,
            today=today,
            units=n,
        )
        codes |= dict.fromkeys(promise.code for promise in displaced)
    if not codes:
        return None
    said = N_("顺延以后，%(n)s 个预约会没有器具可用，不会自动通知。请先打电话和居民商量改期。")
    return Affected(
        said=Sentence(said, n=len(codes)),
        endpoint="reservations.show",
        codes=tuple(codes)[:_SHOWN],
    )


def _away_longer(
    session: Session,
    site_id: int,
    *,
    on: date,
    today: date,
    calendars: tuple[OpeningCalendar, OpeningCalendar],
) -> Counter[tuple[int, date, date]]:
    """Count the units of each kind that are away longer, by the first and last day of that."""
    before, after = calendars
    away: Counter[tuple[int, date, date]] = Counter()
    for kind_id, due_on, n in queries.due_by_kind(session, site_id=site_id, since=today, until=on):
        kind = catalogue.kind_by_id(session, kind_id=kind_id)
        first = queries.free_again(kind, due_on, before)
        away[kind_id, first, queries.free_again(kind, after.next_open(due_on), after) - _DAY] += n
    for unit, turn in upkeep.underway(session, site_id=site_id):
        if unit.free_from is not None:
            kind = catalogue.kind_by_id(session, kind_id=unit.kind_id)
            back = after.add_open_days(turn.since, kind.category.turnround_open_days)
            away[unit.kind_id, max(unit.free_from, today + _DAY), back - _DAY] += 1
    return Counter({days: n for days, n in away.items() if days[1] <= days[2]})


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
