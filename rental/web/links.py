"""Addresses of the contract that several slices lead to."""

from rental.foundation.actor import KNOWS_PEOPLE
from rental.web.access import actor_or_none


def resident_page(code: str) -> str:
    """Return where the reader sees the resident: at the desk, or at home."""
    who = actor_or_none()
    at_desk = who is not None and who.has(*KNOWS_PEOPLE)
    return f"/desk/residents/{code}" if at_desk else f"/residents/{code}"
