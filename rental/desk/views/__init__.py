"""Pages of the desk, and the resident's own page."""

from flask import Blueprint

bp = Blueprint("desk", __name__, template_folder="../templates")

from rental.desk.views import (  # ruff: ignore[module-import-not-at-top-of-file, unused-import]
    handing_over,
    home,
    pickups,
    placing,
    resident,
    taking_back,
    without_device,
)
