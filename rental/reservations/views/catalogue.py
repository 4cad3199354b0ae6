"""Looking around: what there is, and when it is free."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template, request, url_for

from rental.catalogue import queries as catalogue
from rental.catalogue.queries import CategoryView, KindView
from rental.foundation import clock
from rental.foundation.clock import Moment
from rental.foundation.database import reading
from rental.places import queries as places
from rental.reservations import forms, presenters, queries
from rental.reservations.views import asked_for, bp, on_behalf
from rental.web.access import public
from rental.web.forms import clean
from rental.web.parts import Pages

PER_PAGE = 50
LONGEST_SEARCH = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to, as the address says it."""

    q: str
    category: CategoryView | None
    need: str
    free_on: date | None
    page: int

    def kept(self, but: str = "") -> dict[str, str]:
        """Return what the address says, without one part of it."""
        parts = {
            "q": self.q,
            "category": self.category.key if self.category else "",
            "need": self.need,
            "free_on": self.free_on.isoformat() if self.free_on else "",
            "for": asked_for() or "",
        }
        return {name: value for name, value in parts.items() if value and name != but}

    def url(self, **other: str | int | None) -> str:
        """Return the address of the list with some of it changed; None leaves a part out."""
        wanted: dict[str, Any] = {**self.kept(), **other}
        return url_for("reservations.catalogue", **wanted)


@bp.get("/catalogue", endpoint="catalogue")
@public
def catalogue_page() -> str:
    """List the kinds that fit, each with how many are free."""
    session, at = reading(), clock.now()
    site = places.site(session)
    earliest = queries.earliest_on(session, site_id=site.id, at=at)
    wanted = _wanted(at, earliest)
    kinds = catalogue.kinds(
        session,
        q=wanted.q,
        category=wanted.category.key if wanted.category else None,
        need=wanted.need or None,
    )
    asked = presenters.Asked(on=wanted.free_on or earliest, earliest=earliest, today=at.on)
    found: dict[int, queries.KindAvailability] = {}
    if wanted.free_on:
        found = _availability(kinds, site.id, asked)
        kinds = tuple(kind for kind in kinds if found[kind.id].free_today)
    pages = max(1, -(-len(kinds) // PER_PAGE))
    number = min(wanted.page, pages)
    shown = kinds[(number - 1) * PER_PAGE : number * PER_PAGE]
    cards = presenters.cards(shown, found or _availability(shown, site.id, asked), asked)
    return render_template(
        "reservations/catalogue.html",
        wanted=wanted,
        cards=cards,
        statuses={card.status for card in cards},
        total=len(kinds),
        pages=Pages(number, pages, lambda n: wanted.url(page=n)),
        needs=presenters.links((need.key, need.name) for need in catalogue.needs(session)),
        categories=presenters.links((of.key, of.name) for of in catalogue.categories(session)),
        days=presenters.days_to_choose(
            earliest or at.on, places.calendar(session, site_id=site.id)
        ),
        behalf=on_behalf(),
        base=url_for("reservations.catalogue", **{"for": None}),
        need_base=_with(wanted.url(need=None), "need"),
        category_base=_with(url_for("reservations.catalogue"), "category"),
        kind_base=url_for("reservations.kind", key="-", **{"for": None})[:-1],
        kind_tail=f"?for={behalf}" if (behalf := asked_for()) else "",
    )


def _with(url: str, name: str) -> str:
    """Return the address up to the value of one more parameter."""
    return f"{url}{'&' if '?' in url else '?'}{name}="


def _availability(
    kinds: tuple[KindView, ...], site_id: int, asked: presenters.Asked
) -> dict[int, queries.KindAvailability]:
    return queries.availability_of_kinds(
        reading(),
        kind_ids=[kind.id for kind in kinds],
        site_id=site_id,
        on=asked.on,
        today=asked.today,
    )


def _wanted(at: Moment, earliest: date | None) -> Wanted:
    """Read the address; words that make no sense, such as a day gone by, narrow nothing.

    Raises:
        CategoryNotFound: If there is no such category.
    """
    args = request.args
    key, session = args.get("category"), reading()
    need = args.get("need", "")
    free_on, first = forms.read_day(args.get("free_on")), earliest or at.on
    return Wanted(
        q=(clean(args.get("q", "")) or "")[:LONGEST_SEARCH],
        category=catalogue.category(session, key=key) if key else None,
        need=need if any(need == known.key for known in catalogue.needs(session)) else "",
        free_on=free_on if free_on and first <= free_on <= at.on + queries.HORIZON else None,
        page=forms.read_number(args.get("page"), most=forms.MOST_PAGES) or 1,
    )


@bp.get("/catalogue/kinds/<string:key>")
@public
def kind(key: str) -> str:
    """Show one kind: what it is, for whom, and when it is free."""
    session, at = reading(), clock.now()
    found = catalogue.kind(session, key=key)
    site = places.site(session)
    offer = queries.offer(session, kind=found, site_id=site.id, at=at)
    changes = queries.changes(session, kind_id=found.id, site_id=site.id, today=at.on)
    earliest = queries.earliest_on(session, site_id=site.id, at=at)
    asked = presenters.Asked(on=earliest, earliest=earliest, today=at.on)
    first = month_within(request.args.get("month"), offer.terms.earliest_on, offer.terms.latest_on)
    reserve = _with(url_for("reservations.reserve", key=found.key), "start")
    here = _with(url_for("reservations.kind", key=found.key), "month")
    availability = queries.availability(changes, earliest)
    return render_template(
        "reservations/kind.html",
        kind=found,
        behalf=on_behalf(),
        offer=offer,
        status=presenters.free_status(availability, asked),
        availability=availability,
        needs=[need for need in catalogue.needs(session) if need.key in found.category.needs],
        like=_like(found, site.id, asked),
        month=presenters.month(
            first,
            presenters.free_each_day(changes),
            offer,
            link=lambda day: f"{reserve}{day.isoformat()}",
            turn=lambda other: f"{here}{other:%Y-%m}#month",
        ),
    )


def _like(found: KindView, site_id: int, asked: presenters.Asked) -> list[presenters.Card]:
    """Return the other kinds of the category."""
    like = catalogue.kinds(reading(), category=found.category.key)
    others = tuple(kind for kind in like if kind.id != found.id)[:6]
    return presenters.cards(others, _availability(others, site_id, asked), asked)


def month_within(text: str | None, first: date, last: date) -> date:
    """Return the first day of the month asked for, or the nearest one that can be reserved."""
    asked = forms.read_month(text) or first
    return min(max(asked, first), last).replace(day=1)
