"""The self-check: public, without an account, nothing stored, nothing in the address."""

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from rental.eligibility import presenters, queries
from rental.eligibility.forms import CheckForm, carried
from rental.eligibility.policy import assess
from rental.eligibility.views import bp
from rental.foundation import clock
from rental.foundation.database import reading
from rental.places import queries as places
from rental.web.access import public


@bp.get("/eligibility")
@public
def self_check() -> ResponseReturnValue:
    """Show the questions."""
    return _page(_form())


@bp.post("/eligibility")
@public(csrf=False)
def check_self() -> ResponseReturnValue:
    """Show the outcome; or the questions again, to correct or change the answers."""
    form = _form()
    is_sound = form.validate()
    declaration = form.declaration(today=clock.now().on)
    if not is_sound or form.errors:
        return _page(form), 422
    if "change" in request.form:
        return _page(form)
    rules = queries.rules(reading())
    assessment = assess(declaration, rules, clock.now().on)
    page = render_template(
        "eligibility/outcome.html",
        verdict=presenters.verdict(assessment),
        groups=presenters.groups(assessment),
        to_bring=presenters.to_bring(assessment, declaration, rules, today=clock.now().on),
        carried=carried(form),
    )
    return _private(page)


def _form() -> CheckForm:
    session = reading()
    form = CheckForm()
    form.offer_registers([(found.code, found.name) for found in places.communities(session)])
    form.offer(queries.rules(session).difficulties)
    return form


def _page(form: CheckForm) -> Response:
    return _private(render_template("eligibility/self_check.html", form=form))


def _private(page: str) -> Response:
    """Keep the answer out of every cache."""
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response
