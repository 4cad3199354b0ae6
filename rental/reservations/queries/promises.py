"""Reads of reservations."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from rental.foundation.actor import Actor
from rental.foundation.codes import CodeKind, is_code
from rental.foundation.errors import NotFound
from rental.foundation.words import N_
from rental.journal import Head
from rental.people import queries as people
from rental.people.queries import NotYourResident, Person
from rental.places.policy import OpeningCalendar
from rental.reservations.models import IS_ACTIVE, RESERVATION, keeps_on
from rental.reservations.policy import (
    ACTIVE,
    Fulfilment,
    Half,
    ReservationState,
    can_promise,
    free_on,
)
from rental.reservations.policy.offer import Slot
from rental.reservations.queries.availability import changes

MOST_OF_RESIDENT = 100


class ReservationNotFound(NotFound):
    """No reservation has the code."""

    sentence = N_("没有找到这个预约。请核对预约号，或打电话给我们查。")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationView:
    """A promise of one unit of a kind; all dates inclusive.

    Attributes:
        blocked_until: Last day on which the promised unit can't be promised again.
        hold_until: Last day on which it waits for its resident.
        slot_on: Day of the agreed visit, with ``slot_half``; None when none was agreed.
        address: Where to deliver to when not to the resident's own address.
        journal_head: Where its history ends; who changes it expects it unchanged.
    """

    id: int
    code: str
    kind_id: int
    site_id: int
    resident_id: int
    state: ReservationState
    starts_on: date
    ends_on: date
    blocked_until: date
    hold_until: date
    fulfilment: Fulfilment
    slot_on: date | None
    slot_half: Half | None
    address: str | None = field(repr=False)
    unit_id: int | None
    created_at: datetime
    journal_head: Head

    @property
    def is_active(self) -> bool:
        """Tell whether it still holds a unit of its kind."""
        return self.state in ACTIVE

    @property
    def days(self) -> int:
        """How many days, both ends counted."""
        return (self.ends_on - self.starts_on).days + 1

    def journal_row(self, **changed: Any) -> dict[str, Any]:
        """Return what a line of its history says of it, with what the act changes."""
        return {
            "state": self.state,
            "kind_id": self.kind_id,
            "site_id": self.site_id,
            "resident_id": self.resident_id,
            "starts_on": self.starts_on,
            "ends_on": self.ends_on,
        } | changed

    def finds_closed(self, calendar: OpeningCalendar, *, today: date) -> bool:
        """Tell whether the agreed visit, or the first day, lies ahead while the site is closed."""
        on = self.visit_on
        return on >= today and not calendar.is_open(on, self.slot_half)

    @property
    def visit_on(self) -> date:
        """Day of the agreed visit, else the first day."""
        return self.slot_on or self.starts_on

    @property
    def slot(self) -> Slot | None:
        """The agreed visit."""
        if self.slot_on is None or self.slot_half is None:
            return None
        return Slot(self.slot_on, self.slot_half)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A reservation that somebody else's loan would break."""

    code: str
    starts_on: date


_c = RESERVATION.c
VIEW: Select[Any] = select(
    _c.id, _c.code, _c.kind_id, _c.site_id, _c.resident_id, _c.state, _c.starts_on, _c.ends_on,
    _c.blocked_until, _c.hold_until, _c.fulfilment, _c.slot_on, _c.slot_half, _c.address,
    _c.unit_id, _c.created_at, _c.journal_seq, _c.journal_hash,
)  # fmt: skip
_BY_CODE = VIEW.where(_c.code == bindparam("code"))
_BY_ID = VIEW.where(_c.id == bindparam("of_id"))
_FOR_ISSUE = (
    VIEW
    .where(
        _c.resident_id == bindparam("resident_id"),
        _c.kind_id == bindparam("kind_id"),
        _c.site_id == bindparam("site_id"),
        IS_ACTIVE,
    )
    .order_by(_c.starts_on, _c.id)
    .limit(1)
)
_OF_RESIDENT = (
    VIEW
    .where(_c.resident_id == bindparam("resident_id"))
    .order_by(_c.created_at.desc(), _c.id.desc())
    .limit(MOST_OF_RESIDENT)
)
_PICKUPS = VIEW.where(
    _c.site_id == bindparam("site_id"),
    IS_ACTIVE,
    func.coalesce(_c.slot_on, _c.starts_on) <= bindparam("on"),
    or_(_c.hold_until >= bindparam("on"), _c.fulfilment == Fulfilment.DELIVERY),
).order_by(_c.slot_half.desc(), _c.id)
_VISIT_ON = func.coalesce(_c.slot_on, _c.starts_on)
_VISITS = VIEW.where(
    _c.site_id == bindparam("site_id"),
    IS_ACTIVE,
    _VISIT_ON.between(bindparam("first"), bindparam("last")),
)
_VISITS_FROM = (
    select(_c.code, _VISIT_ON, _c.slot_half)
    .where(_c.site_id == bindparam("site_id"), IS_ACTIVE, bindparam("since") <= _VISIT_ON)
    .order_by(_VISIT_ON, _c.id)
)
_STARTED = (
    select(_c.code, _c.starts_on)
    .where(
        _c.kind_id == bindparam("kind_id"),
        _c.site_id == bindparam("site_id"),
        keeps_on("on"),
        _c.starts_on <= bindparam("on"),
        _c.id != bindparam("without"),
        IS_ACTIVE,
    )
    .order_by(_c.starts_on.desc(), _c.id.desc())
)
_LAST_STARTED = _STARTED.limit(1)
_LAST_SO_MANY_STARTED = _STARTED.limit(bindparam("most"))


