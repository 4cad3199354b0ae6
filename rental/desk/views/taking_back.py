"""Taking back: how it looks, what is missing, one big button."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rental.catalogue import queries as catalogue
from rental.desk import presenters
from rental.desk.forms import ReturnForm
from rental.desk.policy import Mode, NotOut
from rental.desk.views import bp
from rental.desk.views.handing_over import unit_at_desk
from rental.foundation import clock
from rental.foundation.actor import AT_DESK
from rental.foundation.database import reading, transaction
from rental.inventory import queries as inventory
from rental.inventory.queries import UnitView
from rental.loans import queries as loans
from rental.loans import service
from rental.loans.policy import Condition
from rental.loans.policy.undoing import offers_undo_return
from rental.people import queries as people
from rental.upkeep import queries as upkeep
from rental.upkeep.queries import Reported
from rental.web.access import actor, staff
from rental.web.say import say
from rental.web.security import scan_page


@bp.get("/desk/units/<string:code>/return")
@staff(*AT_DESK)
def return_form(code: str) -> ResponseReturnValue:
    """Ask how the unit came back."""
    found = unit_at_desk(code)
    if not inventory.is_out(reading(), found):
        return _not_out(found.code)
    reported = upkeep.reported_of(reading(), unit_id=found.id)
    return _page(found, ReturnForm(formdata=None), reported)


@bp.post("/desk/units/<string:code>/return")
@staff(*AT_DESK)
def take_back(code: str) -> ResponseReturnValue:
    """Take the unit back: it is dirty now."""
    found, form = unit_at_desk(code), ReturnForm()
    kind = catalogue.kind_by_id(reading(), kind_id=found.kind_id)
    form.offer(presenters.accessories(kind.category))
    if not form.validate():
        return _page(found, form, upkeep.reported_of(reading(), unit_id=found.id)), 422
    back = service.Return(
        unit_code=found.code,
        condition=Condition(form.condition.data),
        missing=tuple(form.missing.data),
        note=form.note.data or "",
    )
    with transaction() as session:
        taken = service.take_back(session, back, by=actor(), at=clock.now())
    return redirect(url_for("desk.returned", code=taken.loan_code), 303)


@bp.get("/desk/loans/<string:code>/returned")
@staff(*AT_DESK)
def returned(code: str) -> ResponseReturnValue:
    """Say that the return is recorded, and what comes next."""
    session = reading()
    loan = loans.loan(session, code=code)
    scan_page()
    return render_template(
        "desk/returned.html",
        loan=loan,
        person=people.person_for(session, code=loan.resident_code, by=actor()),
        kind=catalogue.kind_by_id(session, kind_id=loan.kind_id),
        damaged=loan.condition is Condition.DAMAGED,
        unusable=loan.condition is Condition.UNUSABLE,
        undo=offers_undo_return(loan.state, loan.returned_on, clock.now().on),
    )


def _mode() -> Mode:
    return Mode.named(request.args.get("mode"))


def _not_out(code: str) -> ResponseReturnValue:
    """Lead to the unit; whoever takes one return after the other goes on to the next."""
    if _mode() is not Mode.RETURN:
        return redirect(url_for("desk.unit", code=code), 303)
    flash(say(NotOut(code=code).said), "error")
    return redirect(url_for("desk.home", mode=Mode.RETURN), 303)


def _page(unit: UnitView, form: ReturnForm, reported: tuple[Reported, ...]) -> str:
    session, at = reading(), clock.now()
    kind = catalogue.kind_by_id(session, kind_id=unit.kind_id)
    loan = loans.latest_of_unit(session, unit_id=unit.id)
    form.offer(presenters.accessories(kind.category))
    return render_template(
        "desk/return.html",
        unit=unit,
        kind=kind,
        loan=loan,
        loan_state=presenters.loan_status(loan, today=at.on) if loan and loan.is_open else None,
        reported=reported,
        form=form,
        mode=_mode().value,
    )
