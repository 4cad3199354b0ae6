"""Pages of units: the device's own page, the list, the forms, the labels."""

from flask import Blueprint

bp = Blueprint("inventory", __name__, template_folder="../templates")


from rental.inventory.views import device as device  # ruff: ignore[module-import-not-at-top-of-file] - needs bp
from rental.inventory.views import printing as printing  # ruff: ignore[module-import-not-at-top-of-file] - needs bp
from rental.inventory.views import stock as stock  # ruff: ignore[module-import-not-at-top-of-file] - needs bp
