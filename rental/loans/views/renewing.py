"""Renewing: a page that says until when, and one button."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.catalogue import queries as catalogue
from rental.foundation import clock
from rental.foundation.database import reading, transaction
from rental.foundation.errors import Conflict
from rental.inventory import queries as inventory
from rental.loans import forms, queries, service
from rental.loans.policy import CHECKS_UP, CheckUpNeeded
from rental.loans.views import bp
from rental.loans.views.showing import to_renew
from rental.web.access import actor, signed_in
from rental.web.say import day


@bp.get("/loans/<string:code>/renew")
@signed_in
def renew_page(code: str) -> ResponseReturnValue:
    """Say until when the loan would last, or why it can't be renewed."""
    return _page(code, None, forms.RenewForm(formdata=None))


@bp.post("/loans/<string:code>/renew")
@signed_in
def renew(code: str) -> ResponseReturnValue:
    """Renew the loan."""
    to_renew(code)
    form = forms.RenewForm()
    try:
        with transaction() as session:
            renewed = service.renew(
                session, code, by=actor(), at=clock.now(), checked_up=bool(form.checked_up.data)
            )
    except CheckUpNeeded as refusal:
        if not actor().has(*CHECKS_UP):
            return _page(code, refusal, form), 409
        form.refuse("checked_up", _("请先当面检查这件器具，检查好了打勾。"))
        return _page(code, None, form), 422
    except Conflict as refusal:
        return _page(code, refusal, form), 409
    flash(_("续借成功，可以用到 %(day)s。", day=day(renewed.due_on)), "success")
    return redirect(url_for("loans.show", code=code), 303)


def _page(code: str, refusal: Conflict | None, form: forms.RenewForm) -> str:
    loan, person = to_renew(code)
    session, by = reading(), actor()
    checks_up = by.has(*CHECKS_UP)
    unit = inventory.unit_by_id(session, unit_id=loan.unit_id)
    plan = queries.renewal(session, loan, unit=unit, at=clock.now(), checked_up=checks_up)
    return render_template(
        "loans/renew.html",
        loan=loan,
        person=person,
        by_staff=actor().is_staff,
        kind=catalogue.kind_by_id(session, kind_id=loan.kind_id),
        plan=plan,
        refusal=refusal or plan.refusal,
        checks_up=checks_up,
        own=by.resident_id == person.id,
        form=form,
    )
