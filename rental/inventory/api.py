"""The API of units."""

from typing import Any

from apiflask import APIBlueprint

from rental.catalogue import queries as catalogue
from rental.foundation.codes import read_unit_code
from rental.foundation.database import reading
from rental.inventory import presenters, queries
from rental.inventory.schemas import UnitOut
from rental.places import queries as places
from rental.web.access import actor, signed_in
from rental.web.say import say

bp = APIBlueprint("inventory_api", __name__, url_prefix="/api/v1", tag="Units")


@bp.get("/units/<string:code>")
@signed_in
@bp.output(UnitOut)
@bp.doc(
    summary="One unit",
    description="State, kind, zone, and only the acts that this caller may do next. "
    "Dates and zone are told to staff alone.",
    security="BearerAuth",
    responses={401: "Nobody is signed in", 404: "No such unit", 422: "The code is unreadable"},
)
def get_unit(code: str) -> dict[str, Any]:
    """Return one unit."""
    session, who = reading(), actor()
    unit = queries.unit(session, code=read_unit_code(code))
    kind = catalogue.kind_by_id(session, kind_id=unit.kind_id)
    zones = {zone.id: zone.code for zone in places.zones(session, site_id=unit.site_id)}
    told = who.is_staff
    return {
        "code": unit.code,
        "state": unit.state,
        "kind": {"id": kind.key, "name": say(kind.name)},
        "site": places.site_by_id(session, site_id=unit.site_id).code,
        "zone": zones.get(unit.zone_id or 0) if told else None,
        "due_on": unit.due_on if told else None,
        "free_from": unit.free_from if told else None,
        "missing_accessories": list(unit.missing) if told else [],
        "actions": presenters.api_actions(
            unit.state, by=who, code=unit.code, out=queries.is_out(session, unit)
        ),
    }
