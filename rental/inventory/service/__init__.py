"""What can be done to units: lock, move, add, edit, carry."""

from rental.inventory.policy import ZoneBreach as ZoneBreach
from rental.inventory.queries import lock_unit as lock_unit
from rental.inventory.service.delivery import Papers as Papers
from rental.inventory.service.delivery import add_units as add_units
from rental.inventory.service.delivery import edit_unit as edit_unit
from rental.inventory.service.moving import log as log
from rental.inventory.service.moving import move as move
from rental.inventory.service.stock import MOST_AT_ONCE as MOST_AT_ONCE
from rental.inventory.service.stock import SerialNumberTaken as SerialNumberTaken
from rental.inventory.service.stock import StaleUnit as StaleUnit
from rental.inventory.service.stock import TooManySerialNumbers as TooManySerialNumbers
from rental.inventory.service.stock import ZoneUnknown as ZoneUnknown
from rental.inventory.service.stock import lock_stock as lock_stock
from rental.inventory.service.zones import move_zone as move_zone
from rental.inventory.service.zones import record_breach as record_breach
