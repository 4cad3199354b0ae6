"""Loan pages: translate HTTP to one use case and back."""

from flask import Blueprint

bp = Blueprint("loans", __name__, template_folder="../templates")

from rental.loans.views import listing, losing, renewing, showing, slip, undoing  # ruff: ignore[module-import-not-at-top-of-file, unused-import]
