"""API kit: problem details for refused input, and acts that a replayed request does not repeat."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Response, current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rental.foundation import idempotency
from rental.foundation.actor import Actor
from rental.foundation.errors import Busy, DomainError, Invalid
from rental.foundation.idempotency import Kept
from rental.foundation.words import N_
from rental.web.access import actor
from rental.web.errors import as_problem, problem, problem_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Act = Callable[["Session"], tuple[dict[str, Any], int]]

_KEY = re.compile(r"[\x21-\x7e]{1,100}")


class IdempotencyKeyUnreadable(Invalid):
    """The header is empty, too long, or holds spaces or control characters."""

    sentence = N_("Idempotency-Key 应为 1 到 100 个可见的英文字符，中间没有空格。")
    field = "Idempotency-Key"


def once(act: Act) -> ResponseReturnValue:
    """Run the act in the request's one transaction; a replay of its key gets the first answer.

    Refusals are kept too, so that the same key never succeeds later by surprise. Without a key
    the act simply runs.

    Args:
        act: Takes the open session, calls one service function, returns JSON body and status.

    Raises:
        idempotency.KeyUsedForSomethingElse: If the key came with another body before.
    """
    claim = _claim(actor())

    def run(session: "Session") -> Kept:
        body, status = act(session)
        return Kept(status, current_app.json.dumps(body))

    try:
        kept = idempotency.once(claim, run)
    except (Busy, idempotency.KeyUsedForSomethingElse):
        raise
    except DomainError as refusal:
        if claim is None:
            raise
        kept = idempotency.once(claim, _refusing(refusal))
    return _answer(kept)


def _refusing(refusal: DomainError) -> Callable[["Session"], Kept]:
    """Return the act that keeps the refusal as the key's answer."""
    body, status = problem_of(refusal)
    return lambda _session: Kept(status, current_app.json.dumps(body))


def _claim(who: Actor) -> idempotency.Claim | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise IdempotencyKeyUnreadable
    said = f"{request.method} {request.path}\n".encode() + request.get_data(cache=True)
    return idempotency.Claim(who.account_id or 0, key, hashlib.sha256(said).hexdigest())


def _answer(kept: Kept) -> Response:
    if kept.status >= 400:  # ruff: ignore[magic-value-comparison] - problems have a type of their own
        return as_problem(json.loads(kept.body), kept.status)
    return Response(kept.body, kept.status, content_type="application/json")


def register_api(app: APIFlask) -> None:
    """Describe the API and answer refused input as problem details."""
    app.security_schemes = {"BearerAuth": {"type": "http", "scheme": "bearer"}}
    app.config["VALIDATION_ERROR_STATUS_CODE"] = 422

    def refused(error: HTTPError) -> ResponseReturnValue:
        details = error.detail if isinstance(error.detail, dict) else {}
        title = gettext("有些内容填得不对，请按每一项的说明改正。")
        if error.status_code != 422:  # ruff: ignore[magic-value-comparison] - not a refused field
            title = str(error.message)
        body = problem(
            error.status_code, title=title, code="invalid", errors=list(_fields(details))
        )
        return as_problem(body, error.status_code)

    app.error_callback = refused  # type: ignore[assignment]  # its decorator would also take over the HTML error pages


def _fields(details: dict[str, Any]) -> list[dict[str, str]]:
    """Return one entry per refused field, named by its path, e.g. ``grounds.0.expires_on``."""
    found: list[dict[str, str]] = []

    def walk(value: Any, path: str) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(inner, f"{path}.{key}".strip("."))
        elif isinstance(value, list | tuple):
            found.extend({"field": path, "message": str(message)} for message in value)
        else:
            found.append({"field": path, "message": str(value)})

    for inner in details.values():
        walk(inner, "")
    return found
