"""Reads of availability, promises and visit slots."""

from rental.reservations.queries import export as export
from rental.reservations.queries.availability import HORIZON as HORIZON
from rental.reservations.queries.availability import (
    KindAvailability as KindAvailability,
)
from rental.reservations.queries.availability import availability as availability
from rental.reservations.queries.availability import (
    availability_of_kinds as availability_of_kinds,
)
from rental.reservations.queries.availability import changes as changes
from rental.reservations.queries.availability import changes_of_kinds as changes_of_kinds
from rental.reservations.queries.availability import like_free as like_free
from rental.reservations.queries.offers import earliest_on as earliest_on
from rental.reservations.queries.offers import most_reservations as most_reservations
from rental.reservations.queries.offers import offer as offer
from rental.reservations.queries.offers import standing as standing
from rental.reservations.queries.promises import Promise as Promise
from rental.reservations.queries.promises import ReservationNotFound as ReservationNotFound
from rental.reservations.queries.promises import ReservationView as ReservationView
from rental.reservations.queries.promises import displaced_by as displaced_by
from rental.reservations.queries.promises import displaced_by_several as displaced_by_several
from rental.reservations.queries.promises import for_issue as for_issue
from rental.reservations.queries.promises import of_resident as of_resident
from rental.reservations.queries.promises import pickups as pickups
from rental.reservations.queries.promises import reservation as reservation
from rental.reservations.queries.promises import reservation_by_id as reservation_by_id
from rental.reservations.queries.promises import reservation_for as reservation_for
from rental.reservations.queries.promises import visits as visits
from rental.reservations.queries.promises import visits_from as visits_from
from rental.reservations.queries.shortage import Short as Short
from rental.reservations.queries.shortage import short as short
from rental.reservations.queries.shortage import short_among as short_among
from rental.reservations.queries.shortage import short_without as short_without
from rental.reservations.queries.slots import SlotView as SlotView
from rental.reservations.queries.slots import booked as booked
from rental.reservations.queries.slots import free_slots as free_slots
