"""A reservation: showing, moving and cancelling it."""

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.catalogue import queries as catalogue
from rental.foundation import clock
from rental.foundation.actor import AT_DESK
from rental.foundation.database import reading, transaction
from rental.foundation.errors import Conflict, Invalid
from rental.people import queries as people
from rental.people.policy import masked_address
from rental.people.queries import Person
from rental.places import queries as places
from rental.reservations import forms, presenters, queries, service
from rental.reservations.policy import Fulfilment, ReservationState
from rental.reservations.policy.offer import stranded_by
from rental.reservations.queries import ReservationView, SlotView
from rental.reservations.views import bp, steps
from rental.reservations.views.asking import read_ask
from rental.reservations.views.wishes import refused
from rental.web.access import actor, signed_in
from rental.web.qr import qr_picture
from rental.web.say import say


@bp.get("/reservations/<string:code>")
@signed_in
def show(code: str) -> str:
    """Show a reservation: when, where, what to bring, and what may be changed."""
    session, now = reading(), clock.now()
    found, person = queries.reservation_for(session, code=code, by=actor())
    whole = _may_see_address(found, person)
    kind = catalogue.kind_by_id(session, kind_id=found.kind_id)
    offer = queries.offer(session, kind=kind, site_id=found.site_id, at=now)
    missing = people.missing_consents(session, resident_id=person.id)
    return render_template(
        "reservations/show.html",
        address=found.address if whole or not found.address else masked_address(found.address),
        whole_address=whole,
        found=found,
        person=person,
        by_other=person.id != actor().resident_id,
        kind=kind,
        end_moved=presenters.end_moved(found, offer),
        site=places.site_by_id(session, site_id=found.site_id),
        opening=places.opening_lines(session, site_id=found.site_id),
        state=presenters.state_of(found.state),
        slot=presenters.slot_word(found.slot) if found.slot else None,
        way=presenters.way_word(found.fulfilment),
        delivered=found.fulfilment is Fulfilment.DELIVERY,
        may_change=people.may_change(session, person, by=actor()),
        may_move=found.state is ReservationState.CONFIRMED,
        qr=qr_picture(found.code) if found.is_active else None,
        may_borrow=_may_borrow(found),
        missing=missing,
        stranded=stranded_by(missing) if missing else None,
        closed_then=_closed_then(found),
        short=found.code in queries.short_among(session, [found], today=clock.now().on),
    )


def _may_borrow(found: ReservationView) -> bool:
    """Tell whether the resident is still eligible on the first day, or today when it has come."""
    on = max(found.starts_on, clock.now().on)
    standing = queries.standing(
        reading(), resident_id=found.resident_id, kind_id=found.kind_id, starts_on=on
    )
    return standing.eligible_until is not None


def _closed_then(found: ReservationView) -> str | None:
    """Return when the visit is, in words, when it lies ahead and the site is closed then."""
    calendar = places.calendar(reading(), site_id=found.site_id)
    closed = found.finds_closed(calendar, today=clock.now().on)
    return presenters.visit_word(found) if closed else None


@bp.get("/reservations/<string:code>/calendar.ics")
@signed_in
def calendar_entry(code: str) -> Response:
    """Give the visit as an entry for the phone's calendar."""
    session = reading()
    found, _person = queries.reservation_for(session, code=code, by=actor())
    kind = catalogue.kind_by_id(session, kind_id=found.kind_id)
    site = places.site_by_id(session, site_id=found.site_id)
    text = presenters.ics(
        found,
        title=_("取器具：%(kind)s（%(code)s）", kind=say(kind.name), code=found.code),
        place=f"{say(site.name)} {say(site.address)} {site.phone}",
        view=_visit(found),
    )
    headers = {"Content-Disposition": f'attachment; filename="{found.code}.ics"'}
    return Response(text, content_type="text/calendar; charset=utf-8", headers=headers)


@bp.get("/reservations/<string:code>/change")
@signed_in
def change(code: str) -> ResponseReturnValue:
    """Ask for the new days and the new visit, step by step."""
    found, person = _mine_to_change(code)
    if found.state is not ReservationState.CONFIRMED:
        raise service.ReservationIsPacked
    kind = catalogue.kind_by_id(reading(), kind_id=found.kind_id)
    return steps.next_page(read_ask(kind, person, at=clock.now(), moved=found))


@bp.post("/reservations/<string:code>/change")
@signed_in
def change_post(code: str) -> ResponseReturnValue:
    """Move the reservation; the old one holds when the new one can't be had."""
    found, person = _mine_to_change(code)
    at = clock.now()
    kind = catalogue.kind_by_id(reading(), kind_id=found.kind_id)
    ask = read_ask(kind, person, at=at, moved=found)
    if ask.start is None or ask.days is None:
        return redirect(ask.url(), 303)
    move = service.Move(starts_on=ask.first, ends_on=ask.last, slot=ask.slot)
    try:
        with transaction() as session:
            service.change(session, code=found.code, move=move, by=actor(), at=at)
    except (Conflict, Invalid) as refusal:
        return refused(ask, forms.CheckForm(), refusal)
    flash(_("已经改好了。"), "success")
    return redirect(url_for("reservations.show", code=found.code), 303)


@bp.get("/reservations/<string:code>/cancel")
@signed_in
def cancel(code: str) -> ResponseReturnValue:
    """Ask once more before cancelling."""
    found, _person = _mine_to_change(code)
    if not found.is_active:
        return redirect(url_for("reservations.show", code=found.code), 303)
    kind = catalogue.kind_by_id(reading(), kind_id=found.kind_id)
    return render_template("reservations/cancel.html", found=found, kind=kind)


@bp.post("/reservations/<string:code>/cancel")
@signed_in
def cancel_post(code: str) -> ResponseReturnValue:
    """Cancel; a second time changes nothing."""
    found, _person = _mine_to_change(code)
    with transaction() as session:
        service.cancel(session, code=found.code, by=actor(), at=clock.now())
    flash(_("预约已经取消，器具让给别人用了。需要时可以再约。"), "success")
    return redirect(url_for("reservations.show", code=found.code), 303)


def _mine_to_change(code: str) -> tuple[ReservationView, Person]:
    """Return the reservation and its resident, if the reader may act for that resident.

    Raises:
        ReservationNotFound: If there is none.
        NotYourResident: If the reader may not.
    """
    found, person = queries.reservation_for(reading(), code=code, by=actor())
    people.ensure_may_change(reading(), person, by=actor())
    return found, person


def _may_see_address(found: ReservationView, person: Person) -> bool:
    """Tell whether the reader lives there, or has to bring the device there by now."""
    by = actor()
    if people.is_own_or_family(reading(), person, by=by):
        return True
    day = found.slot.on if found.slot else found.starts_on
    return by.has(*AT_DESK) and found.is_active and day <= clock.now().on


def _visit(found: ReservationView) -> SlotView | None:
    if found.slot is None:
        return None
    on = found.slot.on
    views = queries.free_slots(reading(), site_id=found.site_id, first=on, last=on)
    return next((view for view in views if view.slot == found.slot), None)
