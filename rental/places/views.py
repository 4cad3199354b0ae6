"""The manager's pages: opening calendar, site and zones."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.foundation import clock
from rental.foundation.actor import Role
from rental.foundation.database import reading, transaction
from rental.foundation.errors import NotFound
from rental.foundation.words import Named, Sentence
from rental.places import queries, service
from rental.places.forms import CloseDayForm, HoursForm, SiteForm
from rental.places.policy import (
    AFTERNOON_STARTS,
    Change,
    Hours,
    OpeningCalendar,
    PlaceStaysClosed,
)
from rental.places.queries import ClosedDayNotFound, SiteView
from rental.places.service import ripples
from rental.web.access import actor, staff
from rental.web.qr import qr_picture
from rental.web.say import say

bp = Blueprint("places", __name__, template_folder="templates")


def _site() -> SiteView:
    """Return the manager's own site, or the first one."""
    session, own = reading(), actor().site_id
    return queries.point(session) if own is None else queries.site_by_id(session, site_id=own)


# --- the calendar --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WeekdayRow:
    """One weekday as the calendar page shows it."""

    number: int
    name: Sentence
    hours: str


@bp.get("/manage/calendar")
@staff(Role.MANAGER)
def calendar() -> str:
    """Show weekly hours and closed days."""
    return _calendar_page(_site(), CloseDayForm())


def _calendar_page(site: SiteView, form: CloseDayForm) -> str:
    session, today = reading(), clock.now().on
    weekly = queries.calendar(session, site_id=site.id).weekly
    last = date(today.year + 1, 12, 31)
    return render_template(
        "places/calendar.html",
        site=site,
        form=form,
        weekdays=[
            WeekdayRow(number, Sentence(name), _spans(weekly.get(number, ())))
            for number, name in enumerate(queries.WEEKDAYS)
        ],
        days=queries.days(session, site_id=site.id, first=today, last=last),
        awaited={year for year in (today.year, last.year) if not service.is_announced(year)},
    )


def _spans(hours: Hours) -> str:
    return "，".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in hours)


@bp.get("/manage/calendar/hours/<int:weekday>")
@staff(Role.MANAGER)
def edit_hours(weekday: int) -> str:
    """Ask for the hours of a weekday."""
    _ensure_weekday(weekday)
    hours = queries.calendar(reading(), site_id=_site().id).weekly.get(weekday, ())
    words: dict[str, str] = {}
    for opens, closes in hours:
        half = "morning" if opens < AFTERNOON_STARTS else "afternoon"
        words |= {f"{half}_opens": f"{opens:%H:%M}", f"{half}_closes": f"{closes:%H:%M}"}
    form = HoursForm(data={**words, "weekdays": [weekday]})
    return _hours_page(weekday, form.offer(_weekday_names()))


@bp.post("/manage/calendar/hours/<int:weekday>")
@staff(Role.MANAGER)
def set_hours(weekday: int) -> ResponseReturnValue:
    """Keep the hours of the weekdays that were ticked."""
    _ensure_weekday(weekday)
    form, site = HoursForm().offer(_weekday_names()), _site()
    if not form.validate():
        return _hours_page(weekday, form), 422
    if not form.sure.data and (warning := _hours_warning(site, weekday, form)):
        return warning
    with transaction() as session:
        service.set_hours(
            session,
            site_id=site.id,
            weekdays=form.weekdays.data,
            spans=form.hours,
            by=actor(),
            at=clock.now(),
        )
    flash(_("开放时间已保存。"), "success")
    return redirect(url_for("places.calendar"), 303)


def _hours_warning(site: SiteView, weekday: int, form: HoursForm) -> str | None:
    """Return the page that says what the new hours move, None when they move nothing."""
    session, today = reading(), clock.now().on
    change = Change(
        site_id=site.id,
        before=queries.calendar(session, site_id=site.id),
        after=queries.calendar_with(
            session, site_id=site.id, hours=dict.fromkeys(form.weekdays.data, form.hours)
        ),
        today=today,
    )
    affected = ripples.affected(session, change)
    stays_closed = _next_open(change.after, today) is None
    if not affected and not stays_closed:
        return None
    names = _weekday_names()
    return render_template(
        "places/change_hours.html",
        form=form,
        weekday=weekday,
        weekdays=[names[number] for number in sorted(form.weekdays.data)],
        hours=_spans(form.hours),
        stays_closed=stays_closed,
        affected=affected,
    )


def _ensure_weekday(weekday: int) -> None:
    """Answer 404 for an eighth day of the week."""
    if weekday >= len(queries.WEEKDAYS):
        raise NotFound


def _weekday_names() -> list[str]:
    return [say(Sentence(name)) for name in queries.WEEKDAYS]


