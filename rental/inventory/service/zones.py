"""A unit is carried from one zone to another."""

from dataclasses import replace

from sqlalchemy.orm import Session

from rental.foundation.actor import Actor
from rental.foundation.clock import Moment
from rental.inventory.policy import (
    ensure_zone,
)
from rental.inventory.queries import lock_unit as lock_unit
from rental.inventory.service.moving import log, put
from rental.inventory.service.stock import ZoneUnknown
from rental.journal import write
from rental.places import queries as places


def move_zone(session: Session, *, code: str, zone_code: str, by: Actor, at: Moment) -> None:
    """Note that the unit stands in another zone of its site now.

    Raises:
        UnitNotFound: If there is no such unit.
        ZoneUnknown: If the unit's site has no such zone.
        ZoneBreach: If an unreleased unit would come into the clean zone or the showroom; the
            caller records it with ``record_breach`` in a transaction of its own.
        ZoneNotForThisUnit: If the unit is away, or a clean one would be put among dirty ones.
    """
    unit = lock_unit(session, code=code)
    zones = {zone.code: zone for zone in places.zones(session, site_id=unit.site_id)}
    zone = zones.get(zone_code)
    if zone is None:
        raise ZoneUnknown
    ensure_zone(unit.state, zone.kind, code=unit.code)
    if zone.id == unit.zone_id:
        return
    placed = replace(unit, zone_id=zone.id)
    details = {"zone": zone.code}
    write(session, [put(session, placed, act="zone_moved", by=by, at=at, details=details)])


def record_breach(session: Session, *, code: str, zone_code: str, by: Actor, at: Moment) -> None:
    """Journal that somebody tried to put an unreleased unit among the clean ones."""
    unit = lock_unit(session, code=code)
    details = {"zone": zone_code[:16], "state": unit.state}
    write(session, [log(session, unit, act="breach", by=by, at=at, details=details)])
