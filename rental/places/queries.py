"""Asking about sites, zones, opening days, communities and grids. Most is kept for seconds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental.foundation.errors import NotFound
from rental.foundation.memo import Memo
from rental.foundation.words import N_, Named, Sentence
from rental.places.models import (
    ClosedDay,
    ClosedSource,
    Community,
    Grid,
    OpeningHours,
    Site,
    SpecialDay,
    Zone,
)
from rental.places.policy import Hours, OpeningCalendar, ZoneKind, holiday_said

_DAY = timedelta(days=1)
_SOON = timedelta(days=30)

WEEKDAYS = (
    N_("星期一"), N_("星期二"), N_("星期三"), N_("星期四"),
    N_("星期五"), N_("星期六"), N_("星期日"),
)  # fmt: skip


class SiteNotFound(NotFound):
    """No site has the code."""

    sentence = N_("没有这个租赁点，请从列表里重新选择。")


class CommunityNotFound(NotFound):
    """No community has the code."""

    sentence = N_("没有这个社区，请从列表里重新选择。")


class ClosedDayNotFound(NotFound):
    """The day isn't on the list of closed days."""

    sentence = N_("%(day)s 不在休息日列表里，可能刚被删掉。请刷新页面再看一次。")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteView:
    """A rental point."""

    id: int
    code: str
    name: Named
    address: Named
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneView:
    """A place inside a site."""

    id: int
    code: str
    kind: ZoneKind
    name: Named


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityView:
    """A community of the subdistrict."""

    id: int
    code: str
    name: Named


@dataclass(frozen=True, slots=True, kw_only=True)
class GridView:
    """A grid of a community."""

    id: int
    code: str
    name: str
    community_id: int
    special: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DayView:
    """A closed day, or one with hours of its own.

    Attributes:
        on: The civil date.
        name: Why.
        own: Whether the site chose it; else it is statutory.
        open: Whether the site opens on it (a working weekend day).
    """

    on: date
    name: str
    own: bool
    open: bool

    @property
    def said(self) -> Named:
        """Why, in both languages where the law named the day; a reason of the site's own stays."""
        return Named(self.name, self.name) if self.own else holiday_said(self.name)


_memo: Memo[Any] = Memo()


def forget(session: Session) -> None:
    """Drop what is kept; the service calls it after every change."""
    _memo.forget(session)


def sites(session: Session) -> tuple[SiteView, ...]:
    """Return the active sites, oldest first."""
    found: tuple[SiteView, ...] = _memo.get(session, "sites", lambda: _load_sites(session))
    return found


def site(session: Session, *, code: str | None = None) -> SiteView:
    """Return the site with the code; without one, the first active site.

    Raises:
        SiteNotFound: If there is none.
    """
    for found in sites(session):
        if code is None or found.code == code:
            return found
    raise SiteNotFound


def site_by_id(session: Session, *, site_id: int) -> SiteView:
    """Return the site.

    Raises:
        SiteNotFound: If there is none, or it is no longer active.
    """
    for found in sites(session):
        if found.id == site_id:
            return found
    raise SiteNotFound


def point(session: Session) -> SiteView:
    """Return the site that headers and footers name: the first active one."""
    return site(session)


def zones(session: Session, *, site_id: int) -> tuple[ZoneView, ...]:
    """Return the site's zones in the order of their making."""
    found: tuple[ZoneView, ...] = _memo.get(
        session, ("zones", site_id), lambda: _load_zones(session, site_id)
    )
    return found


def communities(session: Session) -> tuple[CommunityView, ...]:
    """Return the communities that are served."""
    found: tuple[CommunityView, ...] = _memo.get(
        session, "communities", lambda: _load_communities(session)
    )
    return found


def community(session: Session, *, code: str) -> CommunityView:
    """Return the community with the code.

    Raises:
        CommunityNotFound: If there is none.
    """
    for found in communities(session):
        if found.code == code:
            return found
    raise CommunityNotFound


def grids(session: Session, *, community_id: int | None = None) -> tuple[GridView, ...]:
    """Return the grids of the community, or all of them."""
    found: tuple[GridView, ...] = _memo.get(session, "grids", lambda: _load_grids(session))
    if community_id is None:
        return found
    return tuple(grid for grid in found if grid.community_id == community_id)


# --- the opening calendar ------------------------------------------------------------------------


def calendar(session: Session, *, site_id: int) -> OpeningCalendar:
    """Return when the site is open; an unknown site never is."""
    found: OpeningCalendar = _memo.get(
        session, ("calendar", site_id), lambda: _load_calendar(session, site_id)
    )
    return found


def calendar_with(session: Session, *, site_id: int, hours: Mapping[int, Hours]) -> OpeningCalendar:
    """Return when the site would be open if the weekdays had these hours."""
    return _load_calendar(session, site_id, hours)


def days(session: Session, *, site_id: int, first: date, last: date) -> tuple[DayView, ...]:
    """Return the closed and the special days from first to last, both included, in order."""
    closed = session.execute(
        select(ClosedDay.closed_on, ClosedDay.zh, ClosedDay.source).where(
            ClosedDay.site_id == site_id, ClosedDay.closed_on.between(first, last)
        )
    )
    special = session.execute(
        select(SpecialDay.opens_on, SpecialDay.zh, SpecialDay.source).where(
            SpecialDay.site_id == site_id, SpecialDay.opens_on.between(first, last)
        )
    )
    found = [
        DayView(on=on, name=name, own=source is ClosedSource.OWN, open=False)
        for on, name, source in closed
    ]
    found += [
        DayView(on=on, name=name, own=source is ClosedSource.OWN, open=True)
        for on, name, source in special
    ]
    return tuple(sorted(found, key=lambda day: (day.on, day.open)))


