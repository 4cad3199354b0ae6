"""Pages of eligibility: the self-check, applying, and the reviewer's desk."""

from flask import Blueprint

bp = Blueprint("eligibility", __name__, template_folder="../templates")

from rental.eligibility.views import applying, papers, review, self_check  # ruff: ignore[module-import-not-at-top-of-file]

__all__ = ["applying", "bp", "papers", "review", "self_check"]
