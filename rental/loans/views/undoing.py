"""Taking a wrong return or hand-over back: a page that says what becomes of it, and one button."""

from typing import TYPE_CHECKING

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.catalogue import queries as catalogue
from rental.foundation import clock
from rental.foundation.actor import AT_DESK
from rental.foundation.database import reading
from rental.foundation.errors import Conflict, DomainError
from rental.inventory import queries as inventory
from rental.loans import forms, queries, service
from rental.loans.policy.undoing import (
    NotConfirmedInPlace,
    UndoReason,
    issue_refusal,
    return_refusal,
)
from rental.loans.views import bp
from rental.loans.views.showing import allowed
from rental.reservations import queries as reservations
from rental.web.access import actor, staff
from rental.web.once import post_once
from rental.web.say import day, say

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@bp.get("/loans/<string:code>/undo-return")
@staff(*AT_DESK)
def undo_return_page(code: str) -> ResponseReturnValue:
    """Say what undoing the return does, or why it can't be undone any more."""
    return _return_page(code, forms.UndoReturnForm(formdata=None))


@bp.post("/loans/<string:code>/undo-return")
@staff(*AT_DESK)
def undo_return(code: str) -> ResponseReturnValue:
    """Take the return back: the resident still has the device."""
    allowed(code)
    form = forms.UndoReturnForm()
    if not form.validate():
        return _return_page(code, form), 422
    reason = UndoReason(form.reason.data)

    def act(session: "Session") -> tuple[str, str]:
        undone = service.undo_return(session, code, reason=reason, by=actor(), at=clock.now())
        if undone.displaced is not None:
            said = _(
                "预约 %(code)s（%(day)s 起）可能因此没有器具了，请联系居民改期或换一种。",
                code=undone.displaced.code,
                day=day(undone.displaced.starts_on),
            )
            flash(said, "warning")
        done = _("已撤销归还。租借照旧，最晚 %(day)s 归还。", day=day(undone.due_on))
        return url_for("loans.show", code=code), done

    try:
        return post_once(act)
    except Conflict as refusal:
        return _return_page(code, form, refusal), 409


@bp.get("/loans/<string:code>/undo-issue")
@staff(*AT_DESK)
def undo_issue_page(code: str) -> ResponseReturnValue:
    """Say what undoing the hand-over does, or why it can't be undone any more."""
    return _issue_page(code, forms.UndoIssueForm(formdata=None))


@bp.post("/loans/<string:code>/undo-issue")
@staff(*AT_DESK)
def undo_issue(code: str) -> ResponseReturnValue:
    """Take the hand-over back: the device never left the counter."""
    allowed(code)
    form = forms.UndoIssueForm()
    confirmed = bool(form.never_left.data)

    def act(session: "Session") -> tuple[str, str]:
        undone = service.undo_issue(session, code, never_left=confirmed, by=actor(), at=clock.now())
        if undone.reservation_code and not undone.waits_again:
            said = _("预约 %(code)s 恢复不了，请和居民重新约一次。", code=undone.reservation_code)
            flash(said, "warning")
        done = _("已撤销借出。器具 %(code)s 又可以借了，不用清洗。", code=undone.unit_code)
        return url_for("desk.unit", code=undone.unit_code), done

    try:
        return post_once(act)
    except NotConfirmedInPlace as refusal:
        form.refuse("never_left", say(refusal.said))
        return _issue_page(code, form), 422
    except Conflict as refusal:
        return _issue_page(code, form, refusal), 409


def _return_page(code: str, form: forms.UndoReturnForm, refusal: DomainError | None = None) -> str:
    loan, person = allowed(code)
    session, today = reading(), clock.now().on
    unit = inventory.unit_by_id(session, unit_id=loan.unit_id)
    asked = queries.return_to_undo(session, loan, unit, today=today)
    return render_template(
        "loans/undo_return.html",
        loan=loan,
        person=person,
        kind=catalogue.kind_by_id(session, kind_id=loan.kind_id),
        refusal=refusal or return_refusal(asked.facts),
        reported=asked.fault_code is not None,
        form=form,
    )


def _issue_page(code: str, form: forms.UndoIssueForm, refusal: DomainError | None = None) -> str:
    loan, person = allowed(code)
    session, today = reading(), clock.now().on
    unit = inventory.unit_by_id(session, unit_id=loan.unit_id)
    facts = queries.issue_to_undo(session, loan, unit, today=today)
    promise = loan.reservation_id and reservations.reservation_by_id(
        session, reservation_id=loan.reservation_id
    )
    return render_template(
        "loans/undo_issue.html",
        loan=loan,
        person=person,
        kind=catalogue.kind_by_id(session, kind_id=loan.kind_id),
        refusal=refusal or issue_refusal(facts),
        promise=promise,
        form=form,
    )
