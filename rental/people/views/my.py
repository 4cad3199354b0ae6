"""One's own corner: whom one may act for, one's own data, a family member's data."""

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.foundation import clock
from rental.foundation.clock import Moment
from rental.foundation.database import reading, transaction
from rental.people import forms, queries, service
from rental.people.policy import PersonalData, Relation
from rental.people.views import bp
from rental.places import queries as places
from rental.web.access import actor, signed_in
from rental.web.once import post_once
from rental.web.pages import safe_next
from rental.web.say import say


@bp.get("/my")
@signed_in
def my() -> ResponseReturnValue:
    """Go to the one resident's page, or ask which one, or ask for whom one borrows."""
    people = queries.people_of(reading(), by=actor())
    if len(people) == 1:
        return redirect(url_for("desk.resident_home", code=people[0].code), 303)
    if not people:
        return render_template("people/start.html")
    own = actor().resident_id
    return render_template("people/choose.html", people=people, own=own)


@bp.get("/my/details")
@signed_in
def my_details() -> ResponseReturnValue:
    """Go to one's own data, or ask for them the first time."""
    own = actor().resident_id
    if own is not None:
        found = queries.person_by_id(reading(), resident_id=own)
        return redirect(url_for("people.details_page", code=found.code), 303)
    data = {"name": actor().name}
    form = forms.OwnPersonForm(formdata=None, data=data)
    offer_communities(form)
    return render_template("people/my_details.html", form=form)


@bp.post("/my/details")
@signed_in
def register_self() -> ResponseReturnValue:
    """Register the signed-in person as a resident."""
    form, at = forms.OwnPersonForm(), clock.now()
    data = read_person(form, at)
    if data is not None:
        try:
            with transaction() as session:
                code = service.register_self(session, data, by=actor(), at=at)
        except service.NumberNeedsTheDesk as refusal:
            form.refuse("citizen_number", say(refusal.said))
        else:
            flash(_("您的资料已登记。"), "success")
            return redirect(url_for("people.consent_page", code=code, step=2), 303)
    return render_template("people/my_details.html", form=form), 422


@bp.get("/my/family/new")
@signed_in
def register_family_page() -> str:
    """Ask for a family member's data."""
    form = forms.FamilyForm(formdata=None)
    offer_communities(form)
    return render_template(
        "people/family.html", form=form, wanted=safe_next(request.args.get("next"), "")
    )


@bp.post("/my/family/new")
@signed_in
def register_family() -> ResponseReturnValue:
    """Register a family member whom the signed-in person acts for."""
    form, at = forms.FamilyForm(), clock.now()
    wanted = safe_next(request.args.get("next"), "")
    data = read_person(form, at)
    if data is not None:
        relation = Relation(form.relation.data)
        try:
            return post_once(
                lambda session: _registered(
                    service.register_family(session, data, relation=relation, by=actor(), at=at),
                    wanted,
                )
            )
        except service.NumberNeedsTheDesk as refusal:
            form.refuse("citizen_number", say(refusal.said))
    return render_template("people/family.html", form=form, wanted=wanted), 422


def _registered(code: str, wanted: str) -> tuple[str, str]:
    """Return where to go after a family member was registered, and what to say there."""
    address = url_for("people.consent_page", code=code, step=2, next=wanted or None)
    return address, _("家人的资料已登记，您可以替家人办理了。")


def offer_communities(form: forms.PersonForm) -> None:
    """Give the form the communities to choose from."""
    known = places.communities(reading())
    form.offer_communities([(one.code, say(one.name)) for one in known])


def read_person(
    form: forms.PersonForm, at: Moment, *, blank_keeps: bool = False
) -> PersonalData | None:
    """Return what the form says, or None when something was refused beside a field."""
    offer_communities(form)
    valid = form.validate()
    number = form.read_number(today=at.on)
    if not valid or form.errors:
        return None
    community_id = None
    if form.community.data and form.register.data in {"here", "residence_permit"}:
        community_id = places.community(reading(), code=form.community.data).id
    return form.personal_data(number, community_id=community_id, blank_keeps=blank_keeps)


@bp.get("/my/data.json")
@signed_in
def my_data() -> ResponseReturnValue:
    """Give everything that is kept about the signed-in person, to take along."""
    who, session = actor(), reading()
    answer: dict[str, object] = {
        "account": queries.own_account(session, account_id=who.account_id or 0),
        "resident": None,
    }
    if who.resident_id is not None:
        found = queries.person_by_id(session, resident_id=who.resident_id)
        answer["resident"] = queries.own_data(session, found)
    return as_file(answer)


def as_file(answer: dict[str, object]) -> ResponseReturnValue:
    """Return JSON that a browser keeps as a file."""
    response = jsonify(answer)
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response
