"""Pages of the catalogue and of reservations."""

from typing import Any

from flask import Blueprint, has_request_context, request

from rental.foundation.codes import CodeKind, is_code
from rental.foundation.database import reading
from rental.foundation.errors import DomainError
from rental.people import queries as people
from rental.people.queries import Person
from rental.web.access import actor_or_none

bp = Blueprint("reservations", __name__, template_folder="../templates")

#: Pages on the way to a reservation; whoever asks on somebody's behalf keeps them in the address.
_ON_THE_WAY = frozenset({"reservations.catalogue", "reservations.kind", "reservations.reserve"})


def asked_for() -> str | None:
    """Return the code of the resident on whose behalf somebody looks around."""
    code = request.args.get("for", "") if has_request_context() else ""
    return code if is_code(CodeKind.RESIDENT, code) else None


def on_behalf() -> Person | None:
    """Return the resident on whose behalf the reader looks around; None for the reader's own."""
    code, by = asked_for(), actor_or_none()
    if code is None or by is None:
        return None
    try:
        found = people.person_for(reading(), code=code, by=by)
    except DomainError:
        return None
    return None if found.id == by.resident_id else found


@bp.app_url_defaults
def keep_resident(endpoint: str, values: dict[str, Any]) -> None:
    """Carry the resident from page to page."""
    if endpoint in _ON_THE_WAY and "for" not in values:
        values["for"] = asked_for()


from rental.reservations.views import catalogue as catalogue  # ruff: ignore[module-import-not-at-top-of-file]
from rental.reservations.views import promises as promises  # ruff: ignore[module-import-not-at-top-of-file]
from rental.reservations.views import wishes as wishes  # ruff: ignore[module-import-not-at-top-of-file]
