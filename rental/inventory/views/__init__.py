"""Pages of units: the device's own page, the list, the forms, the labels."""

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

bp = Blueprint("inventory", __name__, template_folder="../templates")


def see_other(endpoint: str, done: str, **values: Any) -> ResponseReturnValue:
    """Say what was done on the page that the browser goes to next."""
    flash(done, "success")
    return redirect(url_for(endpoint, **values), 303)


from rental.inventory.views import device as device  # ruff: ignore[module-import-not-at-top-of-file] - needs bp
from rental.inventory.views import printing as printing  # ruff: ignore[module-import-not-at-top-of-file] - needs bp
from rental.inventory.views import stock as stock  # ruff: ignore[module-import-not-at-top-of-file] - needs bp
