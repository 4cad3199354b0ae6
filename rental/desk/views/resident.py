"""The resident's own page and card."""

from flask import current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from rental.desk import presenters, queries
from rental.desk.views import bp
from rental.desk.views.handing_over import person_at_desk
from rental.eligibility import queries as eligibility
from rental.eligibility.policy import next_step
from rental.foundation import clock
from rental.foundation.actor import KNOWS_PEOPLE
from rental.foundation.codes import CodeKind, CodeUnreadable, read_code
from rental.foundation.database import reading
from rental.notices import queries as notices
from rental.people import queries as people
from rental.places import queries as places
from rental.web.access import actor, actor_or_none, public, signed_in
from rental.web.links import resident_page
from rental.web.qr import qr_picture

_NOTICES = 5


@bp.get("/residents/<string:code>")
@signed_in
def resident_home(code: str) -> ResponseReturnValue:
    """Show the resident's own page: may I borrow, what do I have, what was I told."""
    found, session, at, by = person_at_desk(code), reading(), clock.now(), actor()
    family = people.is_own_or_family(session, found, by=by)
    standing = queries.standing(session, found, at=at, with_renewals=True)
    code_waiting = standing.application
    waiting = eligibility.application(session, code=code_waiting) if code_waiting else None
    return render_template(
        "desk/resident_home.html",
        person=found,
        own=by.resident_id == found.id,
        name=found.name if family else found.masked_name,
        may_change=people.may_change(session, found, by=by),
        waiting=waiting,
        next_step=next_step(waiting.unseen, address=places.site(session).address)
        if waiting
        else None,
        ended=None
        if standing.decision
        else eligibility.ended_decision(session, resident_id=found.id, on=at.on),
        presenters=presenters,
        knows_people=by.has(*KNOWS_PEOPLE),
        standing=standing,
        refused=eligibility.last_refusal(session, resident_id=found.id),
        held=[(each, presenters.loan_status(each.loan, today=at.on)) for each in standing.held],
        promised=[(each, presenters.promise(each, to_staff=False)) for each in standing.promised],
        notices=notices.of_resident(session, resident_id=found.id, limit=_NOTICES),
        unread=notices.count_unread(session, resident_id=found.id),
    )


@bp.get("/residents/<string:code>/card")
@signed_in
def resident_card(code: str) -> ResponseReturnValue:
    """Show the card for the printer; its QR code holds nothing but an address."""
    found = person_at_desk(code)
    address = current_app.extensions["rental_settings"].address
    return render_template(
        "desk/card.html",
        person=found,
        qr=qr_picture(f"{address}/r/{found.code}"),
    )


@bp.get("/r/<string:code>")
@public
def read_card(code: str) -> ResponseReturnValue:
    """Lead from a card: staff to the person, residents to their page, strangers to signing in.

    Says nothing of whether somebody has the code.
    """
    try:
        scanned = read_code(code)
    except CodeUnreadable:
        scanned = None
    if scanned is None or scanned.kind is not CodeKind.RESIDENT:
        raise people.ResidentNotFound
    where = resident_page(scanned.code)
    if actor_or_none() is None:
        return redirect(url_for("people.sign_in", next=where), 303)
    return redirect(where, 303)
