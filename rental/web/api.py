"""API kit: problem details for refused input, and acts that a replayed request does not repeat."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Response, current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from rental.foundation import clock, idempotency
from rental.foundation.actor import Actor
from rental.foundation.database import transaction
from rental.foundation.errors import Busy, DomainError, Invalid
from rental.foundation.words import N_
from rental.web.access import actor
from rental.web.errors import as_problem, problem, problem_of

Act = Callable[[Session], tuple[dict[str, Any], int]]

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
    try:
        text, status = _act(act, claim)
    except Busy:
        raise
    except DomainError as refusal:
        return _refused(claim, refusal)
    except IntegrityError as error:
        if claim and "idempotency_key" in str(error.orig):
            return _again(claim)
        raise
    return _answer(text, status)


def _act(act: Act, claim: idempotency.Claim | None) -> tuple[str, int]:
    """Return the kept answer of the key, or act and keep the answer."""
    with transaction() as session:
        kept = idempotency.find(session, claim) if claim else None
        if kept is not None:
            return kept.body, kept.status
        body, status = act(session)
        text = current_app.json.dumps(body)
        if claim:
            idempotency.keep(session, claim, status=status, body=text, at=clock.now())
    return text, status


def _claim(who: Actor) -> idempotency.Claim | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise IdempotencyKeyUnreadable
    said = f"{request.method} {request.path}\n".encode() + request.get_data(cache=True)
    return idempotency.Claim(who.account_id or 0, key, hashlib.sha256(said).hexdigest())


def _refused(claim: idempotency.Claim | None, refusal: DomainError) -> ResponseReturnValue:
    """Answer with what the key's first request got; else keep this refusal and answer with it."""
    if claim is None or isinstance(refusal, idempotency.KeyUsedForSomethingElse):
        raise refusal
    body, status = problem_of(refusal)
    with transaction() as session:
        kept = idempotency.find(session, claim)
        if kept is None:
            text = current_app.json.dumps(body)
            idempotency.keep(session, claim, status=status, body=text, at=clock.now())
            kept = idempotency.Kept(status, text)
    return _answer(kept.body, kept.status)


def _again(claim: idempotency.Claim) -> ResponseReturnValue:
    """Two requests with one key ran at once: the other one won, so give its answer."""
    with transaction() as session:
        kept = idempotency.find(session, claim)
    if kept is None:
        raise Busy
    return _answer(kept.body, kept.status)


def _answer(text: str, status: int) -> Response:
    if status >= 400:  # ruff: ignore[magic-value-comparison] - problems have a type of their own
        return as_problem(json.loads(text), status)
    return Response(text, status, content_type="application/json")


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
