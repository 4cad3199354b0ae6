"""Reserving, in steps that are plain addresses, and one post at the end."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.catalogue import queries as catalogue
from rental.catalogue.queries import KindView
from rental.foundation import clock
from rental.foundation.codes import CodeUnreadable, read_code
from rental.foundation.database import reading, transaction
from rental.foundation.errors import Conflict, DomainError, Invalid
from rental.people import queries as people
from rental.people.queries import Person
from rental.reservations import forms, queries, service
from rental.reservations.policy import Fulfilment, PeriodInvalid
from rental.reservations.policy.offer import ensure_standing
from rental.reservations.views import bp, steps
from rental.reservations.views.asking import Ask, read_ask
from rental.web.access import actor, signed_in
from rental.web.say import say

_BLOCKS = (
    service.ConsentMissing,
    service.NotEligible,
    service.TooManyReservations,
    service.AlreadyReservedThisKind,
    service.KindWithdrawn,
)


@bp.get("/reserve/<string:key>")
@signed_in
def reserve(key: str) -> ResponseReturnValue:
    """Ask the next thing that a reservation needs to know."""
    at = clock.now()
    kind = catalogue.kind(reading(), key=key)
    person = _person()
    if person is None:
        return _who(kind)
    ask = read_ask(kind, person, at=at)
    refusal = _blocked(ask)
    if refusal is not None:
        return steps.blocked(kind, person.code, refusal)
    return steps.next_page(ask)


@bp.post("/reserve/<string:key>")
@signed_in
def reserve_post(key: str) -> ResponseReturnValue:
    """Promise a unit, or say why not and what else there is."""
    at = clock.now()
    kind = catalogue.kind(reading(), key=key)
    person = _person()
    if person is None:
        return _who(kind)
    ask, form = read_ask(kind, person, at=at), forms.CheckForm()
    if ask.start is None or ask.days is None or ask.way is None:
        return redirect(ask.url(), 303)
    if not form.validate():
        return steps.check(ask, form, 422)
    try:
        with transaction() as session:
            done = service.reserve(session, _wish(ask, form), by=actor(), at=at)
    except (Conflict, Invalid) as refusal:
        return refused(ask, form, refusal)
    flash(_("预约成功。"), "success")
    return redirect(url_for("reservations.show", code=done.code), 303)


def refused(ask: Ask, form: forms.CheckForm, refusal: DomainError) -> ResponseReturnValue:
    """Go back to the step that the refusal is about."""
    if isinstance(refusal, service.NothingFree):
        return steps.full(ask, refusal, 409)
    if isinstance(refusal, (service.SlotFull, service.SlotNotOffered)):
        return steps.visit(ask.but(slot=None), refusal)
    if isinstance(refusal, PeriodInvalid):
        return steps.when(ask, refusal)
    if isinstance(refusal, _BLOCKS):
        return steps.blocked(ask.kind, ask.person.code, refusal, 409)
    if isinstance(refusal, (service.AddressMissing, service.KindNotDelivered)):
        form.refuse("address", say(refusal.said))
        return steps.check(ask, form, 422)
    raise refusal


def _wish(ask: Ask, form: forms.CheckForm) -> service.Wish:
    return service.Wish(
        kind_id=ask.kind.id,
        site_id=ask.site.id,
        resident_id=ask.person.id,
        starts_on=ask.first,
        ends_on=ask.last,
        fulfilment=ask.way or Fulfilment.PICKUP,
        slot_on=ask.slot.on if ask.slot else None,
        slot_half=ask.slot.half if ask.slot else None,
        address=form.address.data or None,
    )


def _person() -> Person | None:
    """Return the person that the address names, or the only one the account acts for."""
    session, by = reading(), actor()
    said = request.values.get("for")
    if said:
        try:
            code = read_code(said[:100]).code
        except CodeUnreadable:
            code = ""
        return people.person_to_change(session, code=code, by=by)
    known = people.people_of(session, by=by)
    return known[0] if len(known) == 1 else None


def _who(kind: KindView) -> ResponseReturnValue:
    """Ask for whom."""
    session, by = reading(), actor()
    return render_template(
        "reservations/who.html",
        kind=kind,
        people=people.people_of(session, by=by),
        is_staff=by.is_staff,
        parts={name: value for name, value in request.args.items() if name != "for"},
    )


def _blocked(ask: Ask) -> Conflict | None:
    """Return why this resident can't reserve the kind at all; None when nothing is in the way."""
    session = reading()
    if ask.kind.withdrawn:
        return service.KindWithdrawn(kind=ask.kind.name)
    starts_on = max(ask.first, ask.offer.terms.earliest_on)
    standing = queries.standing(
        session, resident_id=ask.person.id, kind_id=ask.kind.id, starts_on=starts_on
    )
    try:
        ensure_standing(
            standing,
            most=queries.most_reservations(session, site_id=ask.site.id),
            kind=ask.kind.name,
            starts_on=starts_on,
        )
    except Conflict as refusal:
        return refusal
    return None
