"""Handing over: a person, a device, what stands against it, one big button."""

from collections.abc import Sequence

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rental.catalogue import queries as catalogue
from rental.desk import presenters, queries
from rental.desk.forms import IssueForm
from rental.desk.policy import Mode
from rental.desk.views import bp
from rental.foundation import clock
from rental.foundation.actor import AT_DESK, KNOWS_PEOPLE
from rental.foundation.codes import CodeKind, CodeUnreadable, is_code, read_unit_code
from rental.foundation.database import reading, transaction
from rental.foundation.errors import Conflict, DomainError, Invalid
from rental.inventory import queries as inventory
from rental.inventory.policy import LENDABLE, UnitState
from rental.inventory.queries import UnitNotFound, UnitView
from rental.loans import queries as loans
from rental.loans import service
from rental.loans.policy import Blocker, BlockerCode
from rental.loans.policy.acts import DueTooFar
from rental.loans.policy.undoing import offers_undo_issue
from rental.people import queries as people
from rental.people.queries import Person
from rental.reservations.policy import ReservationState
from rental.upkeep import queries as upkeep
from rental.web.access import actor, staff
from rental.web.say import say
from rental.web.security import scan_page


def person_at_desk(code: str) -> Person:
    """Return the resident, if the reader may look the resident up.

    Raises:
        ResidentNotFound: If there is none.
    """
    if not is_code(CodeKind.RESIDENT, code):
        raise people.ResidentNotFound
    return people.person_for(reading(), code=code, by=actor())


def unit_at_desk(code: str) -> UnitView:
    """Return the unit with the code, as typed or scanned.

    Raises:
        UnitNotFound: If there is none.
    """
    try:
        found = read_unit_code(code)
    except CodeUnreadable as refusal:
        raise UnitNotFound(code=code[:20]) from refusal
    return inventory.unit(reading(), code=found)


@bp.get("/desk/residents/<string:code>")
@staff(*KNOWS_PEOPLE)
def person(code: str) -> ResponseReturnValue:
    """Show the person: may they borrow, what do they have, what is waiting for them."""
    found, at = person_at_desk(code), clock.now()
    scan_page()
    session = reading()
    standing = queries.standing(session, found, at=at, with_renewals=False)
    return render_template(
        "desk/person.html",
        presenters=presenters,
        person=found,
        standing=standing,
        held=[(each, presenters.loan_status(each.loan, today=at.on)) for each in standing.held],
        reported=upkeep.reported(session, unit_ids=[each.loan.unit_id for each in standing.held]),
        promised=[(each, presenters.promise(each, to_staff=True)) for each in standing.promised],
        highlighted=request.args.get("reservation", ""),
        mode=Mode.named(request.args.get("mode")).value,
        at_desk=actor().has(*AT_DESK),
    )


@bp.get("/desk/units/<string:code>")
@staff(*KNOWS_PEOPLE)
def unit(code: str) -> ResponseReturnValue:
    """Show the scanned unit: what may be done with it here and now."""
    found, session, at = unit_at_desk(code), reading(), clock.now()
    scan_page()
    on_loan, lendable = found.state is UnitState.ON_LOAN, found.state in LENDABLE
    at_desk, mode = actor().has(*AT_DESK), Mode.named(request.args.get("mode"))
    loan = loans.open_loan_of_unit(session, unit_id=found.id) if on_loan else None
    return render_template(
        "desk/unit.html",
        unit=found,
        kind=catalogue.kind_by_id(session, kind_id=found.kind_id),
        state=presenters.unit_status(found.state),
        loan=loan,
        loan_state=presenters.loan_status(loan, today=at.on) if loan else None,
        lendable=lendable,
        lost=not on_loan and inventory.is_out(session, found),
        hint=presenters.why_not_lent(found.state),
        reported=upkeep.reported_of(session, unit_id=found.id),
        at_desk=at_desk,
        mode=mode.value,
        fields={"unit" if lendable and at_desk else "here": found.code, "mode": mode.value},
    )


@bp.get("/desk/residents/<string:code>/issue")
@staff(*AT_DESK)
def issue_page(code: str) -> ResponseReturnValue:
    """Show what the hand-over would be, and what stands against it."""
    form = IssueForm(formdata=None, data={"unit": request.args.get("unit", "")})
    form.reservation.data = request.args.get("reservation", "")
    return _page(code, form)


