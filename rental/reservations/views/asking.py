"""One reservation in the making: everything the address says, step by step."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import request, url_for

from rental.catalogue.queries import KindView
from rental.foundation.clock import Moment
from rental.foundation.database import reading
from rental.people.queries import Person
from rental.places import queries as places
from rental.places.queries import SiteView
from rental.reservations import forms, queries
from rental.reservations.policy import Change, Fulfilment
from rental.reservations.policy.offer import Dates, Offer, Slot, dates
from rental.reservations.queries import ReservationView

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is wanted so far, by whom, and what may be had.

    Attributes:
        named: Whether the address names the person.
        moved: The reservation that is being moved; None for a new one.
    """

    kind: KindView
    person: Person
    named: bool
    site: SiteView
    offer: Offer
    changes: tuple[Change, ...]
    at: Moment
    moved: ReservationView | None
    start: date | None
    days: int | None
    by: Fulfilment | None
    slot: Slot | None

    @property
    def length(self) -> int:
        """The number of days wished for; the usual one when nothing was said."""
        return self.usual_length if self.days is None else self.days

    @property
    def usual_length(self) -> int:
        """As many days as are moved, else as many as allowed.

        A closed day may have made more of those moved than are allowed.
        """
        most = self.offer.terms.max_days
        return min(self.moved.days, most) if self.moved else most

    @property
    def way(self) -> Fulfilment | None:
        """How the device reaches the resident; a kind that isn't delivered is fetched."""
        if self.moved:
            return self.moved.fulfilment
        return self.by if self.offer.delivery else Fulfilment.PICKUP

    @property
    def first(self) -> date:
        """The first day wished for; the first possible one when nothing was said."""
        return self.start or self.offer.terms.earliest_on

    @property
    def last(self) -> date:
        """The last day wished for."""
        return self.first + (self.length - 1) * _DAY

    def wish(self) -> Dates:
        """Return the days wished for, as they would be promised.

        Raises:
            PeriodInvalid: If they may not be wished for.
        """
        return dates(self.offer, self.first, self.last)

    def parts(self) -> dict[str, str]:
        """Return what the address says, for links and hidden fields."""
        found = {
            "for": self.person.code if self.named and not self.moved else None,
            "start": self.start.isoformat() if self.start else None,
            "days": str(self.days) if self.days else None,
            "by": self.by.value if self.by and not self.moved else None,
            "slot": f"{self.slot.on.isoformat()}.{self.slot.half.value}" if self.slot else None,
        }
        return {name: value for name, value in found.items() if value}

    def url(self, **other: str | None) -> str:
        """Return the address of these steps with some parts changed; None leaves one out."""
        wanted: Mapping[str, Any] = {**self.parts(), **other}
        if self.moved:
            return url_for("reservations.change", code=self.moved.code, **wanted)
        return url_for("reservations.reserve", key=self.kind.key, **wanted)

    def but(self, **other: Any) -> "Ask":
        """Return the same with some of it changed."""
        return replace(self, **other)


def read_ask(
    kind: KindView, person: Person, *, at: Moment, moved: ReservationView | None = None
) -> Ask:
    """Return what the address or the posted form says; words that make no sense are left out."""
    said, session = request.values, reading()
    site = places.site_by_id(session, site_id=moved.site_id) if moved else places.site(session)
    return Ask(
        kind=kind,
        person=person,
        named="for" in said,
        site=site,
        offer=queries.offer(session, kind=kind, site_id=site.id, at=at),
        changes=queries.changes(
            session,
            kind_id=kind.id,
            site_id=site.id,
            today=at.on,
            without=moved.id if moved else None,
        ),
        at=at,
        moved=moved,
        start=forms.read_day(said.get("start")),
        days=forms.read_number(said.get("days"), most=forms.MOST_DAYS),
        by=forms.read_way(said.get("by")),
        slot=forms.read_slot(said.get("slot")),
    )
