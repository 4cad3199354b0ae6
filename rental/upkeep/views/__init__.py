"""Pages of the wash room: lists, one unit's work page, faults."""

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

bp = Blueprint("upkeep", __name__, template_folder="../templates")


def see_other(endpoint: str, done: str, **values: Any) -> ResponseReturnValue:
    """Say what was done on the page that the browser goes to next."""
    flash(done, "success")
    return redirect(url_for(endpoint, **values), 303)


from rental.upkeep.views import aside as aside  # ruff: ignore[module-import-not-at-top-of-file] - needs bp
from rental.upkeep.views import faults as faults  # ruff: ignore[module-import-not-at-top-of-file] - needs bp
from rental.upkeep.views import lists as lists  # ruff: ignore[module-import-not-at-top-of-file] - needs bp
from rental.upkeep.views import work as work  # ruff: ignore[module-import-not-at-top-of-file] - needs bp