def opening_lines(session: Session, *, site_id: int) -> tuple[Sentence, ...]:
    """Return the weekly hours as sentences, weekdays with the same hours on one line."""
    weekly = calendar(session, site_id=site_id).weekly
    by_hours = groupby(range(7), key=lambda weekday: weekly.get(weekday, ()))
    return tuple(_line(hours, list(weekdays)) for hours, weekdays in by_hours)


def coming_closures(session: Session, *, site_id: int, today: date) -> tuple[Sentence, ...]:
    """Return the closures that begin or go on within 30 days, one sentence each."""
    found: tuple[Sentence, ...] = _memo.get(
        session, ("closures", site_id, today), lambda: _closures(session, site_id, today)
    )
    return found


def _closures(session: Session, site_id: int, today: date) -> tuple[Sentence, ...]:
    listed = days(session, site_id=site_id, first=today, last=today + _SOON)
    names = {day.on: day.said for day in listed if not day.open}
    opening = calendar(session, site_id=site_id)
    told: list[Sentence] = []
    until = today - _DAY
    for day, name in names.items():
        if day > until:
            opens_on = opening.first_open(day)
            if opens_on is None:
                told.append(_open_end(day, name))
                break
            until = opens_on - _DAY
            told.append(_closure(day, until, name))
    return tuple(told)


def _open_end(first: date, name: Named) -> Sentence:
    said = N_("%(first)s起休息（%(name)s），什么时候开放另行通知")
    return Sentence(said, first=first, name=name)


def _closure(first: date, last: date, name: Named) -> Sentence:
    if first == last:
        return Sentence(N_("%(day)s休息（%(name)s）"), day=first, name=name)
    return Sentence(N_("%(first)s至%(last)s休息（%(name)s）"), first=first, last=last, name=name)


def _line(hours: Hours, weekdays: list[int]) -> Sentence:
    """Return one line such as 星期一至星期五：08:30–11:30，14:00–17:00."""
    first, last = (Sentence(WEEKDAYS[weekdays[end]]) for end in (0, -1))
    spans = ", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in hours)
    if len(weekdays) == 1:
        if not hours:
            return Sentence(N_("%(day)s：休息"), day=first)
        return Sentence(N_("%(day)s：%(hours)s"), day=first, hours=spans)
    if not hours:
        return Sentence(N_("%(first)s至%(last)s：休息"), first=first, last=last)
    return Sentence(N_("%(first)s至%(last)s：%(hours)s"), first=first, last=last, hours=spans)


# --- loading -------------------------------------------------------------------------------------


def _load_sites(session: Session) -> tuple[SiteView, ...]:
    rows = session.execute(
        select(Site.id, Site.code, Site.zh, Site.en, Site.address_zh, Site.address_en, Site.phone)
        .where(Site.active)
        .order_by(Site.id)
    )
    return tuple(
        SiteView(
            id=row.id,
            code=row.code,
            name=Named(row.zh, row.en),
            address=Named(row.address_zh, row.address_en),
            phone=row.phone,
        )
        for row in rows
    )


def _load_zones(session: Session, site_id: int) -> tuple[ZoneView, ...]:
    rows = session.execute(
        select(Zone.id, Zone.code, Zone.kind, Zone.zh, Zone.en)
        .where(Zone.site_id == site_id)
        .order_by(Zone.id)
    )
    return tuple(
        ZoneView(id=row.id, code=row.code, kind=row.kind, name=Named(row.zh, row.en))
        for row in rows
    )


def _load_communities(session: Session) -> tuple[CommunityView, ...]:
    rows = session.execute(
        select(Community.id, Community.code, Community.zh, Community.en).order_by(Community.id)
    )
    return tuple(
        CommunityView(id=row.id, code=row.code, name=Named(row.zh, row.en)) for row in rows
    )


def _load_grids(session: Session) -> tuple[GridView, ...]:
    rows = session.execute(
        select(Grid.id, Grid.code, Grid.zh, Grid.community_id, Grid.special).order_by(Grid.id)
    )
    return tuple(
        GridView(
            id=row.id,
            code=row.code,
            name=row.zh,
            community_id=row.community_id,
            special=row.special,
        )
        for row in rows
    )


def _load_calendar(
    session: Session, site_id: int, instead: Mapping[int, Hours] | None = None
) -> OpeningCalendar:
    hours = session.execute(
        select(OpeningHours.weekday, OpeningHours.opens, OpeningHours.closes)
        .where(OpeningHours.site_id == site_id)
        .order_by(OpeningHours.weekday, OpeningHours.opens)
    )
    spans = ((weekday, opens, closes) for weekday, opens, closes in hours)
    weekly = {**_by_weekday(spans), **(instead or {})}
    closed = session.scalars(select(ClosedDay.closed_on).where(ClosedDay.site_id == site_id))
    special = session.execute(
        select(SpecialDay.opens_on, SpecialDay.like_weekday).where(SpecialDay.site_id == site_id)
    )
    return OpeningCalendar(
        weekly=weekly,
        closed=frozenset(closed),
        special={on: weekly.get(weekday, ()) for on, weekday in special},
    )


def _by_weekday(rows: Iterable[tuple[int, time, time]]) -> Mapping[int, Hours]:
    """Return the hours by weekday; a weekday without any is missing."""
    return {
        weekday: tuple((opens, closes) for _, opens, closes in spans)
        for weekday, spans in groupby(rows, key=itemgetter(0))
    }
