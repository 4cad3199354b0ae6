"""Which promises have no unit: those that begin first keep theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rental.reservations.policy.availability import (
    Commitment,
    StockGroup,
    can_promise,
    change_list,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A promise of one unit of a kind to one person; both days included.

    Attributes:
        blocked_until: Until when it keeps its unit, see ``expected_until``.
    """

    code: str
    resident_id: int
    starts_on: date
    blocked_until: date


def without_unit(
    stock: Sequence[StockGroup], wanted: Sequence[Wanted], *, today: date
) -> tuple[Wanted, ...]:
    """Return the promises that have no unit on some of their days.

    Args:
        stock: The units of the kind.
        wanted: The promises of the kind, the one that begins first being first.
        today: Civil date.
    """
    kept: list[Commitment] = []
    without: list[Wanted] = []
    for each in wanted:
        changes = change_list(stock, kept, today=today)
        if can_promise(changes, max(each.starts_on, today), each.blocked_until):
            kept.append(Commitment(each.starts_on, each.blocked_until))
        else:
            without.append(each)
    return tuple(without)
