"""Buttons that set a unit aside or bring it back."""

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.foundation import clock
from rental.foundation.actor import HANDLES_UNITS, Role
from rental.foundation.codes import read_unit_code
from rental.foundation.database import transaction
from rental.upkeep import service
from rental.upkeep.views import bp
from rental.web.access import actor, staff
from rental.web.links import see_other


@bp.post("/upkeep/<string:code>/repair")
@staff(*HANDLES_UNITS)
def send_to_repair(code: str) -> ResponseReturnValue:
    """Send the unit to repair."""
    unit = read_unit_code(code)
    with transaction() as session:
        service.send_to_repair(session, unit_code=unit, by=actor(), at=clock.now())
    return see_other("upkeep.work", _("已转去维修。修好后请按“退回清洗”。"), code=unit)


@bp.post("/upkeep/<string:code>/quarantine")
@staff(*HANDLES_UNITS)
def quarantine(code: str) -> ResponseReturnValue:
    """Keep the unit apart."""
    unit = read_unit_code(code)
    with transaction() as session:
        service.quarantine(session, unit_code=unit, by=actor(), at=clock.now())
    return see_other("upkeep.work", _("已隔离停用，谁都不能借出这件。"), code=unit)


@bp.post("/upkeep/<string:code>/back-to-wash")
@staff(*HANDLES_UNITS)
def back_to_wash(code: str) -> ResponseReturnValue:
    """Bring the unit back to the start of the wash room."""
    unit = read_unit_code(code)
    with transaction() as session:
        service.back_to_wash(session, unit_code=unit, by=actor(), at=clock.now())
    return see_other("upkeep.work", _("已退回清洗，请从第一步做起。"), code=unit)


@bp.post("/upkeep/<string:code>/scrap")
@staff(Role.MANAGER)
def scrap(code: str) -> ResponseReturnValue:
    """Take the unit out of service for good."""
    unit = read_unit_code(code)
    with transaction() as session:
        service.scrap(session, unit_code=unit, by=actor(), at=clock.now())
    return see_other("inventory.show", _("已报废。请撕掉标签。"), code=unit)


@bp.post("/upkeep/<string:code>/complete-kit")
@staff(*HANDLES_UNITS)
def complete_kit(code: str) -> ResponseReturnValue:
    """Note that the lacking accessories are there again."""
    unit = read_unit_code(code)
    with transaction() as session:
        service.complete_kit(session, unit_code=unit, by=actor(), at=clock.now())
    return see_other("upkeep.work", _("配件已补齐。"), code=unit)
