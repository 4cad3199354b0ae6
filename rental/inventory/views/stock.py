"""The list of units, and the forms that add and correct them."""

from typing import TYPE_CHECKING, Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.catalogue import queries as catalogue
from rental.foundation import clock
from rental.foundation.actor import OF_THE_POINT, Actor, Role
from rental.foundation.codes import CodeKind, is_code, read_unit_code, spaced
from rental.foundation.database import reading, transaction
from rental.inventory import presenters, queries, service
from rental.inventory.forms import EditUnitForm, NewUnitsForm, PapersForm
from rental.inventory.policy import UnitState
from rental.inventory.queries import UnitFilter, UnitPage, UnitView
from rental.inventory.views import bp
from rental.places import queries as places
from rental.web.access import actor, opens, staff
from rental.web.links import see_other
from rental.web.once import post_once
from rental.web.parts import Pages
from rental.web.say import say

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/units")
@staff(*OF_THE_POINT)
def list_units() -> str:
    """List units; the filters stand in the address."""
    session, who = reading(), actor()
    wanted = asked_for(who)
    found = queries.units(session, wanted=wanted, page=asked_page())
    kinds = catalogue.kinds(session, include_withdrawn=True)
    zones = places.zones(session, site_id=own_site(who))
    return render_template(
        "inventory/list.html",
        rows=[_row(unit) for unit in found.units],
        found=found,
        pages=pages_of(found, "inventory.list_units"),
        tiles=presenters.tiles(queries.count_by_state(session, site_id=who.site_id)),
        states=[(state.value, presenters.status(state).word) for state in UnitState],
        kinds=[(kind.key, say(kind.name)) for kind in kinds],
        categories=[(each.key, say(each.name)) for each in catalogue.categories(session)],
        zones=[(zone.code, say(zone.name)) for zone in zones],
        asked={name: request.args.get(name, "") for name in _FILTERS},
        filtered=wanted != UnitFilter(site_id=who.site_id),
        labels_args={name: values for name, values in request.args.lists() if name != "page"},
        may_add=who.has(Role.MANAGER),
        may_print=opens("inventory.labels"),
    )


def pages_of(found: UnitPage, endpoint: str) -> Pages:
    """Return the links to the other pages of the list or its labels, keeping the filters."""
    kept: dict[str, Any] = request.args.to_dict(flat=False)
    return Pages(found.number, found.pages, lambda n: url_for(endpoint, **{**kept, "page": n}))


_FILTERS = ("q", "state", "kind", "category", "zone", "past")


def own_site(who: Actor) -> int:
    """Return where the actor works, or the first site."""
    return who.site_id or places.point(reading()).id


def asked_for(who: Actor) -> UnitFilter:
    """Return the filter of the address; what makes no sense in it narrows nothing."""
    session, asked = reading(), request.args
    state = asked.get("state", "")
    kinds = {kind.key: kind.id for kind in catalogue.kinds(session, include_withdrawn=True)}
    categories = {each.key: each.id for each in catalogue.categories(session)}
    zones = {zone.code: zone.id for zone in places.zones(session, site_id=own_site(who))}
    return UnitFilter(
        site_id=who.site_id,
        state=UnitState(state) if state in set(UnitState) else None,
        kind_id=kinds.get(asked.get("kind", "")),
        category_id=categories.get(asked.get("category", "")),
        zone_id=zones.get(asked.get("zone", "")),
        q=asked.get("q", "").strip(),
        breached=asked.get("past", "") == "breach",
        codes=tuple(code for code in asked.getlist("code") if is_code(CodeKind.UNIT, code))[:1000],
    )


def asked_page() -> int:
    """Return the page of the address; what is no number means the first."""
    text = request.args.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 1  # ruff: ignore[magic-value-comparison] - a million pages


def _row(unit: UnitView) -> dict[str, Any]:
    session = reading()
    zones = {zone.id: zone.name for zone in places.zones(session, site_id=unit.site_id)}
    return {
        "unit": unit,
        "spaced": spaced(unit.code),
        "kind": catalogue.kind_by_id(session, kind_id=unit.kind_id).name,
        "status": presenters.status(unit.state),
        "zone": zones.get(unit.zone_id or 0),
    }


