"""The hand-over slip: what the resident takes home on paper."""

from flask import current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from rental.catalogue import queries as catalogue
from rental.foundation.database import reading
from rental.loans.policy import LoanState
from rental.loans.views import bp
from rental.loans.views.showing import allowed
from rental.places import queries as places
from rental.web.access import signed_in


@bp.get("/loans/<string:code>/slip")
@signed_in
def slip(code: str) -> ResponseReturnValue:
    """Show the slip for the printer. The unit's code stands on it as text, never as a QR code."""
    loan, person = allowed(code)
    if loan.state is LoanState.VOID:
        return redirect(url_for("loans.show", code=code), 303)
    session = reading()
    return render_template(
        "loans/slip.html",
        loan=loan,
        person=person,
        kind=catalogue.kind_by_id(session, kind_id=loan.kind_id),
        site=places.site_by_id(session, site_id=loan.site_id),
        hours=places.opening_lines(session, site_id=loan.site_id),
        address=current_app.extensions["rental_settings"].address,
    )
