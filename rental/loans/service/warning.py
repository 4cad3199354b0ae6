"""What the manager is told before changing the calendar: which loans move, which promises break."""

from collections import Counter
from datetime import date, timedelta
from itertools import chain, islice

from sqlalchemy.orm import Session

from rental.catalogue import queries as catalogue
from rental.foundation.words import N_, Sentence
from rental.loans import queries
from rental.places.policy import Change, PlaceStaysClosed
from rental.places.service import ripples
from rental.places.service.ripples import Affected
from rental.reservations import queries as reservations
from rental.upkeep import queries as upkeep

_DAY = timedelta(days=1)


def _due(session: Session, change: Change) -> Affected | None:
    """Say which loans end on days that are about to be closed."""
    counted: Counter[date] = Counter()
    for _, day, n in queries.due_by_kind(session, site_id=change.site_id, since=change.today):
        if change.closes(day):
            counted[day] += n
    if not counted:
        return None
    loans = chain.from_iterable(
        queries.due(session, site_id=change.site_id, on=day) for day in sorted(counted)
    )
    return Affected(
        said=Sentence(
            N_("%(n)s 笔租借到期的那天不再开放，会自动顺延，居民会收到消息。"),
            n=counted.total(),
        ),
        endpoint="loans.show",
        codes=tuple(loan.code for loan in islice(loans, ripples.NAMED)),
    )


def _at_risk(session: Session, change: Change) -> Affected | None:
    """Say which promises have no unit when loans end, and units are washed, some days later."""
    codes: dict[str, None] = {}
    try:
        away = _away_longer(session, change)
    except PlaceStaysClosed:
        return None  # the page says so by itself
    for (kind_id, first, last), n in away.items():
        displaced = reservations.displaced_by_several(
            session,
            kind_id=kind_id,
            site_id=change.site_id,
            first=first,
            last=last,
            today=change.today,
            units=n,
        )
        codes |= dict.fromkeys(promise.code for promise in displaced)
    if not codes:
        return None
    said = N_("顺延以后，%(n)s 个预约会没有器具可用，不会自动通知。请先打电话和居民商量改期。")
    return Affected(
        said=Sentence(said, n=len(codes)),
        endpoint="reservations.show",
        codes=tuple(codes)[: ripples.NAMED],
    )


def _away_longer(session: Session, change: Change) -> Counter[tuple[int, date, date]]:
    """Count the units of each kind that are away longer, by the first and last day of that."""
    site_id, before, after = change.site_id, change.before, change.after
    away: Counter[tuple[int, date, date]] = Counter()
    for kind_id, due_on, n in queries.due_by_kind(session, site_id=site_id, since=change.today):
        kind = catalogue.kind_by_id(session, kind_id=kind_id)
        first = queries.free_again(kind, due_on, before)
        if first is not None:
            again = queries.free_again(kind, after.next_open(due_on), after)
            away[kind_id, first, queries.away_until(again)] += n
    for unit, turn in upkeep.underway(session, site_id=site_id):
        if unit.free_from is not None:
            kind = catalogue.kind_by_id(session, kind_id=unit.kind_id)
            back = after.add_open_days(turn.since, kind.category.turnround_open_days)
            away[unit.kind_id, max(unit.free_from, change.today + _DAY), back - _DAY] += 1
    return Counter({days: n for days, n in away.items() if days[1] <= days[2]})


ripples.AFFECTED.extend((_due, _at_risk))