def reservation(session: Session, *, code: str) -> ReservationView:
    """Return the reservation with the code.

    Raises:
        ReservationNotFound: If there is none.
    """
    row = session.connection().execute(_BY_CODE, {"code": code}).first()
    if row is None:
        raise ReservationNotFound
    return view_of(row)


def reservation_by_id(session: Session, *, reservation_id: int) -> ReservationView:
    """Return the reservation with the key, which exists."""
    return view_of(session.connection().execute(_BY_ID, {"of_id": reservation_id}).one())


def reservation_for(session: Session, *, code: str, by: Actor) -> tuple[ReservationView, Person]:
    """Return the reservation and its resident, if the actor may look at that resident.

    Raises:
        ReservationNotFound: If there is none.
        NotYourResident: If the actor may not.
    """
    code = code.upper()
    if not is_code(CodeKind.RESERVATION, code):
        raise ReservationNotFound
    found = reservation(session, code=code)
    person = people.person_by_id(session, resident_id=found.resident_id)
    if not people.may_look_at(session, person, by=by):
        raise NotYourResident
    return found, person


def for_issue(
    session: Session, *, resident_id: int, kind_id: int, site_id: int
) -> ReservationView | None:
    """Return the resident's active reservation of the kind at the site, if there is one."""
    wanted = {"resident_id": resident_id, "kind_id": kind_id, "site_id": site_id}
    row = session.connection().execute(_FOR_ISSUE, wanted).first()
    return None if row is None else view_of(row)


def of_resident(session: Session, *, resident_id: int) -> tuple[ReservationView, ...]:
    """Return the resident's reservations, newest first, at most a hundred."""
    rows = session.connection().execute(_OF_RESIDENT, {"resident_id": resident_id})
    return tuple(view_of(row) for row in rows)


def count_active(session: Session, resident_id: int) -> int:
    """Return how many reservations still hold a unit for the resident."""
    statement = select(func.count()).where(_c.resident_id == resident_id, IS_ACTIVE)
    return session.scalar(statement) or 0


people.REST_ON_CONSENT.append(count_active)


def pickups(session: Session, *, site_id: int, on: date) -> tuple[ReservationView, ...]:
    """Return the active reservations expected on the day, mornings first.

    One is expected from its agreed or first day on, for as long as its unit waits; a delivery
    until it is made.
    """
    rows = session.connection().execute(_PICKUPS, {"site_id": site_id, "on": on})
    return tuple(view_of(row) for row in rows)


def visits(
    session: Session, *, site_id: int, first: date, last: date
) -> tuple[ReservationView, ...]:
    """Return the active reservations whose agreed or first day lies between the two, included."""
    wanted = {"site_id": site_id, "first": first, "last": last}
    return tuple(view_of(row) for row in session.connection().execute(_VISITS, wanted))


def visits_from(
    session: Session, *, site_id: int, since: date
) -> tuple[tuple[str, date, Half | None], ...]:
    """Return the agreed or first days of the active reservations from then on, with their halves.

    Each with the reservation's code; no half where none was agreed.
    """
    rows = session.connection().execute(_VISITS_FROM, {"site_id": site_id, "since": since})
    return tuple((code, on, half) for code, on, half in rows)


def displaced_by(
    session: Session,
    *,
    kind_id: int,
    site_id: int,
    first: date,
    last: date,
    today: date,
    without: int | None = None,
) -> Promise | None:
    """Return the first promise that lending one more unit from first to last would break.

    Of the promises of the first day on which no unit is left, it is the one that begins last: the
    others have theirs by then. None when nobody would go without.

    Args:
        session: The session; under the stock lock where something is decided on it.
        kind_id: The kind.
        site_id: The site.
        first: First civil day on which the unit would be away.
        last: Last one, turn-round included.
        today: Civil date.
        without: Key of the borrower's own reservation, which the loan fulfils.
    """
    found = changes(session, kind_id=kind_id, site_id=site_id, today=today, without=without)
    if can_promise(found, first, last):
        return None
    days = [first, *(change.on for change in found if first < change.on <= last)]
    short = next(day for day in days if free_on(found, day) < 1)
    wanted = {
        "kind_id": kind_id,
        "site_id": site_id,
        "on": short,
        "today": today,
        "without": without or 0,
    }
    row = session.connection().execute(_LAST_STARTED, wanted).first()
    return None if row is None else Promise(code=row.code, starts_on=row.starts_on)


def displaced_by_several(
    session: Session,
    *,
    kind_id: int,
    site_id: int,
    first: date,
    last: date,
    today: date,
    units: int,
) -> tuple[Promise, ...]:
    """Return the promises that so many units more, away from first to last, would break.

    They are counted on the day on which most are short, and are those of it that begin last.
    """
    found = changes(session, kind_id=kind_id, site_id=site_id, today=today)
    days = [first, *(change.on for change in found if first < change.on <= last)]
    worst = min(days, key=lambda day: free_on(found, day))
    most = min(units - free_on(found, worst), units)
    if most <= 0:
        return ()
    wanted = {
        "kind_id": kind_id,
        "site_id": site_id,
        "on": worst,
        "today": today,
        "without": 0,
        "most": most,
    }
    rows = session.connection().execute(_LAST_SO_MANY_STARTED, wanted)
    return tuple(Promise(code=row.code, starts_on=row.starts_on) for row in rows)


def view_of(row: Row[Any]) -> ReservationView:
    """Return the read model of a row with the columns above."""
    values = row._asdict()
    head = Head(values.pop("journal_seq"), values.pop("journal_hash"))
    return ReservationView(**values, journal_head=head)
