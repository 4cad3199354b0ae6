"""Whether a unit can be promised, decided under the lock; and what else there is when not."""

from typing import Any

from sqlalchemy.orm import Session

from rental.catalogue.queries import KindView
from rental.foundation.clock import Moment
from rental.foundation.errors import Conflict
from rental.foundation.words import N_
from rental.inventory import service as inventory
from rental.reservations import queries
from rental.reservations.policy import Alternatives, Period, alternatives, can_promise
from rental.reservations.policy.offer import Dates, Offer


class NothingFree(Conflict):
    """No unit of the kind is free throughout the period."""

    sentence = N_(
        "%(kind)s从 %(start)s 到 %(end)s 没有空的了。请换个日子、借短一些，或看看同类器具。"
    )

    def __init__(self, *, kind: KindView, wish: Dates, instead: Alternatives) -> None:
        """Keep what can be had instead."""
        self.kind = kind
        self.instead = instead
        super().__init__(kind=kind.name, start=wish.starts_on, end=wish.ends_on)

    def more(self) -> dict[str, Any]:
        """Return what can be had instead, for programs."""
        start, end = self.instead.other_start, self.instead.shorter_until
        return {
            "alternatives": {
                "other_start": start.isoformat() if start else None,
                "shorter_until": end.isoformat() if end else None,
                "like_kinds": list(self.instead.like_kinds),
            }
        }


def ensure_free(
    session: Session,
    *,
    kind: KindView,
    site_id: int,
    offer: Offer,
    wish: Dates,
    at: Moment,
    without: int | None = None,
) -> None:
    """Hold the kind's stock at the site until the transaction ends and test that a unit is free.

    Args:
        session: The open use-case transaction.
        kind: The kind.
        site_id: The site.
        offer: What may be reserved of it.
        wish: The days of the promise.
        at: When.
        without: Key of the reservation that the promise replaces.

    Raises:
        NothingFree: If none is free on every day.
    """
    inventory.lock_stock(session, site_id=site_id, kind_id=kind.id)
    found = queries.changes(session, kind_id=kind.id, site_id=site_id, today=at.on, without=without)
    if can_promise(found, wish.starts_on, wish.blocked_until):
        return
    like = queries.like_free(session, kind=kind, site_id=site_id, wish=wish, at=at)
    instead = alternatives(
        found,
        Period(starts_on=wish.starts_on, ends_on=wish.ends_on),
        offer.terms,
        keeping=offer,
        like_kinds=tuple(other.key for other in like),
    )
    raise NothingFree(kind=kind, wish=wish, instead=instead)
