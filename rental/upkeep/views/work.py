"""One unit's work page: the next step as a big button, what was done, the release."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.catalogue import queries as catalogue
from rental.catalogue.policy import Hygiene
from rental.foundation import clock
from rental.foundation.actor import AT_BENCH, HANDLES_UNITS, Actor
from rental.foundation.codes import read_unit_code, spaced
from rental.foundation.database import reading, transaction
from rental.foundation.errors import Conflict, DomainError, Invalid, NotAllowed
from rental.foundation.words import Sentence
from rental.inventory import queries as inventory
from rental.inventory.policy import (
    ACTION_WORDS,
    IN_UPKEEP,
    SETS_ASIDE,
    UnitAction,
    UnitState,
    actions,
)
from rental.inventory.queries import UnitView
from rental.people import queries as people
from rental.upkeep import presenters, queries, service
from rental.upkeep.forms import AnswerForm, StepForm
from rental.upkeep.policy import STEP_WORDS, StepKind, UpkeepReason
from rental.upkeep.views import bp
from rental.web.access import actor, staff
from rental.web.errors import status_of
from rental.web.links import see_other
from rental.web.say import say
from rental.web.security import scan_page


@bp.get("/upkeep/<string:code>")
@staff(*HANDLES_UNITS)
def work(code: str) -> str:
    """Show what is done and what comes next."""
    unit = inventory.unit(reading(), code=read_unit_code(code))
    return page(unit, actor())


def page(
    unit: UnitView, who: Actor, *, form: StepForm | None = None, refused: str | None = None
) -> str:
    """Return the work page, with a refusal on it if there was one."""
    scan_page()
    session = reading()
    kind = catalogue.kind_by_id(session, kind_id=unit.kind_id)
    found = queries.open_upkeep(session, unit.id)
    turn = queries.turn_of(session, unit)
    steps = found.steps if found else ()
    faults = queries.open_faults(session, unit.id)
    out = inventory.is_out(session, unit)
    at_work = unit.state in IN_UPKEEP | {UnitState.NEW}
    limits = queries.limits(session, unit)
    names = people.account_names(
        session, [*(step.done_by for step in steps), *(fault.reported_by for fault in faults)]
    )
    blockers = queries.blockers_for(session, unit, by=who.account_id, today=clock.now().on)
    return render_template(
        "upkeep/work.html",
        unit=unit,
        spaced=spaced(unit.code),
        kind=kind,
        status=presenters.status(unit.state),
        at_work=at_work,
        out=out,
        goes_back=turn.reason is not UpkeepReason.INTAKE,
        may_work=who.has(*AT_BENCH),
        required=presenters.step_words(turn),
        current=len(turn.counting) + 1,
        next=turn.left[0].value if at_work and turn.left else None,
        next_word=Sentence(STEP_WORDS[turn.left[0]]) if turn.left else None,
        next_help=Sentence(presenters.STEP_HELP[turn.left[0]]) if turn.left else None,
        two_tools=turn.hygiene is Hygiene.H3,
        limits=limits,
        form=form or _with_choices(StepForm(formdata=None), unit),
        events=presenters.events(steps, names),
        expected_on=found.expected_on if found and not faults and not unit.missing else None,
        blockers=blockers if at_work and not turn.left else (),
        ready=at_work and not turn.left,
        faults=[(fault, names.get(fault.reported_by or 0, "")) for fault in faults],
        answer=AnswerForm(formdata=None),
        acts=actions(unit.state, by=who, out=out),
        Act=UnitAction,
        apart=[
            (say(Sentence(ACTION_WORDS[act])), SETS_ASIDE[act].value)
            for act in actions(unit.state, by=who, out=out)
            if act in SETS_ASIDE
        ],
        why=None if at_work else queries.why_aside(session, unit_ids=[unit.id]).get(unit.id),
        refused=refused,
    )


def _with_choices(form: StepForm, unit: UnitView) -> StepForm:
    kind = catalogue.kind_by_id(reading(), kind_id=unit.kind_id)
    form.agent.choices = presenters.agent_choices()
    form.accessories.choices = [
        (part.name.zh, presenters.part_label(part.name, part.count))
        for part in kind.category.accessories
    ]
    return form


@bp.post("/upkeep/<string:code>/steps")
@staff(*AT_BENCH)
def log_step(code: str) -> ResponseReturnValue:
    """Write down the step that was done."""
    unit = inventory.unit(reading(), code=read_unit_code(code))
    form, who = _with_choices(StepForm(request.form), unit), actor()
    step = form.kind
    if step is None or form.result.data not in {"pass", "fail", "broken"} or not form.validate():
        return page(unit, who, form=form, refused=_("填写的内容有误，请核对后再提交。")), 422
    try:
        logged = _log(unit, step, form)
    except Invalid as refusal:
        if refusal.field and refusal.field in form:
            form.refuse(refusal.field, say(refusal.said))
        return page(unit, who, form=form, refused=say(refusal.said)), 422
    except (Conflict, NotAllowed) as refusal:
        return _refused(unit.code, refusal)
    return see_other("upkeep.work", _done(logged), code=unit.code)


def _log(unit: UnitView, step: StepKind, form: StepForm) -> service.Logged:
    disinfects = step is StepKind.DISINFECT
    wet = disinfects and form.chosen_agent is not None
    parts = [value for value, _label in form.accessories.choices]
    ticked = set(form.accessories.data or ())
    with transaction() as session:
        return service.log_step(
            session,
            unit_code=unit.code,
            step=step,
            passed=form.result.data == "pass",
            broken=form.result.data == "broken",
            agent=form.chosen_agent,
            concentration_mg_l=_chlorine(form) if wet else None,
            contact_minutes=form.contact_minutes.number if wet else None,
            dose=form.dose.number if wet else None,
            separate_tools=disinfects and bool(form.separate_tools.data),
            note=form.note.data or "",
            missing=_lacking(parts, ticked) if step is StepKind.INSPECT else None,
            by=actor(),
            at=clock.now(),
        )


def _chlorine(form: StepForm) -> int | None:
    """Return the strength; other agents have none, whatever stands in the box."""
    number: int | None = form.concentration_mg_l.number
    return number if form.chosen_agent == "chlorine" else None


def _lacking(parts: list[str], ticked: set[str]) -> list[str]:
    return [part for part in parts if part not in ticked]


def _done(logged: service.Logged) -> Any:
    if logged.state is UnitState.REPAIR:
        return _("已经记下，这件转去维修。")
    if not logged.left and logged.missing:
        return _("已经记下。还缺配件：%(parts)s，补齐后才能放行。", parts="、".join(logged.missing))
    if not logged.left:
        return _("步骤都做完了，请另一位同事放行。")
    return _("已经记下。下一步：%(step)s", step=say(Sentence(STEP_WORDS[logged.left[0]])))


@bp.post("/upkeep/<string:code>/release")
@staff(*AT_BENCH)
def release(code: str) -> ResponseReturnValue:
    """Sign that the unit may be lent again."""
    unit = read_unit_code(code)
    try:
        with transaction() as session:
            service.release(session, unit_code=unit, by=actor(), at=clock.now())
    except Conflict as refusal:
        return _refused(unit, refusal)
    return see_other("upkeep.work", _("已经放行，可以借出了。请放到净区。"), code=unit)


def _refused(code: str, refusal: DomainError) -> ResponseReturnValue:
    """Show the page as it is now, with the refusal on it."""
    unit = inventory.unit(reading(), code=code)
    return page(unit, actor(), refused=say(refusal.said)), status_of(refusal)
