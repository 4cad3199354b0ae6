"""The words of a reservation and its life."""

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
    ReservationState.FULFILLED: frozenset(),
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
