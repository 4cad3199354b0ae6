"""What a code is, for programs."""

from typing import TYPE_CHECKING, Any

from apiflask import APIBlueprint
from flask import url_for
from flask.typing import ResponseReturnValue

from rental.desk import policy, presenters, schemas
from rental.desk.policy import Goal, Situation
from rental.foundation.actor import AT_DESK, KNOWS_PEOPLE, Actor
from rental.foundation.codes import CodeKind, ScannedCode, read_code
from rental.inventory import queries as inventory
from rental.inventory.policy import SETS_ASIDE, UnitAction, UnitState, actions
from rental.loans import queries as loans
from rental.people import queries as people
from rental.reservations import queries as reservations
from rental.web.access import actor, signed_in
from rental.web.api import once

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

bp = APIBlueprint("desk_api", __name__, url_prefix="/api/v1", tag="desk")

_ACTS: dict[UnitAction, tuple[str, str]] = {
    UnitAction.ISSUE: ("POST", "/api/v1/loans"),
    UnitAction.TAKE_BACK: ("POST", "/api/v1/units/{code}/return"),
    UnitAction.UPKEEP: ("POST", "/api/v1/units/{code}/upkeep"),
    UnitAction.RELEASE: ("POST", "/api/v1/units/{code}/release"),
    UnitAction.REPORT_FAULT: ("GET", "/u/{code}/fault"),
    **dict.fromkeys(SETS_ASIDE, ("POST", "/api/v1/units/{code}/set-aside")),
}


@bp.post("/scans")
@signed_in
@bp.input(schemas.ScanIn)
@bp.output(schemas.ScanOut)
def scan(json_data: schemas.ScanIn) -> ResponseReturnValue:
    """Say what a code is and what this caller may do next."""
    by = actor()
    scanned = read_code(json_data.code)

    def act(session: "Session") -> tuple[dict[str, Any], int]:
        return _said(session, scanned, by), 200

    return once(act)


def _said(session: "Session", scanned: ScannedCode, by: Actor) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": policy.type_of(scanned.kind),
        "code": scanned.code,
        "document": None,
        "state": None,
        "href": None,
        "actions": [],
    }
    if scanned.kind is CodeKind.UNIT:
        return found | _unit(session, scanned.code, by)
    if found["type"] == "document":
        found["document"] = scanned.kind.name.lower()
    return found | _other(session, scanned, by)


def _unit(session: "Session", code: str, by: Actor) -> dict[str, Any]:
    """Return the state and the legal next actions; strangers to the desk learn no state."""
    unit = inventory.unit(session, code=code)
    href = url_for("inventory.show", code=code)
    if by.has(*KNOWS_PEOPLE):
        href = url_for("desk.unit", code=code)
    return {
        "state": unit.state.value if by.is_staff else None,
        "href": href,
        "actions": [
            _action(act.value, *_ACTS[act], code=code)
            for act in actions(unit.state, by=by, out=inventory.is_out(session, unit))
            if act in _ACTS
        ],
    }


def _other(session: "Session", scanned: ScannedCode, by: Actor) -> dict[str, Any]:
    code = scanned.code
    match policy.goal(scanned, Situation(), by=by):
        case Goal.PERSON:
            acts = [_action("issue", "POST", "/api/v1/loans")] if by.has(*AT_DESK) else []
            found = people.person(session, code=code)
            return {"href": url_for("desk.person", code=found.code), "actions": acts}
        case Goal.RESERVATION:
            return _reservation(session, code, by)
        case Goal.LOAN:
            return _loan(session, code, by)
        case Goal.NOWHERE:
            return _for_residents(scanned)
        case found_goal:
            return {"href": presenters.address_of(found_goal, code)}


def _reservation(session: "Session", code: str, by: Actor) -> dict[str, Any]:
    found = reservations.reservation(session, code=code)
    person = people.person_by_id(session, resident_id=found.resident_id)
    may_cancel = found.is_active and people.may_change(session, person, by=by)
    href = f"/api/v1/reservations/{code}/cancel"
    return {
        "state": found.state.value,
        "href": url_for("desk.person", code=person.code, reservation=code),
        "actions": [_action("cancel", "POST", href)] if may_cancel else [],
    }


def _loan(session: "Session", code: str, by: Actor) -> dict[str, Any]:
    found = loans.loan(session, code=code)
    acts = []
    if found.is_open:
        acts.append(_action("renew", "POST", f"/api/v1/loans/{code}/renew"))
        if UnitAction.TAKE_BACK in actions(UnitState.ON_LOAN, by=by):
            acts.append(_action("take_back", "POST", f"/api/v1/units/{found.unit_code}/return"))
    return {
        "state": found.state.value,
        "href": url_for("loans.show", code=code),
        "actions": acts,
    }


def _for_residents(scanned: ScannedCode) -> dict[str, Any]:
    """Return where the code leads somebody without a desk, without saying whether it exists."""
    page = {
        CodeKind.RESIDENT: "desk.read_card",
        CodeKind.RESERVATION: "reservations.show",
        CodeKind.LOAN: "loans.show",
    }.get(scanned.kind)
    return {"href": url_for(page, code=scanned.code) if page else None}


def _action(action: str, method: str, href: str, *, code: str = "") -> dict[str, str]:
    return {"action": action, "method": method, "href": href.format(code=code)}