def _hours_page(weekday: int, form: HoursForm) -> str:
    name = Sentence(queries.WEEKDAYS[weekday])
    return render_template("places/hours.html", form=form, weekday=weekday, name=name)


@bp.post("/manage/calendar/closed-days")
@staff(Role.MANAGER)
def close_day() -> ResponseReturnValue:
    """Close a day: first say what that moves, then, when the manager is sure, do it."""
    form, site, at = CloseDayForm(), _site(), clock.now()
    day: date | None = form.on.data
    if not form.validate() or day is None:
        return _calendar_page(site, form), 422
    if not form.sure.data and at.on <= day:
        before = queries.calendar(reading(), site_id=site.id)
        change = Change(site_id=site.id, before=before, after=before.closing(day), today=at.on)
        return render_template(
            "places/close_day.html",
            form=form,
            was_open=before.is_open(day),
            moves_to=_next_open(change.after, day),
            affected=ripples.affected(reading(), change),
        )
    try:
        with transaction() as session:
            service.close_day(
                session,
                site_id=site.id,
                on=day,
                reason=form.reason.data,
                by=actor(),
                at=at,
            )
    except (service.DayPassed, service.DayTooFar, service.DayAlreadyClosed) as refused:
        form.refuse("on", say(refused.said))
        return _calendar_page(site, form), 422
    flash(_("%(day)s已设为休息日。", day=say(day)), "success")
    return redirect(url_for("places.calendar"), 303)


def _next_open(after: OpeningCalendar, day: date) -> date | None:
    """Return where things due on the day move, or None when nothing opens in sight."""
    try:
        return after.next_open(day)
    except (PlaceStaysClosed, OverflowError):
        return None


@bp.post("/manage/calendar/closed-days/<string:on>/open")
@staff(Role.MANAGER)
def open_day(on: str) -> ResponseReturnValue:
    """Open a day again that the site had closed itself."""
    try:
        day = date.fromisoformat(on)
    except ValueError:
        raise ClosedDayNotFound(day=on[:20]) from None
    with transaction() as session:
        service.open_day(session, site_id=_site().id, on=day, by=actor(), at=clock.now())
    flash(_("%(day)s恢复照常开放。", day=say(day)), "success")
    return redirect(url_for("places.calendar"), 303)


@bp.post("/manage/calendar/statutory")
@staff(Role.MANAGER)
def refresh_statutory() -> ResponseReturnValue:
    """Bring the statutory days up to date."""
    site_id, at = _site().id, clock.now()
    with transaction() as session:
        done = service.refresh_statutory(session, site_id=site_id, at=at)
    flash(
        _("法定节假日已更新：加了 %(added)s 天，去掉 %(removed)s 天。",
          added=done.added, removed=done.removed),
        "success",
    )  # fmt: skip
    for year in done.awaited:
        flash(
            _("%(year)s 年的放假安排还没有公布，先按法律规定的日子休息；公布后请再更新一次。",
              year=year),
            "warning",
        )  # fmt: skip
    return redirect(url_for("places.calendar"), 303)


# --- the site ------------------------------------------------------------------------------------


@bp.get("/manage/places")
@staff(Role.MANAGER)
def manage() -> str:
    """Show the site's words, its zones, and the communities served."""
    site = _site()
    form = SiteForm(
        zh=site.name.zh,
        en=site.name.en,
        address_zh=site.address.zh,
        address_en=site.address.en,
        phone=site.phone,
    )
    return _places_page(site, form)


@bp.post("/manage/places")
@staff(Role.MANAGER)
def set_site() -> ResponseReturnValue:
    """Keep the site's words."""
    form, site = SiteForm(), _site()
    if not form.validate():
        return _places_page(site, form), 422
    words = service.SiteWords(
        name=Named(form.zh.data, form.en.data),
        address=Named(form.address_zh.data, form.address_en.data),
        phone=form.phone.data,
    )
    with transaction() as session:
        service.set_site(session, code=site.code, words=words, by=actor())
    flash(_("租赁点信息已保存。"), "success")
    return redirect(url_for("places.manage"), 303)


def _places_page(site: SiteView, form: SiteForm) -> str:
    session = reading()
    grids = queries.grids(session)
    return render_template(
        "places/manage.html",
        site=site,
        form=form,
        zones=queries.zones(session, site_id=site.id),
        communities=[
            (
                community,
                sum(grid.community_id == community.id and not grid.special for grid in grids),
                sum(grid.community_id == community.id and grid.special for grid in grids),
            )
            for community in queries.communities(session)
        ],
    )


@bp.get("/manage/places/zones")
@staff(Role.MANAGER)
def print_zones() -> str:
    """Show a sheet with the QR of every zone, to print and put up."""
    site = _site()
    zones = queries.zones(reading(), site_id=site.id)
    return render_template(
        "places/zones.html", site=site, zones=[(zone, qr_picture(zone.code)) for zone in zones]
    )
