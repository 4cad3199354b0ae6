"""The words of a reservation and its life."""

from datetime import date
from enum import StrEnum

from rental.foundation.errors import Conflict
from rental.foundation.words import N_, Named


class ReservationState(StrEnum):
    """Where a reservation stands."""

    CONFIRMED = "confirmed"
    PACKED = "packed"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Fulfilment(StrEnum):
    """How the device reaches the resident."""

    PICKUP = "pickup"
    DELIVERY = "delivery"


ACTIVE: frozenset[ReservationState] = frozenset({
    ReservationState.CONFIRMED,
    ReservationState.PACKED,
})
"""The states in which a reservation holds a unit of its kind."""

TRANSITIONS: dict[ReservationState, frozenset[ReservationState]] = {
    ReservationState.CONFIRMED: frozenset({
        ReservationState.PACKED,
        ReservationState.FULFILLED,
        ReservationState.CANCELLED,
        ReservationState.EXPIRED,
    }),
    ReservationState.PACKED: frozenset({
        ReservationState.CONFIRMED,
        ReservationState.FULFILLED,
        ReservationState.CANCELLED,
        ReservationState.EXPIRED,
    }),
    ReservationState.FULFILLED: frozenset({ReservationState.CONFIRMED}),  # the hand-over was none
    ReservationState.CANCELLED: frozenset(),
    ReservationState.EXPIRED: frozenset(),
}

STATE_NAMES: dict[ReservationState, Named] = {
    ReservationState.CONFIRMED: Named("已预约", "confirmed"),
    ReservationState.PACKED: Named("已备好", "packed"),
    ReservationState.FULFILLED: Named("已取用", "fulfilled"),
    ReservationState.CANCELLED: Named("已取消", "cancelled"),
    ReservationState.EXPIRED: Named("已过期", "expired"),
}


class ReservationCannotMove(Conflict):
    """The reservation may not go from its state to the one asked for."""

    sentence = N_(
        "这个预约现在是“%(state)s”，不能改成“%(to)s”。请刷新页面查看最新情况，需要时重新预约。"
    )


def ensure_can_move(state: ReservationState, to: ReservationState) -> None:
    """Test that the reservation may move to the state.

    Raises:
        ReservationCannotMove: If the table of transitions has no such arrow.
    """
    if to not in TRANSITIONS[state]:
        raise ReservationCannotMove(state=STATE_NAMES[state], to=STATE_NAMES[to])


def can_wait_again(
    state: ReservationState,
    fulfilment: Fulfilment,
    *,
    hold_until: date,
    ends_on: date,
    today: date,
) -> bool:
    """Tell whether a kept promise may wait for its resident again after the hand-over was undone.

    Args:
        state: Where it stands.
        fulfilment: How the device reaches the resident: a delivery waits until it is made.
        hold_until: Last day on which it waits to be picked up.
        ends_on: Last day of its period.
        today: Civil date.
    """
    waits = fulfilment is Fulfilment.DELIVERY or hold_until >= today
    return state is ReservationState.FULFILLED and waits and ends_on >= today
