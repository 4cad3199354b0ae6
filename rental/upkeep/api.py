"""The API of the wash room."""

from typing import TYPE_CHECKING, Any

from apiflask import APIBlueprint
from flask.typing import ResponseReturnValue

from rental.foundation import clock
from rental.foundation.actor import AT_BENCH, HANDLES_UNITS
from rental.foundation.codes import read_unit_code
from rental.inventory import queries as inventory
from rental.inventory.policy import UnitState
from rental.upkeep import queries, service
from rental.upkeep.policy import Agent
from rental.upkeep.schemas import ReleaseOut, SetAsideIn, SetAsideOut, StepIn, StepOut
from rental.web.access import actor, staff
from rental.web.api import once

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

bp = APIBlueprint("upkeep_api", __name__, url_prefix="/api/v1", tag="Upkeep")

_REFUSALS: dict[int, str] = {
    401: "Nobody is signed in",
    403: "Not this caller's step",
    404: "No such unit",
    422: "Something in the body is wrong; errors name the field",
}


@bp.post("/units/<string:code>/upkeep")
@staff(*AT_BENCH)
@bp.input(StepIn)
@bp.output(StepOut, status_code=201)
@bp.doc(
    summary="Write down a step",
    description="Cleaning, disinfection, inspection: only the next step of the unit's hygiene "
    "class counts. Send an Idempotency-Key.",
    security="BearerAuth",
    responses={**_REFUSALS, 409: "Another step comes first"},
)
def log_step(code: str, json_data: StepIn) -> ResponseReturnValue:
    """Write down a step of a unit's turn."""

    def act(session: "Session") -> tuple[dict[str, Any], int]:
        logged = service.log_step(
            session,
            unit_code=read_unit_code(code),
            step=json_data.step,
            passed=json_data.passed,
            agent=Agent(json_data.agent) if json_data.agent else None,
            concentration_mg_l=json_data.concentration_mg_l,
            contact_minutes=json_data.contact_minutes,
            dose=json_data.dose,
            separate_tools=json_data.separate_tools,
            note=json_data.note,
            missing=json_data.missing_accessories,
            broken=json_data.broken,
            by=actor(),
            at=clock.now(),
        )
        body = StepOut(unit_code=logged.unit_code, state=logged.state, steps_left=list(logged.left))
        return body.model_dump(mode="json"), 201

    return once(act)


@bp.post("/units/<string:code>/release")
@staff(*AT_BENCH)
@bp.output(ReleaseOut, status_code=201)
@bp.doc(
    summary="Release a unit",
    description="The signed act that makes a unit lendable again. 409 carries `blockers`: code "
    "and sentence of everything that stands against it. Send an Idempotency-Key.",
    security="BearerAuth",
    responses={**_REFUSALS, 409: "Not yet; see blockers"},
)
def release(code: str) -> ResponseReturnValue:
    """Release a unit."""

    def act(session: "Session") -> tuple[dict[str, Any], int]:
        unit_code = read_unit_code(code)
        service.release(session, unit_code=unit_code, by=actor(), at=clock.now())
        body = ReleaseOut(unit_code=unit_code, state=UnitState.AVAILABLE)
        return body.model_dump(mode="json"), 201

    return once(act)


@bp.post("/units/<string:code>/set-aside")
@staff(*HANDLES_UNITS)
@bp.input(SetAsideIn)
@bp.output(SetAsideOut, status_code=201)
@bp.doc(
    summary="Take a unit out of service",
    description="To repair, to quarantine, for good, or because it can't be found; the reason has "
    "at least 5 characters and nothing personal. Names the reservations that have no device "
    "through it: call those people. Send an Idempotency-Key.",
    security="BearerAuth",
    responses={**_REFUSALS, 409: "Not from where the unit stands"},
)
def set_aside(code: str, json_data: SetAsideIn) -> ResponseReturnValue:
    """Take a unit out of service."""

    def act(session: "Session") -> tuple[dict[str, Any], int]:
        at = clock.now()
        unit = inventory.unit(session, code=read_unit_code(code))
        without = queries.go_without(session, unit, today=at.on)
        service.set_aside(
            session,
            unit_code=unit.code,
            to=json_data.to,
            reason=json_data.reason,
            by=actor(),
            at=at,
        )
        body = SetAsideOut(
            unit_code=unit.code,
            state=json_data.to,
            reservations_without_device=[each.code for each in without],
        )
        return body.model_dump(mode="json"), 201

    return once(act)
