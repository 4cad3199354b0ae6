"""The self-check: public, without an account, nothing stored, nothing in the address."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.eligibility import presenters, queries
from rental.eligibility.forms import CheckForm, carried
from rental.eligibility.policy import Declaration, assess
from rental.eligibility.views import bp
from rental.foundation import clock
from rental.foundation.database import reading
from rental.places import queries as places
from rental.web import drafts
from rental.web.access import public


@bp.get("/eligibility")
@public
def self_check() -> ResponseReturnValue:
    """Show the questions; with what was answered, to correct or change it."""
    wanted = "change" in request.args
    answers = drafts.read(path=_path()) if wanted else None
    form = _form(answers)
    if answers is not None:
        _declared(form)
    elif wanted:
        flash(_("您填的内容我们不保存，过了 15 分钟就没有了。请再填一次。"), "info")
    return drafts.page_to_fill_in(_page(form), path=_path())


@bp.post("/eligibility")
@public(csrf=False)
def check_self() -> ResponseReturnValue:
    """Lead to the outcome; or to the questions again, to correct or change the answers."""
    form = _form(request.form)
    declaration = _declared(form)
    again = bool(form.errors) or "change" in request.form
    address = url_for(".self_check", change=1) if again else url_for(".outcome")
    led = drafts.lead_to(address, carried(form), path=_path())
    if led is not None:
        return led
    if again:
        return drafts.private(_page(form)), 422 if form.errors else 200
    return drafts.private(_outcome(form, declaration))


@bp.get("/eligibility/outcome")
@public
def outcome() -> ResponseReturnValue:
    """Show what the answers come to."""
    answers = drafts.read(path=_path())
    if answers is None:
        return redirect(url_for(".self_check", change=1), 303)
    form = _form(answers)
    declaration = _declared(form)
    if form.errors:
        return redirect(url_for(".self_check", change=1), 303)
    return drafts.private(_outcome(form, declaration))


def _path() -> str:
    return url_for(".self_check")


def _form(answers: drafts.Answers | None) -> CheckForm:
    session = reading()
    form = CheckForm(formdata=answers)
    form.offer_registers([(found.code, found.name) for found in places.communities(session)])
    form.offer(queries.rules(session).difficulties)
    return form


def _declared(form: CheckForm) -> Declaration:
    """Return what is declared; what is wrong stands beside its field afterwards."""
    form.validate()
    return form.declaration(today=clock.now().on)


def _page(form: CheckForm) -> str:
    return render_template("eligibility/self_check.html", form=form)


def _outcome(form: CheckForm, declaration: Declaration) -> str:
    today, rules = clock.now().on, queries.rules(reading())
    assessment = assess(declaration, rules, today)
    return render_template(
        "eligibility/outcome.html",
        verdict=presenters.verdict(assessment),
        groups=presenters.groups(assessment),
        to_bring=presenters.to_bring(assessment, declaration, rules, today=today),
        carried=carried(form),
    )
