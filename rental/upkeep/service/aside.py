"""Setting a unit aside, and bringing it back to the start of the wash room."""

from dataclasses import replace

from sqlalchemy.orm import Session

from rental.foundation.actor import HANDLES_UNITS, Actor
from rental.foundation.clock import Moment
from rental.foundation.errors import Conflict
from rental.foundation.words import N_
from rental.inventory import queries as units
from rental.inventory import service as inventory
from rental.inventory.policy import NotYourStep, UnitState, ensure_can_move
from rental.journal import write
from rental.upkeep import queries
from rental.upkeep.policy import UpkeepReason
from rental.upkeep.service.turns import abandon, expected_on, foreseen, open_after_return


class StillWithSomebody(Conflict):
    """A unit on loan is taken back at the desk, not here."""

    sentence = N_("器具 %(code)s 还在居民家里，请先在窗口办理归还。")


class LostByBorrower(Conflict):
    """A unit that a borrower lost comes back at the desk, so that the loan ends as returned."""

    sentence = N_("器具 %(code)s 是借出以后登记为丢失的。找到了请先拿到窗口办理归还，然后再清洗。")


def send_to_repair(session: Session, *, unit_code: str, by: Actor, at: Moment) -> None:
    """Send the unit to repair; its turn is given up.

    Raises:
        UnitNotFound, UnitCannotMove, NotYourStep: As for every move.
    """
    _set_aside(session, unit_code, to=UnitState.REPAIR, act="sent_to_repair", by=by, at=at)


def quarantine(session: Session, *, unit_code: str, by: Actor, at: Moment) -> None:
    """Keep the unit apart (recall, infection); its turn is given up.

    Raises:
        UnitNotFound, UnitCannotMove, NotYourStep: As for every move.
    """
    _set_aside(session, unit_code, to=UnitState.QUARANTINE, act="quarantined", by=by, at=at)


def scrap(session: Session, *, unit_code: str, by: Actor, at: Moment) -> None:
    """Take the unit out of service for good.

    Raises:
        UnitNotFound, UnitCannotMove, NotYourStep: As for every move.
    """
    _set_aside(session, unit_code, to=UnitState.SCRAPPED, act="scrapped", by=by, at=at)


def back_to_wash(session: Session, *, unit_code: str, by: Actor, at: Moment) -> None:
    """Bring the unit back to the start: it is repaired, found, or got dirty on the shelf.

    Raises:
        StillWithSomebody: If the unit is on loan.
        LostByBorrower: If it was lost while on loan.
        UnitNotFound, UnitCannotMove, NotYourStep: As for every move.
    """
    unit = inventory.lock_unit(session, code=unit_code)
    if unit.state is UnitState.ON_LOAN:
        raise StillWithSomebody(code=unit.code)
    if units.is_out(session, unit):
        raise LostByBorrower(code=unit.code)
    ensure_can_move(unit.state, UnitState.DIRTY, by=by)
    abandon(session, unit_id=unit.id, by=by, at=at)
    repaired = unit.state is UnitState.REPAIR
    opened = open_after_return(
        session,
        unit,
        reason=UpkeepReason.REPAIR if repaired else UpkeepReason.OTHER,
        hygiene=queries.turn_of(session, unit).hygiene,
        expected_on=expected_on(session, unit, today=at.on),
        at=at,
        by=by,
    )
    act = "repaired" if repaired else "back_to_wash"
    free_from = foreseen(session, replace(unit, state=UnitState.DIRTY))
    moved = inventory.move(
        session, unit, to=UnitState.DIRTY, act=act, by=by, at=at, free_from=free_from
    )
    write(session, [moved, opened])


def complete_kit(session: Session, *, unit_code: str, by: Actor, at: Moment) -> None:
    """Note that the lacking accessories were found or replaced; it may be promised again.

    Raises:
        UnitNotFound: If there is no such unit.
        NotYourStep: If the actor is a stranger to the wash room and the desk.
    """
    if not by.has(*HANDLES_UNITS):
        raise NotYourStep
    unit = inventory.lock_unit(session, code=unit_code)
    if unit.missing:
        details = {"accessories": list(unit.missing)}
        free_from = foreseen(session, replace(unit, missing=()))
        line = inventory.log(
            session, unit, act="kit_completed", by=by, at=at,
            free_from=free_from or "stays", details=details, missing=(),
        )  # fmt: skip
        write(session, [line])


def _set_aside(
    session: Session, unit_code: str, *, to: UnitState, act: str, by: Actor, at: Moment
) -> None:
    unit = inventory.lock_unit(session, code=unit_code)
    ensure_can_move(unit.state, to, by=by)
    abandon(session, unit_id=unit.id, by=by, at=at)
    write(session, [inventory.move(session, unit, to=to, act=act, by=by, at=at)])