# --- adding --------------------------------------------------------------------------------------


@bp.get("/units/new")
@staff(Role.MANAGER)
def new_units() -> str:
    """Ask what was delivered."""
    form = _new_form()
    form.kind.data = request.args.get("kind", "")
    return _new_page(form)


@bp.post("/units/new")
@staff(Role.MANAGER)
def add_units() -> ResponseReturnValue:
    """Add one or many units of a kind."""
    form, who = _new_form(), actor()
    if not form.validate():
        return _new_page(form), 422

    def act(session: "Session") -> tuple[str, str]:
        codes = service.add_units(
            session,
            kind_id=catalogue.kind(session, key=str(form.kind.data)).id,
            site_id=who.site_id or places.point(session).id,
            count=form.count.number or 1,
            serial_numbers=form.lines,
            papers=papers_of(form),
            intake_passed=bool(form.intake_passed.data),
            by=who,
            at=clock.now(),
        )
        done = _("已登记 %(n)s 件。请打印标签，贴到器具上。", n=len(codes))
        return url_for("inventory.list_units", code=list(codes)), done

    try:
        return post_once(act)
    except (service.SerialNumberTaken, service.TooManySerialNumbers) as refusal:
        form.refuse("serial_numbers", say(refusal.said))
        return _new_page(form), 422


def _new_form() -> NewUnitsForm:
    form = NewUnitsForm(request.form if request.method == "POST" else None)
    kinds = catalogue.kinds(reading())
    form.kind.choices = [("", _("请选择")), *((kind.key, say(kind.name)) for kind in kinds)]
    return form


def _new_page(form: NewUnitsForm) -> str:
    return render_template("inventory/new.html", form=form)


def papers_of(form: PapersForm) -> service.Papers:
    """Return the posted papers."""
    return service.Papers(
        maker=form.maker.data or "",
        load_limit_kg=form.load_limit_kg.number,
        registration_number=form.registration_number.data or None,
        udi=form.udi.data or None,
        bought_on=form.bought_on.data,
        expires_on=form.expires_on.data,
        electrical_test_due_on=form.electrical_test_due_on.data,
        note=form.note.data or "",
    )


# --- correcting ----------------------------------------------------------------------------------


@bp.get("/units/<string:code>/edit")
@staff(Role.MANAGER, Role.TECHNICIAN)
def edit_unit(code: str) -> str:
    """Show what is written on the unit and in its papers."""
    session = reading()
    unit = queries.unit(session, code=read_unit_code(code))
    known = queries.facts(session, unit_id=unit.id)
    form = EditUnitForm(
        data={
            "maker": unit.maker,
            "load_limit_kg": unit.load_limit_kg or "",
            "registration_number": known.registration_number or "",
            "udi": known.udi or "",
            "bought_on": known.bought_on,
            "expires_on": unit.expires_on,
            "electrical_test_due_on": unit.electrical_test_due_on,
            "serial_number": unit.serial_number or "",
            "note": unit.note,
        }
    )
    return _edit_page(form, unit)


@bp.post("/units/<string:code>/edit")
@staff(Role.MANAGER, Role.TECHNICIAN)
def save_unit(code: str) -> ResponseReturnValue:
    """Correct what is written on the unit and in its papers."""
    unit = queries.unit(reading(), code=read_unit_code(code))
    form = EditUnitForm(request.form)
    if not form.validate():
        return _edit_page(form, unit), 422
    try:
        with transaction() as session:
            service.edit_unit(
                session,
                code=unit.code,
                serial_number=form.serial_number.data,
                papers=papers_of(form),
                by=actor(),
                at=clock.now(),
            )
    except service.SerialNumberTaken as refusal:
        form.refuse("serial_number", say(refusal.said))
        return _edit_page(form, unit), 422
    return see_other("inventory.show", _("资料已经保存。"), code=unit.code)


def _edit_page(form: EditUnitForm, unit: UnitView) -> str:
    kind = catalogue.kind_by_id(reading(), kind_id=unit.kind_id)
    return render_template(
        "inventory/edit.html", form=form, unit=unit, kind=kind, spaced=spaced(unit.code)
    )
