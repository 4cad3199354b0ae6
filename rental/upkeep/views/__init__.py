"""Pages of the wash room: lists, one unit's work page, faults."""

from flask import Blueprint

bp = Blueprint("upkeep", __name__, template_folder="../templates")


from rental.upkeep.views import aside as aside  # ruff: ignore[module-import-not-at-top-of-file] - needs bp
from rental.upkeep.views import faults as faults  # ruff: ignore[module-import-not-at-top-of-file] - needs bp
from rental.upkeep.views import lists as lists  # ruff: ignore[module-import-not-at-top-of-file] - needs bp
from rental.upkeep.views import work as work  # ruff: ignore[module-import-not-at-top-of-file] - needs bp
