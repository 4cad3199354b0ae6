"""Pages of the catalogue and of reservations."""

from typing import Any

from flask import Blueprint, has_request_context, request

from rental.foundation.codes import CodeKind, is_code

bp = Blueprint("reservations", __name__, template_folder="../templates")

#: Pages on the way to a reservation; whoever asks on somebody's behalf keeps them in the address.
_ON_THE_WAY = frozenset({"reservations.catalogue", "reservations.kind", "reservations.reserve"})


def asked_for() -> str | None:
    """Return the code of the resident on whose behalf somebody looks around."""
    code = request.args.get("for", "") if has_request_context() else ""
    return code if is_code(CodeKind.RESIDENT, code) else None


@bp.app_url_defaults
def keep_resident(endpoint: str, values: dict[str, Any]) -> None:
    """Carry the resident from page to page."""
    if endpoint in _ON_THE_WAY and "for" not in values:
        values["for"] = asked_for()


from rental.reservations.views import catalogue as catalogue  # ruff: ignore[module-import-not-at-top-of-file]
from rental.reservations.views import promises as promises  # ruff: ignore[module-import-not-at-top-of-file]
from rental.reservations.views import wishes as wishes  # ruff: ignore[module-import-not-at-top-of-file]
