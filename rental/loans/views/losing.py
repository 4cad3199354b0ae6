"""Giving a unit up."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.foundation import clock
from rental.foundation.actor import AT_DESK
from rental.foundation.database import transaction
from rental.loans import forms, service
from rental.loans.service.losing import LossUnexplained
from rental.loans.views import bp
from rental.loans.views.showing import allowed, page
from rental.web.access import actor, staff
from rental.web.say import say


@bp.post("/loans/<string:code>/lost")
@staff(*AT_DESK)
def mark_lost(code: str) -> ResponseReturnValue:
    """Note that the unit can't be found; the loan ends as lost."""
    allowed(code)
    form = forms.LostForm()
    if not form.validate():
        return page(code, form), 422
    try:
        with transaction() as session:
            service.mark_lost(session, code, reason=form.reason.data, by=actor(), at=clock.now())
    except LossUnexplained as refusal:
        form.refuse("reason", say(refusal.said))
        return page(code, form), 422
    flash(_("已登记为丢失。以后找到了，扫码办归还就行。"), "success")
    return redirect(url_for("loans.show", code=code), 303)
