"""Following the calendar: a promise waits as many open days as it was said to."""

from datetime import date, timedelta

from sqlalchemy import bindparam, or_, update
from sqlalchemy.orm import Session

from rental.catalogue import queries as catalogue
from rental.foundation.actor import SYSTEM
from rental.foundation.clock import Moment
from rental.foundation.words import N_, Sentence
from rental.journal import Entry, line, write
from rental.notices import service as notices
from rental.notices.policy import NoticeKind
from rental.places import queries as places
from rental.places.policy import Change, OpeningCalendar, PlaceStaysClosed
from rental.places.service import ripples
from rental.places.service.ripples import Affected
from rental.reservations import queries
from rental.reservations.models import IS_ACTIVE, RESERVATION
from rental.reservations.policy import Fulfilment
from rental.reservations.queries import ReservationView
from rental.reservations.queries.promises import VIEW, view_of
from rental.reservations.service.reserve import slot_said

FOLLOW_CALENDAR = "reservations.follow_calendar"
_DAY = timedelta(days=1)

_c = RESERVATION.c
_AHEAD = (
    VIEW
    .where(
        IS_ACTIVE,
        or_(_c.hold_until >= bindparam("today"), _c.slot_on >= bindparam("today")),
    )
    .order_by(_c.id)
    .with_for_update(skip_locked=True)
)
_LONGER = (
    update(RESERVATION)
    .where(_c.id == bindparam("of_id"))
    .values(
        blocked_until=bindparam("new_blocked_until"),
        hold_until=bindparam("new_hold_until"),
        journal_seq=bindparam("new_seq"),
        journal_hash=bindparam("new_hash"),
    )
)


def follow_calendar(session: Session, *, at: Moment) -> int:
    """Let promises wait past closed days, and tell whose visit falls on one; safe to repeat.

    A promise never waits shorter than it was said to. Return how many are now kept longer.
    """
    longer = 0
    for row in session.connection().execute(_AHEAD, {"today": at.on}).all():
        found = view_of(row)
        calendar = places.calendar(session, site_id=found.site_id)
        try:
            longer += _keep_longer(session, found, calendar, at=at)
            _tell(session, found, calendar, at=at)
        except PlaceStaysClosed:
            continue  # there is no day to move to; the manager was told when closing it
    return longer


def _visits(session: Session, change: Change) -> Affected | None:
    """Say who was going to come, or to be visited, in hours that are about to be closed."""
    ahead = queries.visits_from(session, site_id=change.site_id, since=change.today)
    codes = tuple(code for code, on, half in ahead if change.closes(on, half))
    if not codes:
        return None
    said = N_(
        "%(n)s 个预约约好的时间不再开放，器具继续留着，居民会收到消息；没有手机的请打电话告诉他们。"
    )
    return Affected(
        said=Sentence(said, n=len(codes)),
        endpoint="reservations.show",
        codes=codes[: ripples.NAMED],
    )


ripples.FOLLOWERS.append(FOLLOW_CALENDAR)
ripples.AFFECTED.append(_visits)


def _keep_longer(
    session: Session, found: ReservationView, calendar: OpeningCalendar, *, at: Moment
) -> bool:
    """Recompute how long the promise waits and blocks; tell whether it became longer."""
    kind = catalogue.kind_by_id(session, kind_id=found.kind_id)
    offer = queries.offer(session, kind=kind, site_id=found.site_id, at=at)
    waits = max(found.hold_until, offer.hold_until(found.starts_on))
    if found.finds_closed(calendar, today=at.on):
        waits = max(waits, _next_after(found, calendar))
    blocks = max(found.blocked_until, offer.blocked_until(found.ends_on, waits))
    if (waits, blocks) == (found.hold_until, found.blocked_until):
        return False
    entry = Entry(
        subject=f"reservation:{found.code}",
        act="kept_longer",
        at=at.at,
        actor_id=SYSTEM.account_id,
        resident_id=found.resident_id,
        row=found.journal_row(),
        details={"hold_until": waits},
    )
    written = line(entry, after=found.journal_head)
    session.connection().execute(
        _LONGER,
        {
            "of_id": found.id,
            "new_blocked_until": blocks,
            "new_hold_until": waits,
            "new_seq": written.head.seq,
            "new_hash": written.head.hash,
        },
    )
    write(session, [written])
    return True


def _tell(
    session: Session, found: ReservationView, calendar: OpeningCalendar, *, at: Moment
) -> None:
    """Tell the resident, once, that the site is closed when they come or wait for the delivery."""
    if not found.finds_closed(calendar, today=at.on):
        return
    day = found.slot_on or found.starts_on
    half = found.slot if calendar.is_open(day) else None
    delivered = found.fulfilment is Fulfilment.DELIVERY
    notices.send(
        session,
        NoticeKind.DELIVERY_CLOSED if delivered else NoticeKind.VISIT_CLOSED,
        resident_id=found.resident_id,
        once=":".join([found.code, day.isoformat(), *([half.half] if half else [])]),
        at=at,
        params={
            "kind": catalogue.kind_by_id(session, kind_id=found.kind_id).name,
            "day": slot_said(half) if half else day,
            "next": _next_after(found, calendar),
            "code": found.code,
        },
    )


def _next_after(found: ReservationView, calendar: OpeningCalendar) -> date:
    """Return the first open day after the one agreed on."""
    return calendar.next_open((found.slot_on or found.starts_on) + _DAY)
