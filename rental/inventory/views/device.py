"""Where a device's QR leads: a page for whoever scans it, and more for staff."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.catalogue import queries as catalogue
from rental.foundation import clock
from rental.foundation.actor import HANDLES_UNITS, Actor
from rental.foundation.codes import CodeUnreadable, read_unit_code, spaced
from rental.foundation.database import reading, transaction
from rental.foundation.memo import Memo
from rental.inventory import presenters, queries, service
from rental.inventory.forms import ZoneForm
from rental.inventory.policy import SET_ASIDE, UnitAction, UnitState, actions
from rental.inventory.queries import UnitNotFound, UnitView
from rental.inventory.views import bp
from rental.journal import queries as journal
from rental.people import queries as people
from rental.places import queries as places
from rental.web.access import actor, actor_or_none, opens, public, staff
from rental.web.pages import safe_next
from rental.web.say import say


@bp.get("/u/<string:code>")
@public
def show(code: str) -> ResponseReturnValue:
    """Say what the device is and how to use it; staff also see its state and what comes next."""
    try:
        unit = queries.unit_at_a_glance(read_unit_code(code))
    except (CodeUnreadable, UnitNotFound) as refusal:
        malformed = isinstance(refusal, CodeUnreadable)
        return render_template("inventory/unknown.html", malformed=malformed), 404
    who = actor_or_none()
    if who is not None and who.is_staff:
        return _for_staff(unit, who)
    if who is None and not request.cookies and request.full_path == f"/u/{unit.code}?":
        return _for_first_visit(unit)
    return _for_stranger(unit)


@bp.get("/u")
@public
def find() -> ResponseReturnValue:
    """Lead to the page of a typed code."""
    code = "".join(request.args.get("code", "").split())[:40] or "-"
    try:
        code = read_unit_code(code)
    except CodeUnreadable:
        return render_template("inventory/unknown.html", malformed=True), 404
    return redirect(url_for("inventory.show", code=code), 303)


def _for_stranger(unit: UnitView) -> str:
    session = reading()
    kind = catalogue.kind_by_id(session, kind_id=unit.kind_id)
    return render_template(
        "inventory/stranger.html",
        unit=unit,
        spaced=spaced(unit.code),
        kind=kind,
        site=places.site_by_id(session, site_id=unit.site_id),
        in_use=unit.state is not UnitState.SCRAPPED,
    )


_first_visits: Memo[str] = Memo()


def _for_first_visit(unit: UnitView) -> str:
    """Return the page for a phone that was never here: all devices of a kind differ in the code."""
    address, read_aloud = f"/u/{unit.code}", spaced(unit.code)

    def render() -> str:
        return _for_stranger(unit).replace(address, "\0").replace(read_aloud, "\1")

    alike = (unit.kind_id, unit.site_id, unit.state is UnitState.SCRAPPED)
    page = _first_visits.get(reading(), alike, render)
    return page.replace("\0", address).replace("\1", read_aloud)


def _for_staff(unit: UnitView, who: Actor) -> str:
    session = reading()
    happenings = journal.history(session, subject=f"unit:{unit.code}")
    zones = places.zones(session, site_id=unit.site_id)
    names = people.account_names(session, [happening.actor_id for happening in happenings])
    may_ask_holder = unit.state is UnitState.ON_LOAN and opens("loans.of_unit")
    return render_template(
        "inventory/unit.html",
        unit=unit,
        spaced=spaced(unit.code),
        kind=catalogue.kind_by_id(session, kind_id=unit.kind_id),
        site=places.site_by_id(session, site_id=unit.site_id),
        status=presenters.status(unit.state),
        zone=next((zone for zone in zones if zone.id == unit.zone_id), None),
        zones=zones if UnitAction.MOVE_ZONE in actions(unit.state, by=who) else (),
        facts=queries.facts(session, unit_id=unit.id),
        more_facts=_more_facts(unit),
        buttons=presenters.buttons(
            unit.state, by=who, code=unit.code, out=queries.is_out(session, unit)
        ),
        holder_url=url_for("loans.of_unit", code=unit.code) if may_ask_holder else None,
        events=presenters.events(
            happenings,
            names=names,
            zones={zone.code: zone.name.zh for zone in zones},
            reasons=_reasons(unit) if any(SET_ASIDE in each.details for each in happenings) else {},
        ),
        knows_units=opens("inventory.list_units"),
        may_print=opens("inventory.label"),
    )


def _reasons(unit: UnitView) -> dict[int, str]:
    """Return why the unit was set aside, by the key that its history holds."""
    return {
        key: said
        for reasons_of in queries.REASONS
        for key, said in reasons_of(reading(), unit).items()
    }


def _more_facts(unit: UnitView) -> list[tuple[object, ...]]:
    """Return what higher slices know of the unit as rows of the summary list."""
    rows: list[tuple[object, ...]] = []
    for facts_of in queries.MORE_FACTS:
        for fact in facts_of(reading(), unit):
            row: tuple[object, ...] = (say(fact.term), fact.value)
            if fact.endpoint and opens(fact.endpoint):
                row += ((url_for(fact.endpoint, **fact.values), _("查看")),)
            rows.append(row)
    return rows


@bp.post("/units/<string:code>/move-zone")
@staff(*HANDLES_UNITS)
def move_zone(code: str) -> ResponseReturnValue:
    """Note where the unit stands now; an attempt to mix clean and dirty is journalled."""
    unit, form = read_unit_code(code), ZoneForm(request.form)
    if not form.validate():
        raise service.ZoneUnknown
    zone = str(form.zone.data)
    try:
        with transaction() as session:
            service.move_zone(session, code=unit, zone_code=zone, by=actor(), at=clock.now())
    except service.ZoneBreach:
        with transaction() as session:
            service.record_breach(session, code=unit, zone_code=zone, by=actor(), at=clock.now())
        raise
    flash(_("区域已经记下。"), "success")
    wanted = request.form.get("next")
    return redirect(safe_next(wanted, url_for("inventory.show", code=unit)), 303)
