"""Use cases of reservations."""

from rental.reservations.policy.offer import AddressMissing as AddressMissing
from rental.reservations.policy.offer import AlreadyReservedThisKind as AlreadyReservedThisKind
from rental.reservations.policy.offer import ConsentMissing as ConsentMissing
from rental.reservations.policy.offer import KindNotDelivered as KindNotDelivered
from rental.reservations.policy.offer import KindWithdrawn as KindWithdrawn
from rental.reservations.policy.offer import NotEligible as NotEligible
from rental.reservations.policy.offer import SlotNotOffered as SlotNotOffered
from rental.reservations.policy.offer import StartsOnClosedDay as StartsOnClosedDay
from rental.reservations.policy.offer import TooManyReservations as TooManyReservations
from rental.reservations.service import anonymising as anonymising
from rental.reservations.service.change import Move as Move
from rental.reservations.service.change import ReservationIsPacked as ReservationIsPacked
from rental.reservations.service.change import change as change
from rental.reservations.service.end import (
    ReservationChangedMeanwhile as ReservationChangedMeanwhile,
)
from rental.reservations.service.end import cancel as cancel
from rental.reservations.service.end import expire_held as expire_held
from rental.reservations.service.end import fulfil as fulfil
from rental.reservations.service.following import FOLLOW_CALENDAR as FOLLOW_CALENDAR
from rental.reservations.service.following import follow_calendar as follow_calendar
from rental.reservations.service.free import NothingFree as NothingFree
from rental.reservations.service.reserve import Reserved as Reserved
from rental.reservations.service.reserve import Wish as Wish
from rental.reservations.service.reserve import reserve as reserve
from rental.reservations.service.reviving import revive as revive
from rental.reservations.service.visits import SlotFull as SlotFull
