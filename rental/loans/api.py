"""Hand-over, return and renewal for programs, and taking the first two back."""

from typing import TYPE_CHECKING, Any

from apiflask import APIBlueprint
from flask.typing import ResponseReturnValue

from rental.foundation import clock
from rental.foundation.actor import AT_DESK
from rental.foundation.codes import read_code
from rental.foundation.database import reading
from rental.loans import queries, schemas, service
from rental.people import queries as people
from rental.web.access import actor, signed_in, staff
from rental.web.api import once

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

bp = APIBlueprint("loans_api", __name__, url_prefix="/api/v1", tag="loans")


@bp.post("/loans")
@staff(*AT_DESK)
@bp.input(schemas.IssueIn)
@bp.output(schemas.LoanOut, status_code=201)
def issue(json_data: schemas.IssueIn) -> ResponseReturnValue:
    """Hand a unit over: 201, or 409 with the blockers."""
    by, at = actor(), clock.now()
    wish = service.Issue(**json_data.model_dump())

    def act(session: "Session") -> tuple[dict[str, Any], int]:
        issued = service.issue(session, wish, by=by, at=at)
        return {
            "code": issued.loan_code,
            "unit_code": issued.unit_code,
            "resident_code": issued.resident_code,
            "reservation_code": issued.reservation_code,
            "state": "open",
            "issued_at": issued.issued_at.isoformat(),
            "issued_on": issued.issued_on.isoformat(),
            "due_on": issued.due_on.isoformat(),
            "forced": issued.forced,
            "blockers": list(issued.blockers),
        }, 201

    return once(act)


@bp.post("/units/<string:code>/return")
@staff(*AT_DESK)
@bp.input(schemas.ReturnIn)
@bp.output(schemas.ReturnOut)
def take_back(code: str, json_data: schemas.ReturnIn) -> ResponseReturnValue:
    """Take a unit back: it is dirty now and waits for upkeep."""
    by, at = actor(), clock.now()
    back = service.Return(
        unit_code=read_code(code).code,
        condition=json_data.condition,
        missing=tuple(json_data.missing_accessories),
        note=json_data.note,
        scanned_at=json_data.scanned_at,
    )

    def act(session: "Session") -> tuple[dict[str, Any], int]:
        taken = service.take_back(session, back, by=by, at=at)
        return {
            "loan_code": taken.loan_code,
            "unit_code": taken.unit_code,
            "state": taken.state.value,
            "returned_at": taken.returned_at.isoformat(),
            "returned_on": taken.returned_on.isoformat(),
            "condition": taken.condition.value,
            "missing_accessories": list(taken.missing),
            "free_from": taken.free_from.isoformat() if taken.free_from else None,
        }, 200

    return once(act)


@bp.post("/loans/<string:code>/renew")
@signed_in
@bp.input(schemas.RenewIn)
@bp.output(schemas.RenewOut)
def renew(code: str, json_data: schemas.RenewIn) -> ResponseReturnValue:
    """Move the due date to the end of another period; 409 with the reason when it can't be."""
    by, at = actor(), clock.now()
    session = reading()
    loan = queries.loan(session, code=code)
    person = people.person(session, code=loan.resident_code)
    queries.ensure_may_renew(session, person, by=by)

    def act(session: "Session") -> tuple[dict[str, Any], int]:
        renewed = service.renew(session, code, by=by, at=at, checked_up=json_data.checked_up)
        return {
            "code": renewed.loan_code,
            "unit_code": renewed.unit_code,
            "due_on": renewed.due_on.isoformat(),
            "renewals": renewed.renewals,
        }, 200

    return once(act)


@bp.post("/loans/<string:code>/undo-return")
@staff(*AT_DESK)
@bp.input(schemas.UndoReturnIn)
@bp.output(schemas.UndoReturnOut)
def undo_return(code: str, json_data: schemas.UndoReturnIn) -> ResponseReturnValue:
    """Take back a return of today that was none; 409 once the unit was touched since."""
    by, at = actor(), clock.now()

    def act(session: "Session") -> tuple[dict[str, Any], int]:
        undone = service.undo_return(session, code, reason=json_data.reason, by=by, at=at)
        return {
            "loan_code": undone.loan_code,
            "unit_code": undone.unit_code,
            "state": undone.state.value,
            "due_on": undone.due_on.isoformat(),
            "displaced": undone.displaced.code if undone.displaced else None,
        }, 200

    return once(act)


@bp.post("/loans/<string:code>/undo-issue")
@staff(*AT_DESK)
@bp.input(schemas.UndoIssueIn)
@bp.output(schemas.UndoIssueOut)
def undo_issue(code: str, json_data: schemas.UndoIssueIn) -> ResponseReturnValue:
    """Take back a hand-over of today; 422 unless the device never left the counter."""
    by, at = actor(), clock.now()
    confirmed = json_data.never_left

    def act(session: "Session") -> tuple[dict[str, Any], int]:
        undone = service.undo_issue(session, code, never_left=confirmed, by=by, at=at)
        return {
            "loan_code": undone.loan_code,
            "unit_code": undone.unit_code,
            "state": undone.state.value,
            "reservation_code": undone.reservation_code,
            "waits_again": undone.waits_again,
        }, 200

    return once(act)
