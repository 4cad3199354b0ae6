"""Words, colours and links for what pages show of a unit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app, url_for

from rental.foundation.actor import Actor
from rental.foundation.words import N_, Sentence
from rental.inventory.policy import (
    ACT_TEXTS,
    ACT_WORDS,
    ACTION_WORDS,
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
    """Something the reader may do: a page to go to, or a form to post."""

    text: str
    href: str
    post: bool
    warning: str


#: Where each act is done, best first; the first endpoint that exists wins. Posts carry a warning.
_PLACES: dict[UnitAction, tuple[str, ...]] = {
    UnitAction.ISSUE: ("desk.issue_form", "desk.issue", "desk.unit", "desk.home"),
    UnitAction.TAKE_BACK: ("desk.return_form", "desk.take_back_form", "desk.unit", "desk.home"),
    UnitAction.UPKEEP: ("upkeep.work",),
    UnitAction.RELEASE: ("upkeep.work",),
    UnitAction.SEND_TO_REPAIR: ("upkeep.send_to_repair",),
    UnitAction.QUARANTINE: ("upkeep.quarantine",),
    UnitAction.BACK_TO_WASH: ("upkeep.back_to_wash",),
    UnitAction.SCRAP: ("upkeep.scrap",),
    UnitAction.REPORT_FAULT: ("upkeep.report_fault",),
    UnitAction.EDIT: ("inventory.edit_unit",),
}
_WARNINGS: dict[UnitAction, str] = {
    UnitAction.SEND_TO_REPAIR: N_("送修以后，这件不能借出；修好后要从清洗重新做起。"),
    UnitAction.QUARANTINE: N_("隔离以后，谁都不能借出这件，直到解除隔离并重新清洗消毒。"),
    UnitAction.BACK_TO_WASH: N_("这件会变成“待清洗”，要重新做完所有步骤并放行才能借出。"),
    UnitAction.SCRAP: N_("报废后不能恢复。请确认这件真的不再使用。"),
}


def buttons(state: UnitState, *, by: Actor, code: str, out: bool) -> tuple[Button, ...]:
    """Return what the reader may do next with the unit, in order, where a page for it exists."""
    found = []
    for action in actions(state, by=by, out=out):
        href = first_url(*_PLACES.get(action, ()), code=code)
        if href:
            warning = say(Sentence(_WARNINGS[action])) if action in _WARNINGS else ""
            text = say(Sentence(ACTION_WORDS[action]))
            found.append(Button(text, href, action in _WARNINGS, warning))
    return tuple(found)


def first_url(*endpoints: str, **values: Any) -> str | None:
    """Return the address of the first endpoint that exists, or None."""
    for endpoint in endpoints:
        if endpoint in current_app.view_functions:
            return url_for(endpoint, **values)
    return None


#: The API's acts: method and endpoint; those without the unit's code in the address take it in
#: the body.
_API: dict[UnitAction, tuple[str, str]] = {
    UnitAction.ISSUE: ("POST", "/api/v1/loans"),
    UnitAction.TAKE_BACK: ("POST", "/api/v1/units/{code}/return"),
    UnitAction.UPKEEP: ("POST", "/api/v1/units/{code}/upkeep"),
    UnitAction.RELEASE: ("POST", "/api/v1/units/{code}/release"),
    UnitAction.REPORT_FAULT: ("GET", "/u/{code}/fault"),
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
    happenings: Iterable[Happening], *, names: Mapping[int, str], zones: Mapping[str, str]
) -> Sequence[Event]:
    """Return the unit's history for the timeline, in the order given."""
    return [
        Event(
            moment(happening.at),
            Sentence(ACT_WORDS.get(happening.act, N_("有一次登记"))),
            _text(happening, zones),
            names.get(happening.actor_id or 0, ""),
        )
        for happening in happenings
    ]


def _text(happening: Happening, zones: Mapping[str, str]) -> Sentence | str:
    if happening.act in ACT_TEXTS:
        return ACT_TEXTS[happening.act](happening.details) or ""
    zone = happening.details.get("zone")
    if isinstance(zone, str):
        return Sentence(N_("区域：%(zone)s"), zone=zones.get(zone, zone))
    due = happening.row.get("due_on")
    if isinstance(due, str) and happening.act in {"issued", "renewed", "due_moved"}:
        return Sentence(N_("应还日期：%(day)s"), day=date.fromisoformat(due))
    return ""
