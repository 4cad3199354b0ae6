"""Who has reserved a device that is not there."""

from flask import render_template

from rental.desk import queries
from rental.desk.views import bp
from rental.foundation import clock
from rental.foundation.actor import KNOWS_PEOPLE
from rental.foundation.database import reading
from rental.places import queries as places
from rental.web.access import actor, staff


@bp.get("/desk/without-device")
@staff(*KNOWS_PEOPLE)
def without_device() -> str:
    """List whom to call: a device was promised, and has broken, is lost, or out of service."""
    session = reading()
    site_id = actor().site_id or places.point(session).id
    found = queries.without_device(session, site_id=site_id, today=clock.now().on)
    return render_template("desk/without_device.html", found=found)
