"""How many units are free: stock and promises of one kind in one round trip, of many in two."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import (
    Integer,
    String,
    bindparam,
    func,
    literal_column,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from rental.catalogue import queries as catalogue
from rental.catalogue.queries import KindView
from rental.foundation.clock import Moment
from rental.inventory import queries as inventory
from rental.inventory.policy import IN_UPKEEP, LENDABLE, UnitState
from rental.reservations.models import IS_ACTIVE, RESERVATION, keeps_on
from rental.reservations.policy import (
    Change,
    Commitment,
    StockGroup,
    Whereabouts,
    can_promise,
    change_list,
    expected_free_from,
    expected_until,
    free_on,
    next_free,
)
from rental.reservations.policy.offer import Dates
from rental.reservations.queries.offers import offer

#: How far ahead a next free day is looked for.
HORIZON = timedelta(days=366)

_MOST_LIKE_KINDS = 3
_PROMISE = "promise"
_NOBODY = 0

_WHEREABOUTS: dict[UnitState, Whereabouts] = {
    **dict.fromkeys(LENDABLE, Whereabouts.READY),
    **dict.fromkeys(IN_UPKEEP, Whereabouts.IN_UPKEEP),
    UnitState.ON_LOAN: Whereabouts.ON_LOAN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KindAvailability:
    """What a list says of a kind.

    Attributes:
        free_today: Units free on the day asked for; never negative.
        next_free_on: First day from then on with a free unit, None within a year.
    """

    free_today: int
    next_free_on: date | None


_c = RESERVATION.c
_stock = inventory.STOCK_GROUPS.subquery("stock_group")

#: Stock groups and promises of one kind at one site, told apart by the first column.
_OF_KIND = union_all(
    select(
        type_coerce(_stock.c.state, String).label("what"),
        _stock.c.due_on.label("first"),
        _stock.c.free_from.label("last"),
        _stock.c.count.label("count"),
    ),
    select(
        literal_column(f"'{_PROMISE}'", String),
        _c.starts_on,
        _c.blocked_until,
        func.count(),
    )
    .where(
        _c.kind_id == bindparam("kind_id"),
        _c.site_id == bindparam("site_id"),
        keeps_on("today"),
        IS_ACTIVE,
        _c.id != bindparam("without", type_=Integer),
    )
    .group_by(_c.starts_on, _c.blocked_until),
)

_PROMISES_OF_KINDS = (
    select(_c.kind_id, _c.starts_on, _c.blocked_until, func.count())
    .where(
        _c.kind_id.in_(bindparam("kind_ids", expanding=True)),
        _c.site_id == bindparam("site_id"),
        keeps_on("today"),
        IS_ACTIVE,
    )
    .group_by(_c.kind_id, _c.starts_on, _c.blocked_until)
)


def changes(
    session: Session, *, kind_id: int, site_id: int, today: date, without: int | None = None
) -> tuple[Change, ...]:
    """Return the kind's change list at the site, in one round trip.

    Args:
        session: The session; under the stock lock where something is decided on it.
        kind_id: The kind.
        site_id: The site.
        today: Civil date.
        without: Key of a reservation that doesn't count, such as the one being moved.
    """
    rows = session.connection().execute(
        _OF_KIND,
        {"kind_id": kind_id, "site_id": site_id, "today": today, "without": without or _NOBODY},
    )
    stock: list[inventory.StockGroup] = []
    promises: list[Commitment] = []
    for what, first, last, count in rows:
        if what == _PROMISE:
            promises.append(Commitment(first, expected_until(last, today), count))
        else:
            stock.append(inventory.StockGroup(UnitState(what), first, last, count))
    return change_list(stock_of(stock, today), promises, today=today)


def changes_of_kinds(
    session: Session, *, kind_ids: Sequence[int], site_id: int, today: date
) -> dict[int, tuple[Change, ...]]:
    """Return the change lists of several kinds by kind, in two round trips."""
    if not kind_ids:
        return {}
    stock = inventory.stock_groups_of_kinds(
        session, kind_ids=kind_ids, site_id=site_id, today=today
    )
    promises: defaultdict[int, list[Commitment]] = defaultdict(list)
    wanted = {"kind_ids": list(kind_ids), "site_id": site_id, "today": today}
    for kind_id, first, last, count in session.connection().execute(_PROMISES_OF_KINDS, wanted):
        promises[kind_id].append(Commitment(first, expected_until(last, today), count))
    return {
        kind_id: change_list(
            stock_of(stock.get(kind_id, ()), today), promises.get(kind_id, ()), today=today
        )
        for kind_id in kind_ids
    }


def availability_of_kinds(
    session: Session,
    *,
    kind_ids: Sequence[int],
    site_id: int,
    on: date | None,
    today: date,
) -> dict[int, KindAvailability]:
    """Return for each kind how many units are free on the day, in two round trips.

    Args:
        session: The session.
        kind_ids: The kinds.
        site_id: The site.
        on: The civil date asked about; None for none, as long as nobody can come.
        today: Civil date.
    """
    lists = changes_of_kinds(session, kind_ids=kind_ids, site_id=site_id, today=today)
    return {kind_id: availability(found, on) for kind_id, found in lists.items()}


def availability(found: Sequence[Change], on: date | None) -> KindAvailability:
    """Return what a list says of a kind with the change list; nothing without a day."""
    if on is None:
        return KindAvailability(free_today=0, next_free_on=None)
    return KindAvailability(
        free_today=max(free_on(found, on), 0),
        next_free_on=next_free(found, on, 1, on + HORIZON),
    )


def like_free(
    session: Session, *, kind: KindView, site_id: int, wish: Dates, at: Moment
) -> tuple[KindView, ...]:
    """Return up to three like kinds that are free for the whole wish."""
    like = catalogue.like_kinds(session, kind_id=kind.id)
    lists = changes_of_kinds(
        session, kind_ids=[found.id for found in like], site_id=site_id, today=at.on
    )

    def longest(kind: KindView) -> date:
        its = offer(session, kind=kind, site_id=site_id, at=at)
        return its.calendar.open_or_same(wish.starts_on + timedelta(days=its.terms.max_days - 1))

    free = (
        found
        for found in like
        if wish.ends_on <= longest(found)
        and can_promise(lists[found.id], wish.starts_on, wish.blocked_until)
    )
    return tuple(found for found, _ in zip(free, range(_MOST_LIKE_KINDS), strict=False))


def stock_of(parts: Iterable[inventory.StockGroup], today: date) -> list[StockGroup]:
    """Return from when on the units are expected lendable."""
    return [
        StockGroup(
            expected_free_from(
                _WHEREABOUTS.get(part.state, Whereabouts.GONE),
                due_on=part.due_on,
                free_from=part.free_from,
                today=today,
            ),
            part.count,
        )
        for part in parts
    ]
