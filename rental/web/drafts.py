"""What somebody typed, handed from a post to the page that answers it, and kept nowhere here.

The answer to a post can't be gone back to: the browser asks to send everything again, and shows
an error if it may not. So the post leads on to an address, and the words go along in a cookie
that only this service can open: encrypted, bound to the page and the account, hidden from scripts,
and worthless after a quarter of an hour. A browser that keeps no cookies gets its answer directly.
"""

import json
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from flask import Response, current_app, make_response, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from rental.foundation import clock
from rental.foundation.crypto import decrypt, encrypt
from rental.web.access import actor_or_none

KEPT_S = 15 * 60
LONGEST = 3500

_NAME = "draft"
_KEEPS = "cookies"

Answers = MultiDict[str, str]


def page_to_fill_in(page: str, *, path: str) -> Response:
    """Return the page with the form, and learn whether the browser keeps cookies under the path."""
    response = private(page)
    if not request.cookies:
        _set(response, _KEEPS, "1", path=path)
    return response


def lead_to(address: str, pairs: Iterable[tuple[str, str]], *, path: str) -> Response | None:
    """Return the way to the address with the names and values in a cookie for the path.

    None if the browser keeps no cookies, or if it is too much for one: answer directly then.
    """
    if not request.cookies:
        return None
    began = int(clock.now().at.timestamp())
    sealed = encrypt(json.dumps([began, list(pairs)]), column=_bound_to(path))
    if len(sealed) > LONGEST:
        return None
    response = private(redirect(address, 303))
    _set(response, _NAME, sealed, path=path)
    return response


def read(*, path: str) -> Answers | None:
    """Return what was handed on for the path; None if there is nothing, or no longer."""
    try:
        opened = decrypt(request.cookies.get(_NAME, ""), column=_bound_to(path))
        began, pairs = json.loads(opened)
    except (InvalidTag, KeyError, ValueError):
        return None
    age = clock.now().at.timestamp() - began
    return MultiDict((name, value) for name, value in pairs) if 0 <= age <= KEPT_S + 1 else None


def forget(response: Response, *, path: str) -> Response:
    """Have the browser drop what was handed on for the path."""
    response.delete_cookie(_NAME, path=path)
    return response


def private(answer: ResponseReturnValue) -> Response:
    """Keep the answer out of every cache."""
    response = make_response(answer)
    response.headers["Cache-Control"] = "no-store"
    return response


def _bound_to(path: str) -> str:
    """Return what is sealed in with the words: they open nowhere else, and to nobody else."""
    who = actor_or_none()
    return f"draft:{path}:{who.account_id if who else ''}"


def _set(response: Response, name: str, value: str, *, path: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=KEPT_S,
        path=path,
        httponly=True,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        samesite="Lax",
    )
