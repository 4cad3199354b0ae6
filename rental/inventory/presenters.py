"""Words, colours and links for what pages show of a unit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for

from rental.foundation.actor import Actor
from rental.foundation.words import N_, Sentence
from rental.inventory.policy import (
    ACT_TEXTS,
    ACT_WORDS,
    ACTION_WORDS,
    SET_ASIDE,
    SETS_ASIDE,
    STATE_LOOKS,
    STATE_WORDS,
    UnitAction,
    UnitState,
    actions,
)
from rental.journal.queries import Happening
from rental.web.parts import Event, Status, Tile
from rental.web.say import moment, say

_TONES: dict[UnitState, str | None] = {
    UnitState.AVAILABLE: "good",
    UnitState.DIRTY: "warn",
    UnitState.CLEANING: "warn",
    UnitState.DISINFECTED: "warn",
    UnitState.REPAIR: "warn",
    UnitState.QUARANTINE: "bad",
    UnitState.LOST: "bad",
}


def status(state: UnitState) -> Status:
    """Return the state's word, colour and icon."""
    return Status(say(Sentence(STATE_WORDS[state])), *STATE_LOOKS[state])


def tiles(counted: Mapping[UnitState, int]) -> tuple[Tile, ...]:
    """Return a tile for each state that has units."""
    return tuple(
        Tile(
            counted[state],
            Sentence(STATE_WORDS[state]),
            url_for("inventory.list_units", state=state.value),
            _TONES.get(state),
        )
        for state in UnitState
        if counted.get(state)
    )


# --- acts ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Button:
    """Something the reader may do: a page to go to, or a form to post.

    What is ``apart`` takes the unit out of service, and stands apart from what comes next.
    """

    text: str
    href: str
    post: bool
    warning: str
    apart: bool = False


#: Where each act is done; the zone is changed on the unit's own page. Posts carry a warning.
_PLACES: dict[UnitAction, str] = {
    UnitAction.ISSUE: "desk.unit",
    UnitAction.TAKE_BACK: "desk.return_form",
    UnitAction.UPKEEP: "upkeep.work",
    UnitAction.RELEASE: "upkeep.work",
    UnitAction.BACK_TO_WASH: "upkeep.back_to_wash",
    UnitAction.REPORT_FAULT: "upkeep.report_fault",
    UnitAction.EDIT: "inventory.edit_unit",
}
_WARNINGS: dict[UnitAction, str] = {
    UnitAction.BACK_TO_WASH: N_("这件会变成“待清洗”，要重新做完所有步骤并放行才能借出。"),
}


def buttons(state: UnitState, *, by: Actor, code: str, out: bool) -> tuple[Button, ...]:
    """Return what the reader may do next with the unit, in order, as buttons."""
    return tuple(
        Button(
            text=say(Sentence(ACTION_WORDS[action])),
            href=_href(action, code),
            post=action in _WARNINGS,
            warning=say(Sentence(_WARNINGS[action])) if action in _WARNINGS else "",
            apart=action in SETS_ASIDE,
        )
        for action in actions(state, by=by, out=out)
        if action in _PLACES or action in SETS_ASIDE
    )


def _href(action: UnitAction, code: str) -> str:
    if action in SETS_ASIDE:
        return url_for("upkeep.set_aside_page", code=code, to=SETS_ASIDE[action].value)
    return url_for(_PLACES[action], code=code)


#: The API's acts: method and endpoint; those without the unit's code in the address take it in
#: the body.
_API: dict[UnitAction, tuple[str, str]] = {
    UnitAction.ISSUE: ("POST", "/api/v1/loans"),
    UnitAction.TAKE_BACK: ("POST", "/api/v1/units/{code}/return"),
    UnitAction.UPKEEP: ("POST", "/api/v1/units/{code}/upkeep"),
    UnitAction.RELEASE: ("POST", "/api/v1/units/{code}/release"),
    UnitAction.REPORT_FAULT: ("GET", "/u/{code}/fault"),
    **dict.fromkeys(SETS_ASIDE, ("POST", "/api/v1/units/{code}/set-aside")),
}


def api_actions(state: UnitState, *, by: Actor, code: str, out: bool) -> list[dict[str, str]]:
    """Return what the caller may do next, with method and address."""
    return [
        {"action": action.value, "method": method, "href": href.format(code=code)}
        for action in actions(state, by=by, out=out)
        for method, href in [_API.get(action, ("", ""))]
        if method
    ]


# --- history -------------------------------------------------------------------------------------


def events(
    happenings: Iterable[Happening],
    *,
    names: Mapping[int, str],
    zones: Mapping[str, str],
    reasons: Mapping[int, str],
) -> Sequence[Event]:
    """Return the unit's history for the timeline, in the order given.

    Args:
        happenings: What was done.
        names: Who the actors are.
        zones: What the zones are called, by code.
        reasons: Why the unit was set aside, by the key that the history holds.
    """
    return [
        Event(
            moment(happening.at),
            Sentence(ACT_WORDS.get(happening.act, N_("有一次登记"))),
            _text(happening, zones, reasons),
            names.get(happening.actor_id or 0, ""),
        )
        for happening in happenings
    ]


def _text(
    happening: Happening, zones: Mapping[str, str], reasons: Mapping[int, str]
) -> Sentence | str:
    if SET_ASIDE in happening.details:
        return reasons.get(happening.details[SET_ASIDE], "")
    if happening.act in ACT_TEXTS:
        return ACT_TEXTS[happening.act](happening.details) or ""
    zone = happening.details.get("zone")
    if isinstance(zone, str):
        return Sentence(N_("区域：%(zone)s"), zone=zones.get(zone, zone))
    due = happening.row.get("due_on")
    if isinstance(due, str) and happening.act in {"issued", "renewed", "due_moved"}:
        return Sentence(N_("应还日期：%(day)s"), day=date.fromisoformat(due))
    return ""
