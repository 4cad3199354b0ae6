"""Pages and buttons that take a unit out of service or bring it back."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.catalogue import queries as catalogue
from rental.foundation import clock
from rental.foundation.actor import HANDLES_UNITS
from rental.foundation.codes import read_unit_code, spaced
from rental.foundation.database import reading, transaction
from rental.foundation.words import Sentence
from rental.inventory import queries as inventory
from rental.inventory.policy import ACTION_WORDS, SETS_ASIDE, UnitState
from rental.inventory.queries import UnitView
from rental.upkeep import presenters, queries, service
from rental.upkeep.forms import SetAsideForm
from rental.upkeep.views import bp
from rental.web.access import actor, staff
from rental.web.links import see_other
from rental.web.say import say

_TITLES = {state: ACTION_WORDS[action] for action, state in SETS_ASIDE.items()}


@bp.get("/upkeep/<string:code>/set-aside/<string:to>")
@staff(*HANDLES_UNITS)
def set_aside_page(code: str, to: str) -> str:
    """Ask why, and say who would have no device."""
    unit = inventory.unit(reading(), code=read_unit_code(code))
    state = _state(to)
    service.ensure_may_set_aside(unit, state, by=actor())
    return _ask(unit, state, SetAsideForm(formdata=None))


def _state(to: str) -> UnitState:
    """Return the state that the address names; the page is not there for others."""
    if to not in _TITLES:
        abort(404)
    return UnitState(to)


@bp.post("/upkeep/<string:code>/set-aside/<string:to>")
@staff(*HANDLES_UNITS)
def set_aside(code: str, to: str) -> ResponseReturnValue:
    """Take the unit out of service."""
    unit, state = inventory.unit(reading(), code=read_unit_code(code)), _state(to)
    form = SetAsideForm(request.form)
    if not form.validate():
        return _ask(unit, state, form), 422
    try:
        with transaction() as session:
            service.set_aside(
                session,
                unit_code=unit.code,
                to=state,
                reason=form.reason.data or "",
                by=actor(),
                at=clock.now(),
            )
    except service.WhySetAside as refusal:
        form.refuse("reason", say(refusal.said))
        return _ask(unit, state, form), 422
    done = say(Sentence(presenters.ASIDE_DONE[state]))
    return see_other("inventory.show", done, code=unit.code)


def _ask(unit: UnitView, to: UnitState, form: SetAsideForm) -> str:
    session = reading()
    return render_template(
        "upkeep/set_aside.html",
        unit=unit,
        spaced=spaced(unit.code),
        kind=catalogue.kind_by_id(session, kind_id=unit.kind_id),
        to=to.value,
        title=Sentence(_TITLES[to]),
        warning=Sentence(presenters.ASIDE_WARNINGS[to]),
        without=queries.go_without(session, unit, today=clock.now().on),
        form=form,
    )


@bp.post("/upkeep/<string:code>/back-to-wash")
@staff(*HANDLES_UNITS)
def back_to_wash(code: str) -> ResponseReturnValue:
    """Bring the unit back to the start of the wash room."""
    unit = read_unit_code(code)
    with transaction() as session:
        service.back_to_wash(session, unit_code=unit, by=actor(), at=clock.now())
    return see_other("upkeep.work", _("已退回清洗，请从第一步做起。"), code=unit)


@bp.post("/upkeep/<string:code>/complete-kit")
@staff(*HANDLES_UNITS)
def complete_kit(code: str) -> ResponseReturnValue:
    """Note that the lacking accessories are there again."""
    unit = read_unit_code(code)
    with transaction() as session:
        service.complete_kit(session, unit_code=unit, by=actor(), at=clock.now())
    return see_other("upkeep.work", _("配件已补齐。"), code=unit)
