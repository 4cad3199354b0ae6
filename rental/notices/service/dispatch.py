"""Sending what is in the outbox: fan out, claim, deliver. Each step may be repeated safely.

``dispatch`` makes one delivery per notice and channel (a unique constraint sees to it), and claims
due deliveries by counting a try and moving ``not_before`` past a lease. ``deliver`` sends one that
was claimed and marks it; each is a job, and so a transaction, of its own. A worker that dies
between the two leaves the delivery pending: when the lease has run out, it is claimed again; after
``MAX_TRIES`` claims it has failed. A worker that dies in the instant between a channel's yes and
the mark sends that one once more; the notice id is what a channel tells such a repetition by.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from rental.foundation.clock import Moment
from rental.foundation.database import insert_ignoring
from rental.foundation.jobs import enqueue
from rental.notices.models import Delivery, Notice, is_spoken_to
from rental.notices.policy import LEASE, MAX_TRIES, Channel, DeliveryState, NoticeKind, pause_after

#: How many notices are fanned out, and deliveries claimed, at once.
BATCH = 200

_LONGEST_WAIT = timedelta(minutes=pause_after(MAX_TRIES))

DISPATCH = "notices.dispatch"
DELIVER = "notices.deliver"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What a channel gets: enough to tell repetitions, and nothing about the person."""

    notice_id: int
    kind: NoticeKind


Channels = Mapping[Channel, Callable[[Parcel], None]]


def dispatch(session: Session, *, at: Moment) -> None:
    """Make deliveries of new notices, and claim those that are due."""
    made = _fan_out(session, at)
    claimed = _claim(session, at)
    for delivery_id in claimed:
        key = f"{delivery_id}:{at.at.isoformat()}"
        enqueue(session, DELIVER, key=key, at=at, payload={"delivery": delivery_id})
    if BATCH in {made, len(claimed)}:
        enqueue(session, DISPATCH, key=f"more:{at.at.isoformat()}", at=at)


def _fan_out(session: Session, at: Moment) -> int:
    """Make one delivery per channel of each new notice; quiet residents get none."""
    notices = session.execute(
        select(Notice.id, is_spoken_to(Notice.resident_id).label("spoken_to"))
        .where(Notice.dispatched_at.is_(None))
        .order_by(Notice.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=Notice)
    ).all()
    rows = [
        {
            "notice_id": notice.id,
            "channel": channel,
            "state": DeliveryState.PENDING,
            "not_before": at.at,
            "tries": 0,
        }
        for notice in notices
        if notice.spoken_to
        for channel in Channel
    ]
    if rows:
        session.execute(insert_ignoring(Delivery), rows)
    session.execute(
        update(Notice)
        .where(Notice.id.in_([notice.id for notice in notices]))
        .values(dispatched_at=at.at)
        .execution_options(synchronize_session=False)
    )
    return len(notices)


def _claim(session: Session, at: Moment) -> Sequence[int]:
    """Count a try for each due delivery and return those to send; worn-out ones have failed.

    One that waits longer than any has to was put off before the clock was put right.
    """
    due = session.scalars(
        select(Delivery)
        .where(
            Delivery.state == DeliveryState.PENDING,
            or_(Delivery.not_before <= at.at, Delivery.not_before > at.at + _LONGEST_WAIT),
        )
        .order_by(Delivery.not_before, Delivery.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    claimed = []
    for delivery in due:
        if delivery.tries >= MAX_TRIES:
            delivery.state = DeliveryState.FAILED
            continue
        delivery.tries += 1
        delivery.not_before = at.at + LEASE
        claimed.append(delivery.id)
    session.flush()
    return claimed


def deliver(session: Session, delivery_id: int, *, channels: Channels, at: Moment) -> None:
    """Send what was claimed, if it is still pending; what a channel refuses comes again later."""
    row = session.execute(
        select(Delivery, Notice.kind, is_spoken_to(Notice.resident_id))
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(Delivery.id == delivery_id, Delivery.state == DeliveryState.PENDING)
        .with_for_update(skip_locked=True, of=Delivery)
    ).one_or_none()
    if row is None:
        return
    delivery, kind, spoken_to = row
    if not spoken_to:
        delivery.state = DeliveryState.CANCELLED
        return
    try:
        channels[delivery.channel](Parcel(notice_id=delivery.notice_id, kind=kind))
    except Exception:  # ruff: ignore[blind-except] - whatever a channel raises, it is tried again
        _again(delivery, at)
    else:
        delivery.state, delivery.sent_at = DeliveryState.SENT, at.at


def _again(delivery: Delivery, at: Moment) -> None:
    """Wait before the next try, or give up."""
    if delivery.tries >= MAX_TRIES:
        delivery.state = DeliveryState.FAILED
    else:
        delivery.not_before = at.at + timedelta(minutes=pause_after(delivery.tries))
