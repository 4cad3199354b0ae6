"""What a kind at a site may be reserved for: days, visits, and who may do it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from rental.foundation.errors import Conflict, Invalid
from rental.foundation.words import N_, Named, Sentence
from rental.people.policy import Purpose
from rental.places.policy import Half
from rental.reservations.policy.periods import (
    Keeping,
    Period,
    PeriodInvalid,
    Terms,
    ensure_period,
)
from rental.reservations.policy.states import Fulfilment

_DAY = timedelta(days=1)


class StartsOnClosedDay(PeriodInvalid):
    """Nobody is there to hand the device over on the first day."""

    field = "starts_on"
    sentence = N_("%(day)s 我们休息，不能取货。最近的开放日是 %(next_open)s，请选这一天。")

    def __init__(self, *, day: date, next_open: date) -> None:
        """Keep the day that would do."""
        self.next_open = next_open
        super().__init__(day=day, next_open=next_open)

    def more(self) -> dict[str, Any]:
        """Return the day that would do, for programs."""
        return {
            "alternatives": {
                "other_start": self.next_open.isoformat(),
                "shorter_until": None,
                "like_kinds": [],
            }
        }


class SlotNotOffered(Invalid):
    """The place is closed then, or the device isn't kept that long."""

    field = "slot"
    sentence = N_("这个时间不能取货或送货，请从列出的时间里重新选一个。")


class KindNotDelivered(Invalid):
    """The kind is only handed out at the desk."""

    field = "fulfilment"
    sentence = N_(
        "这种器具要当面试用、调好才能带走，不能送货。请选自己来取，或打电话给我们想办法。"
    )


class AddressMissing(Invalid):
    """Nobody knows where to deliver to."""

    field = "address"
    sentence = N_("请填写送到哪里：小区、楼号、门牌号。")


class KindWithdrawn(Conflict):
    """The kind is no longer lent."""

    sentence = N_("%(kind)s已经不再出借，请看看同类的其他器具，或打电话问我们。")


class ConsentMissing(Conflict):
    """The resident hasn't agreed that we keep what the service needs."""

    sentence = N_(
        "要先同意我们使用您的信息，才能预约。请到“我的租借”看说明并同意，或打电话给我们。"
    )


def stranded_by(missing: Collection[Purpose]) -> Sentence:
    """Return what becomes of a reservation while a consent is missing."""
    if Purpose.SERVICE in missing:
        return Sentence(N_("您撤回了同意，这个预约现在取不了。重新同意就行，或打电话取消。"))
    return Sentence(
        N_(
            "还没有得到您对使用健康和残疾情况的同意，这个预约现在取不了。"
            "同意就行；不愿意的，请打电话问别的办法。"
        )
    )


class NotEligible(Conflict):
    """No decision of eligibility is valid on the first day."""

    sentence = N_(
        "到 %(day)s 还没有有效的借用资格，所以不能预约。请先申请资格，或打电话问我们怎么办。"
    )


class TooManyReservations(Conflict):
    """The resident has as many reservations as anybody may have."""

    sentence = N_("每人最多同时预约 %(most)s 件，现在已经满了。取走或取消一件后就可以再约。")


class AlreadyReservedThisKind(Conflict):
    """The resident has an active reservation of the same kind."""

    sentence = N_("已经预约了%(kind)s，不用再约一次。要改时间请打开原来的预约。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer(Keeping):
    """What a kind at a site may be reserved for today, and how long that keeps a unit.

    Attributes:
        terms: Lengths and first days allowed.
        slot_capacity: Visits per half day.
        delivery: Whether the kind may be delivered.
    """

    terms: Terms
    slot_capacity: int
    delivery: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """The days of a promise, all inclusive (see ``models.Reservation``)."""

    starts_on: date
    ends_on: date
    blocked_until: date
    hold_until: date

    @property
    def days(self) -> int:
        """How many days the resident has the device."""
        return (self.ends_on - self.starts_on).days + 1


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """Half a day in which somebody comes or is visited."""

    on: date
    half: Half


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What counts for or against one resident who wants a kind.

    Attributes:
        known: Whether it is still known who they are.
        consented: Whether consent to the service holds.
        eligible_until: Last day of the decision valid on the first day; None without one.
        active: Active reservations.
        same_kind: Active reservations of this kind.
    """

    known: bool
    consented: bool
    eligible_until: date | None
    active: int
    same_kind: int


def dates(offer: Offer, starts_on: date, ends_on: date | None = None) -> Dates:
    """Return the days of a promise; without an end it is as long as allowed.

    An end on a closed day moves to the next open day, and may so become longer than allowed.

    Raises:
        PeriodInvalid: If the period may not be wished for.
        StartsOnClosedDay: If the site is closed on the first day.
        PlaceStaysClosed: If the place has no open day for 60 days.
    """
    calendar = offer.calendar
    longest = starts_on + (offer.terms.max_days - 1) * _DAY
    wished = longest if ends_on is None else ends_on
    if longest < wished <= calendar.next_open(longest):
        wished = longest
    ensure_period(Period(starts_on=starts_on, ends_on=wished), offer.terms)
    if not calendar.is_open(starts_on):
        raise StartsOnClosedDay(day=starts_on, next_open=calendar.next_open(starts_on))
    end, waits_until = calendar.next_open(wished), offer.hold_until(starts_on)
    return Dates(
        starts_on=starts_on,
        ends_on=end,
        blocked_until=offer.blocked_until(end, waits_until),
        hold_until=waits_until,
    )


def slots(offer: Offer, promise: Dates, *, today: date, clock: time) -> tuple[Slot, ...]:
    """Return the half days on which the device can change hands, in order.

    Args:
        offer: What may be reserved.
        promise: Its days; the unit waits from the first one to ``hold_until``.
        today: Civil date.
        clock: Local time; halves of today that are over are left out.
    """
    span = (promise.hold_until - promise.starts_on).days
    days = (promise.starts_on + n * _DAY for n in range(span + 1))
    opening = offer.calendar
    return tuple(
        Slot(day, half.half)
        for day in days
        if day >= today
        for half in (opening.halves_left(day, clock) if day == today else opening.halves(day))
    )


def ensure_slot(slot: Slot | None, offered: tuple[Slot, ...]) -> None:
    """Test that the visit is one of those offered; none at all is fine.

    Raises:
        SlotNotOffered: If it is not.
    """
    if slot is not None and slot not in offered:
        raise SlotNotOffered


def ensure_fulfilment(offer: Offer, fulfilment: Fulfilment) -> None:
    """Test that the kind can reach the resident this way.

    Raises:
        KindNotDelivered: If delivery is wished for a kind that is fitted at the desk.
    """
    if fulfilment is Fulfilment.DELIVERY and not offer.delivery:
        raise KindNotDelivered


def ensure_standing(standing: Standing, *, most: int, kind: Named, starts_on: date) -> None:
    """Test that the resident may have one more reservation of the kind from the day on.

    Raises:
        ConsentMissing: If consent to the service is missing.
        NotEligible: If no decision is valid on the first day.
        AlreadyReservedThisKind: If the kind is reserved already.
        TooManyReservations: If ``most`` are active.
    """
    if not standing.consented:
        raise ConsentMissing
    if standing.eligible_until is None or standing.eligible_until < starts_on:
        raise NotEligible(day=starts_on)
    if standing.same_kind:
        raise AlreadyReservedThisKind(kind=kind)
    if standing.active >= most:
        raise TooManyReservations(most=most)
