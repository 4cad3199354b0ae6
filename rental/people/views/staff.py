"""The desk's twin: finding residents and registering those without an account."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.foundation import clock
from rental.foundation.actor import AT_DESK
from rental.foundation.codes import CodeKind, is_code
from rental.foundation.database import reading
from rental.people import forms, presenters, queries, service
from rental.people.policy import LOOKS_UP, LOOKS_UP_ANYONE, REGISTERS
from rental.people.views import bp
from rental.people.views.my import offer_communities, read_person
from rental.places import queries as places
from rental.web.access import actor, staff
from rental.web.forms import clean
from rental.web.links import resident_page
from rental.web.once import post_once
from rental.web.say import say

_LIMIT = 20
_MAX_QUERY = 60


@bp.get("/people")
@staff(*LOOKS_UP)
def search() -> str:
    """Show the search box; an address may name a resident's code, and nothing else."""
    text = (clean(request.args.get("q")) or "")[:_MAX_QUERY].upper()
    return _found(text if is_code(CodeKind.RESIDENT, text) else "")


@bp.post("/people")
@staff(*LOOKS_UP)
def find() -> str:
    """Find residents by name, pinyin letters, whole telephone or citizen number, or code.

    Answers directly: what was typed goes into no address.
    """
    return _found((clean(request.form.get("q")) or "")[:_MAX_QUERY])


def _found(text: str) -> str:
    session, who = reading(), actor()
    found = queries.search(session, text=text, by=who, limit=_LIMIT) if text else ()
    communities = {one.id: one.name for one in places.communities(session)}
    return render_template(
        "people/search.html",
        q=text,
        rows=[
            {
                "person": one,
                "href": resident_page(one.code),
                "register": presenters.register_words(one.register, one.community_id, communities),
                "state": presenters.state_of(one.state),
            }
            for one in found
        ],
        limit=_LIMIT,
        own_grid_only=not who.has(*LOOKS_UP_ANYONE),
        may_register=who.has(*REGISTERS),
    )


@bp.get("/desk/residents/new")
@staff(*REGISTERS)
def register_resident_page() -> str:
    """Ask for the data of a resident without an account."""
    form = forms.DeskPersonForm(formdata=None)
    offer_communities(form)
    return render_template("people/desk_new.html", form=form, grid=_grid_name())


@bp.post("/desk/residents/new")
@staff(*REGISTERS)
def register_resident() -> ResponseReturnValue:
    """Register a resident without an account; a grid worker does so in the own grid."""
    form, at = forms.DeskPersonForm(), clock.now()
    data = read_person(form, at)
    if data is not None:
        try:
            return post_once(
                lambda session: (
                    resident_page(
                        service.register_resident(
                            session, data, purposes=form.purposes, by=actor(), at=at
                        )
                    ),
                    _("居民已登记。"),
                )
            )
        except service.AlreadyRegistered as refusal:
            form.refuse("citizen_number", say(refusal.said))
    return render_template("people/desk_new.html", form=form, grid=_grid_name()), 422


def _grid_name() -> str:
    """Return the name of the grid that a grid worker registers into; empty for the desk."""
    who, session = actor(), reading()
    if who.has(*AT_DESK):
        return ""
    grid_id = queries.grid_of(session, by=who)
    return next((one.name for one in places.grids(session) if one.id == grid_id), "")
