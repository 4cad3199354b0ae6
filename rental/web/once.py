"""Forms that do something only once, however often their button is pressed or resent."""

import hashlib
import re
import secrets
from collections.abc import Callable

from flask import Flask, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from rental.foundation import idempotency
from rental.foundation.idempotency import Claim, Kept
from rental.web.access import actor

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,40}")
_SEE_OTHER = 303


def post_once(act: Callable[[Session], tuple[str, str]]) -> ResponseReturnValue:
    """Run the act in one transaction, lead to the address that it returns and say what was done.

    The same form sent again, unchanged, leads there without acting again; what was changed before
    it was sent again counts as something new.

    Args:
        act: Calls one service function; returns where to go and what to say there.
    """
    done = ""

    def run(session: Session) -> Kept:
        nonlocal done
        address, done = act(session)
        return Kept(_SEE_OTHER, address)

    kept = idempotency.once(_claim(), run)
    if done:
        flash(done, "success")
    else:
        flash(_("这一页刚才已经提交过，没有重复登记。"), "info")
    return redirect(kept.body, kept.status)


def _claim() -> Claim | None:
    """Return the claim of the form's token, None without a sound one."""
    if not _TOKEN.fullmatch(request.form.get("once", "")):
        return None
    said = sorted(pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token")
    digest = hashlib.sha256(repr((request.path, said)).encode()).hexdigest()
    return Claim(actor().account_id or 0, f"form-{digest}", digest)


def register_once(app: Flask) -> None:
    """Let forms carry a token of their own."""
    app.jinja_env.globals["form_token"] = lambda: secrets.token_urlsafe(15)
