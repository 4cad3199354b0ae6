"""Whose device is not there any more: promised, then broken, lost, or taken out of service."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from rental.inventory import queries as inventory
from rental.inventory.queries import UnitView
from rental.reservations.models import IS_ACTIVE, RESERVATION, keeps_on
from rental.reservations.policy import expected_until
from rental.reservations.policy.shortage import Wanted, without_unit
from rental.reservations.queries.availability import stock_of
from rental.reservations.queries.promises import ReservationView
from rental.upkeep import queries as upkeep
from rental.upkeep.queries import GoesWithout


@dataclass(frozen=True, slots=True)
class Short:
    """A reservation that has no device as things stand."""

    code: str
    kind_id: int
    resident_id: int
    starts_on: date


_c = RESERVATION.c
_WANTED = (
    select(_c.kind_id, _c.code, _c.resident_id, _c.starts_on, _c.blocked_until)
    .where(
        _c.site_id == bindparam("site_id"),
        keeps_on("today"),
        IS_ACTIVE,
    )
    .order_by(_c.starts_on, _c.id)
)
_WANTED_OF_KINDS = _WANTED.where(_c.kind_id.in_(bindparam("kind_ids", expanding=True)))


def short(
    session: Session, *, site_id: int, today: date, kind_ids: Sequence[int] | None = None
) -> tuple[Short, ...]:
    """Return the site's reservations that have no device as things stand, in two round trips.

    Args:
        session: The session.
        site_id: The site.
        today: Civil date.
        kind_ids: The kinds asked about; every kind that anybody reserved when None.
    """
    wanted = _wanted(session, site_id=site_id, today=today, kind_ids=kind_ids)
    stock = inventory.stock_groups_of_kinds(
        session, kind_ids=list(wanted), site_id=site_id, today=today
    )
    found = (
        Short(each.code, kind_id, each.resident_id, each.starts_on)
        for kind_id, promises in wanted.items()
        for each in without_unit(stock_of(stock.get(kind_id, ()), today), promises, today=today)
    )
    return tuple(sorted(found, key=lambda each: (each.starts_on, each.code)))


def short_among(
    session: Session, found: Iterable[ReservationView], *, today: date
) -> frozenset[str]:
    """Return the codes of those reservations that have no device as things stand."""
    kinds: defaultdict[int, set[int]] = defaultdict(set)
    asked = [each for each in found if each.is_active]
    for each in asked:
        kinds[each.site_id].add(each.kind_id)
    codes = {
        each.code
        for site_id, kind_ids in kinds.items()
        for each in short(session, site_id=site_id, today=today, kind_ids=sorted(kind_ids))
    }
    return frozenset(each.code for each in asked if each.code in codes)


def short_without(session: Session, unit: UnitView, today: date) -> tuple[GoesWithout, ...]:
    """Return the reservations that have a device now and would have none if the unit were gone."""
    if not unit.counts(today):
        return ()
    kind_id, site_id = unit.kind_id, unit.site_id
    wanted = _wanted(session, site_id=site_id, today=today, kind_ids=[kind_id])
    if not wanted:
        return ()
    promises = wanted[kind_id]
    stock = inventory.stock_groups_of_kinds(
        session, kind_ids=[kind_id], site_id=site_id, today=today
    ).get(kind_id, ())
    place = (unit.state, unit.due_on, unit.free_from)
    left = [
        replace(part, count=part.count - ((part.state, part.due_on, part.free_from) == place))
        for part in stock
    ]
    before = without_unit(stock_of(stock, today), promises, today=today)
    after = without_unit(stock_of(left, today), promises, today=today)
    return tuple(GoesWithout(each.code, each.starts_on) for each in after if each not in before)


def _wanted(
    session: Session, *, site_id: int, today: date, kind_ids: Sequence[int] | None
) -> dict[int, list[Wanted]]:
    asked: dict[str, object] = {"site_id": site_id, "today": today}
    if kind_ids is not None:
        asked["kind_ids"] = list(kind_ids)
    statement = _WANTED if kind_ids is None else _WANTED_OF_KINDS
    found: defaultdict[int, list[Wanted]] = defaultdict(list)
    for kind_id, code, resident_id, first, last in session.connection().execute(statement, asked):
        found[kind_id].append(Wanted(code, resident_id, first, expected_until(last, today)))
    return dict(found)


upkeep.GO_WITHOUT.append(short_without)
