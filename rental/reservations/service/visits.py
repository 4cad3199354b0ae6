"""Taking and giving back visit slots: one statement each, never more than the capacity."""

from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from rental.foundation.clock import Moment
from rental.foundation.errors import Conflict
from rental.foundation.words import N_, Sentence
from rental.places.policy import HALF_WORDS
from rental.reservations.models import VISIT_SLOT
from rental.reservations.policy.offer import Dates, Offer, Slot, ensure_slot, slots


class SlotFull(Conflict):
    """All places of the half day are taken."""

    sentence = N_("%(day)s %(half)s已经约满了，请换一个时间。")


_c = VISIT_SLOT.c


def _take_in(dialect: Any) -> Any:
    first = dialect.insert(VISIT_SLOT).values(
        site_id=bindparam("site_id"),
        slot_on=bindparam("slot_on"),
        half=bindparam("half"),
        booked=1,
        capacity=bindparam("capacity"),
    )
    return first.on_conflict_do_update(
        index_elements=[_c.site_id, _c.slot_on, _c.half],
        set_={"booked": _c.booked + 1, "capacity": first.excluded.capacity},
        where=_c.booked < first.excluded.capacity,
    ).returning(_c.booked)


_TAKE = {"postgresql": _take_in(postgresql), "sqlite": _take_in(sqlite)}
_GIVE_BACK = (
    update(VISIT_SLOT)
    .where(
        _c.site_id == bindparam("of_site"),
        _c.slot_on == bindparam("of_day"),
        _c.half == bindparam("of_half"),
        _c.booked > 0,
    )
    .values(booked=_c.booked - 1)
)


def ensure_offered(offer: Offer, promise: Dates, slot: Slot | None, *, at: Moment) -> None:
    """Test that the visit is one of those that fit the promise.

    Raises:
        SlotNotOffered: If it is not.
    """
    if slot is not None:
        ensure_slot(slot, slots(offer, promise, today=at.on, clock=at.time_of_day))


def take(session: Session, *, site_id: int, slot: Slot, capacity: int) -> None:
    """Take one place in the half day.

    Raises:
        SlotFull: If none is left.
    """
    connection = session.connection()
    values = {"site_id": site_id, "slot_on": slot.on, "half": slot.half, "capacity": capacity}
    if connection.execute(_TAKE[connection.dialect.name], values).first() is None:
        raise SlotFull(day=slot.on, half=Sentence(HALF_WORDS[slot.half]))


def give_back(session: Session, *, site_id: int, slot: Slot) -> None:
    """Give one place in the half day back."""
    session.connection().execute(
        _GIVE_BACK, {"of_site": site_id, "of_day": slot.on, "of_half": slot.half}
    )


def exchange(
    session: Session, *, site_id: int, old: Slot | None, new: Slot | None, capacity: int
) -> None:
    """Give the old place back and take the new one, earlier half days first.

    Raises:
        SlotFull: If the new half day has no place left.
    """
    if old == new:
        return
    for slot in sorted(slot for slot in (old, new) if slot is not None):
        if slot == old:
            give_back(session, site_id=site_id, slot=slot)
        else:
            take(session, site_id=site_id, slot=slot, capacity=capacity)
