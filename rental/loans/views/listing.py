"""Loans as lists."""

import re

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rental.catalogue import queries as catalogue
from rental.foundation import clock
from rental.foundation.actor import KNOWS_PEOPLE
from rental.foundation.codes import read_code
from rental.foundation.database import reading
from rental.inventory import queries as inventory
from rental.loans import presenters, queries
from rental.loans.views import bp
from rental.web.access import actor, staff
from rental.web.parts import Pages


@bp.get("/loans")
@staff(*KNOWS_PEOPLE)
def list_loans() -> ResponseReturnValue:
    """Show one page of the site's loans; the filter is in the address."""
    session, today = reading(), clock.now().on
    wanted = request.args.get("show", "")
    show = queries.Show(wanted) if wanted in set(queries.Show) else queries.Show.OPEN
    found = queries.loans(
        session,
        show=show,
        on=today,
        site_id=actor().site_id,
        page=_page_number(),
    )
    return render_template(
        "loans/list.html",
        show=show,
        total=found.total,
        cards=[
            presenters.card(loan, catalogue.kind_by_id(session, kind_id=loan.kind_id), today=today)
            for loan in found.loans
        ],
        shows=[
            (presenters.SHOW_WORDS[each], url_for("loans.list_loans", show=each.value), each)
            for each in queries.Show
        ],
        pages=Pages(
            found.number,
            found.pages,
            lambda n: url_for("loans.list_loans", show=show.value, page=n),
        ),
    )


def _page_number() -> int:
    text = request.args.get("page", "")
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 1


@bp.get("/u/<string:code>/loan")
@staff(*KNOWS_PEOPLE)
def of_unit(code: str) -> ResponseReturnValue:
    """Lead from a unit to its newest loan."""
    unit = inventory.unit(reading(), code=read_code(code).code)
    found = queries.latest_of_unit(reading(), unit_id=unit.id)
    if found is None:
        raise queries.LoanNotFound
    return redirect(url_for("loans.show", code=found.code), 303)
