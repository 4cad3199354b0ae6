"""Reporting that a device is broken, for anybody; answering it, for staff."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.catalogue import queries as catalogue
from rental.foundation import clock
from rental.foundation.actor import HANDLES_UNITS
from rental.foundation.codes import read_unit_code, spaced
from rental.foundation.database import reading, transaction
from rental.foundation.errors import Conflict
from rental.inventory import queries as inventory
from rental.inventory.queries import UnitView
from rental.upkeep import queries, service
from rental.upkeep.forms import AnswerForm, FaultForm
from rental.upkeep.views import bp
from rental.web.access import actor, actor_or_none, public, staff
from rental.web.links import see_other


@bp.get("/u/<string:code>/fault")
@public
def report_fault(code: str) -> str:
    """Ask what is wrong with the device; nobody needs an account."""
    unit = inventory.unit(reading(), code=read_unit_code(code))
    return _ask(unit, FaultForm(formdata=None))


@bp.post("/u/<string:code>/fault")
@public
def send_fault(code: str) -> ResponseReturnValue:
    """Keep the report."""
    unit = inventory.unit(reading(), code=read_unit_code(code))
    form = FaultForm(request.form)
    if not form.validate():
        return _ask(unit, form), 422
    try:
        with transaction() as session:
            service.report_fault(
                session,
                unit_code=unit.code,
                what=str(form.what.data),
                by=actor_or_none(),
                at=clock.now(),
            )
    except service.TooManyReports:
        return _thank(unit, known=True)
    done = _("我们已经收到，谢谢您。")
    return see_other("upkeep.thank_for_fault", done, code=unit.code)


@bp.get("/u/<string:code>/fault/thanks")
@public
def thank_for_fault(code: str) -> str:
    """Say what happens next."""
    return _thank(inventory.unit(reading(), code=read_unit_code(code)), known=False)


def _ask(unit: UnitView, form: FaultForm) -> str:
    return render_template("upkeep/fault.html", form=form, **_of(unit))


def _thank(unit: UnitView, *, known: bool) -> str:
    return render_template("upkeep/thanks.html", known=known, **_of(unit))


def _of(unit: UnitView) -> dict[str, object]:
    return {
        "unit": unit,
        "spaced": spaced(unit.code),
        "kind": catalogue.kind_by_id(reading(), kind_id=unit.kind_id),
    }


@bp.post("/upkeep/faults/<string:code>/close")
@staff(*HANDLES_UNITS)
def close_fault(code: str) -> ResponseReturnValue:
    """Close the report with what was done about it."""
    fault = queries.fault(reading(), code=code)
    unit = inventory.unit_by_id(reading(), unit_id=fault.unit_id)
    form = AnswerForm(request.form)
    if not form.validate():
        return _answer(unit, fault, form), 422
    try:
        with transaction() as session:
            service.close_fault(
                session,
                fault_code=fault.code,
                answer=str(form.answer.data),
                by=actor(),
                at=clock.now(),
            )
    except Conflict:
        return see_other("upkeep.work", _("这条已经有同事处理完了。"), code=unit.code)
    return see_other("upkeep.work", _("故障已处理完，谢谢。"), code=unit.code)


def _answer(unit: UnitView, fault: queries.FaultView, form: AnswerForm) -> str:
    return render_template("upkeep/answer.html", form=form, fault=fault, **_of(unit))
