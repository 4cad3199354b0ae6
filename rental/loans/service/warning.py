"""What the manager is told before closing a day: which loans move, which promises break."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from rental.catalogue import queries as catalogue
from rental.foundation.words import N_, Sentence
from rental.loans import queries
from rental.places import queries as places
from rental.places.policy import OpeningCalendar, PlaceStaysClosed
from rental.places.service import ripples
from rental.places.service.ripples import Affected
from rental.reservations import queries as reservations
from rental.upkeep import queries as upkeep

_SHOWN = 20
_DAY = timedelta(days=1)


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


ripples.AFFECTED.append(_on_day)
ripples.AT_RISK.append(_at_risk)
