"""What waits in the wash room."""

from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _

from rental.catalogue import queries as catalogue
from rental.foundation.actor import HANDLES_UNITS
from rental.foundation.codes import spaced
from rental.foundation.database import reading
from rental.foundation.words import Sentence
from rental.inventory.policy import UnitState
from rental.inventory.queries import UnitView
from rental.upkeep import presenters, queries
from rental.upkeep.policy import next_word
from rental.upkeep.queries import Waiting, WaitingUnit
from rental.upkeep.views import bp
from rental.web.access import actor, staff
from rental.web.parts import Pages
from rental.web.security import scan_page


@bp.get("/upkeep")
@staff(*HANDLES_UNITS)
def lists() -> str:
    """List what waits; ``what`` in the address chooses the list."""
    scan_page()
    session, site_id = reading(), actor().site_id
    asked = request.args.get("what", Waiting.CLEAN.value)
    what = asked if asked in presenters.LIST_WORDS else Waiting.CLEAN.value
    page = request.args.get("page", 1, type=int)
    faults = queries.open_faults_of_site(session, site_id=site_id, page=page)
    counted = queries.count_waiting(session, site_id=site_id)
    numbers = {**{key.value: number for key, number in counted.items()}, "faults": faults.total}
    return render_template(
        "upkeep/lists.html",
        what=what,
        title=Sentence(presenters.LIST_WORDS[what]),
        tiles=[
            presenters.tile(key, numbers[key], url_for("upkeep.lists", what=key))
            for key in map(str, presenters.LIST_WORDS)
        ],
        rows=[] if what == "faults" else _rows(what, site_id),
        faults=[
            {"fault": fault, **_unit(unit)}
            for fault, unit in (faults.shown if what == "faults" else ())
        ],
        paging=Pages(
            faults.number, faults.pages, lambda n: url_for("upkeep.lists", what="faults", page=n)
        ),
    )


def _rows(what: str, site_id: int | None) -> list[dict[str, Any]]:
    session = reading()
    found = queries.waiting(session, site_id=site_id, what=Waiting(what))
    aside = [each.unit.id for each in found] if what == Waiting.REPAIR.value else []
    why = queries.why_aside(session, unit_ids=aside)
    return [{**_row(each), "why": why.get(each.unit.id, "—")} for each in found]


def _row(found: WaitingUnit) -> dict[str, Any]:
    following = {
        UnitState.REPAIR: _("修好后清洗"),
        UnitState.QUARANTINE: _("解除隔离后清洗"),
    }.get(found.unit.state, next_word(found.turn))
    return {**_unit(found.unit), "next": following, "expected_on": found.foreseen_on}


def _unit(unit: UnitView) -> dict[str, Any]:
    return {
        "code": unit.code,
        "spaced": spaced(unit.code),
        "kind": catalogue.kind_by_id(reading(), kind_id=unit.kind_id).name,
        "status": presenters.status(unit.state),
    }
