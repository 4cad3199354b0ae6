"""Changing sites and their calendars."""

from rental.places.service.calendar import (
    DayAlreadyClosed,
    DayPassed,
    DayTooFar,
    Refreshed,
    Span,
    StatutoryDay,
    close_day,
    open_day,
    refresh_statutory,
    set_hours,
)
from rental.places.service.reference import ensure_reference_data
from rental.places.service.site import SiteWords, set_site
from rental.places.service.statutory import is_announced

__all__ = [
    "DayAlreadyClosed",
    "DayPassed",
    "DayTooFar",
    "Refreshed",
    "SiteWords",
    "Span",
    "StatutoryDay",
    "close_day",
    "ensure_reference_data",
    "is_announced",
    "open_day",
    "refresh_statutory",
    "set_hours",
    "set_site",
]
