"""One loan."""

from datetime import date

from flask import render_template
from flask.typing import ResponseReturnValue

from rental.catalogue import queries as catalogue
from rental.foundation import clock
from rental.foundation.actor import AT_DESK
from rental.foundation.database import reading
from rental.inventory import queries as inventory
from rental.journal import queries as journal
from rental.loans import forms, presenters, queries
from rental.loans.policy import CHECKS_UP
from rental.loans.policy.undoing import offers_undo_issue, offers_undo_return
from rental.loans.queries import LoanView
from rental.loans.views import bp
from rental.people import queries as people
from rental.people.queries import Person
from rental.reservations import queries as reservations
from rental.upkeep import queries as upkeep
from rental.upkeep.queries import GoesWithout
from rental.web.access import actor, opens, signed_in


def allowed(code: str) -> tuple[LoanView, Person]:
    """Return the loan and its resident, if the reader may look at that resident.

    Raises:
        LoanNotFound: If there is no such loan.
        NotYourResident: If the reader may not.
    """
    loan = queries.loan(reading(), code=code)
    return loan, people.person_for(reading(), code=loan.resident_code, by=actor())


def to_renew(code: str) -> tuple[LoanView, Person]:
    """Return the loan and its resident, if the reader may renew it.

    Raises:
        LoanNotFound: If there is no such loan.
        NotYourResident, MayOnlyLook: If the reader may not.
    """
    loan, person = allowed(code)
    queries.ensure_may_renew(reading(), person, by=actor())
    return loan, person


@bp.get("/loans/<string:code>")
@signed_in
def show(code: str) -> ResponseReturnValue:
    """Show a loan: how it stands, what may be done next, what happened."""
    return page(code, forms.LostForm())


def page(code: str, form: forms.LostForm) -> str:
    """Return the page; the form is that of the staff's rarest act."""
    loan, person = allowed(code)
    session, at, by = reading(), clock.now(), actor()
    at_desk = by.has(*AT_DESK)
    history = journal.history(session, subject=f"loan:{loan.code}")
    actors = {each.actor_id for each in history if each.actor_id is not None}
    renewal = None
    if loan.is_open and queries.may_renew(session, person, by=by):
        unit = inventory.unit_by_id(session, unit_id=loan.unit_id)
        checked_up = by.has(*CHECKS_UP)
        renewal = queries.renewal(session, loan, unit=unit, at=at, checked_up=checked_up)
    return render_template(
        "loans/show.html",
        loan=loan,
        person=person,
        kind=catalogue.kind_by_id(session, kind_id=loan.kind_id),
        state=presenters.status_of(loan, today=at.on),
        condition=presenters.condition_word(loan.condition),
        renewal=renewal,
        late=loan.lateness(at.on),
        at_desk=at_desk,
        by_staff=by.is_staff,
        knows_loans=opens("loans.list_loans"),
        own=by.resident_id == person.id,
        form=form,
        without=_without(loan, today=at.on) if at_desk and loan.is_open else (),
        reported=upkeep.reported_of(session, unit_id=loan.unit_id)
        if by.is_staff and loan.is_open
        else (),
        undo_return=at_desk and offers_undo_return(loan.state, loan.returned_on, at.on),
        undo_issue=at_desk and offers_undo_issue(loan.state, loan.issued_on, loan.renewals, at.on),
        events=presenters.timeline(
            loan,
            history,
            names=people.account_names(session, actors) if by.is_staff else {},
            by_staff=by.is_staff,
        ),
    )


def _without(loan: LoanView, *, today: date) -> tuple[GoesWithout, ...]:
    """Return who would have no device if this one were lost."""
    session = reading()
    unit = inventory.unit_by_id(session, unit_id=loan.unit_id)
    return reservations.short_without(session, unit, today)
