"""Placing: a unit was scanned, then the sign of a zone."""

from flask import render_template, request, url_for

from rental.catalogue import queries as catalogue
from rental.desk import presenters
from rental.desk.policy import Mode
from rental.desk.views import bp
from rental.desk.views.handing_over import unit_at_desk
from rental.foundation.actor import HANDLES_UNITS
from rental.foundation.codes import spaced
from rental.foundation.database import reading
from rental.inventory.service import ZoneUnknown
from rental.places import queries as places
from rental.web.access import staff


@bp.get("/desk/units/<string:code>/place")
@staff(*HANDLES_UNITS)
def place_page(code: str) -> str:
    """Ask whether the unit stands in the zone now.

    Raises:
        ZoneUnknown: If the unit's site has no such zone.
    """
    unit, session = unit_at_desk(code), reading()
    mode = Mode.named(request.args.get("mode"))
    zones = places.zones(session, site_id=unit.site_id)
    wanted = next((zone for zone in zones if zone.code == request.args.get("zone")), None)
    if wanted is None:
        raise ZoneUnknown
    busy_washing = mode is Mode.UPKEEP
    work, desk = url_for("upkeep.work", code=unit.code), url_for("desk.home", mode=mode or None)
    return render_template(
        "desk/place.html",
        unit=unit,
        spaced=spaced(unit.code),
        kind=catalogue.kind_by_id(session, kind_id=unit.kind_id),
        state=presenters.unit_status(unit.state),
        zone=wanted,
        stands_in=next((zone for zone in zones if zone.id == unit.zone_id), None),
        after=work if busy_washing else desk,
    )