@bp.post("/desk/residents/<string:code>/issue")
@staff(*AT_DESK)
def hand_over(code: str) -> ResponseReturnValue:
    """Hand the unit over to the person."""
    person_at_desk(code)
    form = IssueForm()
    unit = unit_at_desk(form.unit.data or "")
    if not form.validate():
        return _page(code, form), 422
    try:
        with transaction() as session:
            issued = service.issue(session, _wish(code, unit, form), by=actor(), at=clock.now())
    except Invalid as refusal:
        if refusal.field not in {"due_on", "force_reason"}:
            raise
        form.refuse(refusal.field, say(refusal.said))
        return _page(code, form, too_far=isinstance(refusal, DueTooFar)), 422
    except Conflict as refusal:
        again = loans.open_loan_of_unit(reading(), unit_id=unit.id)
        if again is not None and again.resident_code == code:
            return redirect(url_for("desk.issued", code=again.code, again=1), 303)
        return _page(code, form, refusal=refusal), 409
    return redirect(url_for("desk.issued", code=issued.loan_code), 303)


@bp.get("/desk/loans/<string:code>/issued")
@staff(*AT_DESK)
def issued(code: str) -> ResponseReturnValue:
    """Say that the hand-over is recorded, and what comes next."""
    session = reading()
    loan = loans.loan(session, code=code)
    scan_page()
    return render_template(
        "desk/issued.html",
        loan=loan,
        person=people.person_for(session, code=loan.resident_code, by=actor()),
        kind=catalogue.kind_by_id(session, kind_id=loan.kind_id),
        again="again" in request.args,
        undo=offers_undo_issue(loan.state, loan.issued_on, loan.renewals, clock.now().on),
    )


def _wish(code: str, unit: UnitView, form: IssueForm) -> service.Issue:
    return service.Issue(
        unit_code=unit.code,
        resident_code=code,
        reservation_code=form.reservation.data or None,
        due_on=form.due_on.data,
        force_reason=form.force_reason.data or None,
        resident_kg=form.kg,
        taught=bool(form.taught.data),
    )


#: What the person is asked for beside the button, and the field that asks.
_ASKED_HERE = {
    BlockerCode.GUIDANCE_MISSING: "taught",
    BlockerCode.OVERWEIGHT: "resident_kg",
    BlockerCode.WEIGHT_MISSING: "resident_kg",
}


def _page(
    code: str, form: IssueForm, *, refusal: DomainError | None = None, too_far: bool = False
) -> str:
    """Return the page; what the person is asked for beside the button is no blocker of it.

    Args:
        code: The resident's.
        form: As it was posted.
        refusal: Why the hand-over was refused, None when it is only asked about.
        too_far: Whether the due date can only be had with a reason.
    """
    found, at, session = person_at_desk(code), clock.now(), reading()
    unit = unit_at_desk(form.unit.data or "")
    wish = service.Issue(
        unit_code=unit.code, resident_code=code, reservation_code=form.reservation.data or None
    )
    plan = loans.hand_over(session, wish, unit=unit, at=at)
    standing_against = [each for each in plan.blockers if each.code not in _ASKED_HERE]
    if isinstance(refusal, service.IssueBlocked):
        _say_beside_fields(form, refusal.blockers)
    scan_page()
    return render_template(
        "desk/issue.html",
        person=found,
        unit=unit,
        kind=plan.kind,
        plan=plan,
        blockers=standing_against,
        hard=any(not each.forceable for each in standing_against),
        too_far=too_far,
        movable=plan.reservation and plan.reservation.state is ReservationState.CONFIRMED,
        today=at.on,
        refusal=None if isinstance(refusal, service.IssueBlocked) else refusal,
        accessories=presenters.accessories(plan.kind.category),
        form=form,
    )


def _say_beside_fields(form: IssueForm, found: Sequence[Blocker]) -> None:
    """Say beside its field what is asked for there; a weight always, the rest when it is all."""
    only_asked = all(each.code in _ASKED_HERE for each in found)
    for each in found:
        field = _ASKED_HERE.get(each.code)
        if field == "resident_kg" or (only_asked and field is not None):
            form.refuse(field, f"{say(each.sentence)} {say(each.remedy)}")
