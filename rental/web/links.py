"""Where several slices lead to."""

from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from rental.foundation.actor import KNOWS_PEOPLE
from rental.web.access import actor_or_none


def resident_page(code: str) -> str:
    """Return where the reader sees the resident: at the desk, or at home."""
    who = actor_or_none()
    at_desk = who is not None and who.has(*KNOWS_PEOPLE)
    return f"/desk/residents/{code}" if at_desk else f"/residents/{code}"


def see_other(endpoint: str, done: str, **values: Any) -> ResponseReturnValue:
    """Say what was done on the page that the browser goes to next."""
    flash(done, "success")
    return redirect(url_for(endpoint, **values), 303)
