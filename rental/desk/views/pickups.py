"""Who is expected: today, tomorrow, and on the next seven days."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from rental.desk import presenters, queries
from rental.desk.policy import Span
from rental.desk.views import bp
from rental.foundation import clock
from rental.foundation.actor import KNOWS_PEOPLE
from rental.foundation.database import reading
from rental.places import queries as places
from rental.web.access import actor, staff
from rental.web.parts import Pages

PER_PAGE = 100
_MAX_PAGE = 10**6


@bp.get("/desk/pickups")
@staff(*KNOWS_PEOPLE)
def pickups() -> ResponseReturnValue:
    """List who fetches a device or gets one brought, by half days; the span is in the address."""
    session, today = reading(), clock.now().on
    asked, number = request.args.get("on", ""), request.args.get("page", 1, type=int)
    span = Span(asked) if asked in set(Span) else Span.TODAY
    found = queries.expected(
        session,
        site_id=actor().site_id or places.point(session).id,
        span=span,
        on=today,
        page=number if 0 < number < _MAX_PAGE else 1,
        most=PER_PAGE,
    )
    return render_template(
        "desk/pickups.html",
        span=span,
        spans=presenters.spans(today, span),
        total=found.total,
        groups=presenters.by_half_day(found.pickups, today=today),
        pages=Pages(
            found.number,
            found.pages,
            lambda n: url_for("desk.pickups", on=span.value, page=n),
        ),
    )
