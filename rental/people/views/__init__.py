"""Pages of people: signing in and up, one's own data, the desk's twin, the manager's accounts."""

from datetime import UTC, datetime

from flask import Blueprint, Request, session

from rental.foundation import clock
from rental.people import queries
from rental.web.access import SignedIn, login

bp = Blueprint("people", __name__, template_folder="../templates")

#: Name of the session's own end (seconds since 1970) in the cookie.
UNTIL = "until"


@login.user_loader
def _of_session(text: str) -> SignedIn | None:
    """Return whose session it is, unless its time has run out."""
    until = session.get(UNTIL)
    if isinstance(until, int) and datetime.fromtimestamp(until, UTC) <= clock.now().at:
        return None
    return queries.signed_in_by_session(text)


@login.request_loader
def _of_token(request: Request) -> SignedIn | None:
    """Return whose bearer token came with the request."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return queries.signed_in_by_token(token.strip()) if scheme.lower() == "bearer" else None


from rental.people.views import (  # ruff: ignore[module-import-not-at-top-of-file] - they need bp
    consents,
    manage,
    my,
    residents,
    reveals,
    sign_in,
    sign_up,
    staff,
)

__all__ = [
    "bp",
    "consents",
    "manage",
    "my",
    "residents",
    "reveals",
    "sign_in",
    "sign_up",
    "staff",
]
