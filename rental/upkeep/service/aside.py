"""Taking a unit out of service, and bringing it back to the start of the wash room."""

from dataclasses import replace

from sqlalchemy import update
from sqlalchemy.orm import Session

from rental.foundation.actor import HANDLES_UNITS, Actor
from rental.foundation.clock import Moment
from rental.foundation.errors import Conflict, Invalid
from rental.foundation.words import N_
from rental.inventory import queries as units
from rental.inventory import service as inventory
from rental.inventory.policy import SET_ASIDE, NotYourStep, UnitState, ensure_can_move
from rental.inventory.queries import UnitView
from rental.journal import write
from rental.upkeep import queries
from rental.upkeep.models import SetAside
from rental.upkeep.policy import LONGEST_REASON, SHORTEST_REASON, UpkeepReason
from rental.upkeep.service.turns import abandon, begin_turn, expected_on, foreseen

_ACTS: dict[UnitState, str] = {
    UnitState.REPAIR: "sent_to_repair",
    UnitState.QUARANTINE: "quarantined",
    UnitState.SCRAPPED: "scrapped",
    UnitState.LOST: "marked_lost",
}


class StillWithSomebody(Conflict):
    """A unit on loan is taken back at the desk, not here."""

    sentence = N_("器具 %(code)s 还在居民家里，请先在窗口办理归还。")


class LostByBorrower(Conflict):
    """A unit that a borrower lost comes back at the desk, so that the loan ends as returned."""

    sentence = N_("器具 %(code)s 是借出以后登记为丢失的。找到了请先拿到窗口办理归还，然后再清洗。")


class LostWithItsLoan(Conflict):
    """A unit on loan is lost with its loan, so that the borrower is asked for nothing more."""

    sentence = N_("器具 %(code)s 还借着。丢了请打开这笔租借，在那里登记为丢失。")


class WhySetAside(Invalid):
    """Who finds the unit set aside must understand why."""

    field = "reason"
    sentence = N_("请写清楚为什么，至少 %(n)s 个字。")


def ensure_may_set_aside(unit: UnitView, to: UnitState, *, by: Actor) -> None:
    """Test that the actor may take the unit out of service.

    Raises:
        LostWithItsLoan: If it is on loan and would be given up.
        UnitCannotMove, NotYourStep: As for every move.
    """
    ensure_can_move(unit.state, to, by=by)
    if unit.state is UnitState.ON_LOAN and to is UnitState.LOST:
        raise LostWithItsLoan(code=unit.code)


def set_aside(
    session: Session, *, unit_code: str, to: UnitState, reason: str, by: Actor, at: Moment
) -> None:
    """Send the unit to repair or quarantine, scrap it, or give it up; its turn is given up.

    Args:
        session: The open use-case transaction.
        unit_code: The unit.
        to: In repair, in quarantine, scrapped or lost.
        reason: Why, at least 5 characters; stays out of the journal, which names the record of it.
        by: Who does it.
        at: When.

    Raises:
        WhySetAside: If the reason says too little.
        LostWithItsLoan: If it is on loan and would be given up.
        UnitNotFound, UnitCannotMove, NotYourStep: As for every move.
    """
    said = reason.strip()[:LONGEST_REASON]
    if len(said) < SHORTEST_REASON:
        raise WhySetAside(n=SHORTEST_REASON)
    unit = inventory.lock_unit(session, code=unit_code)
    ensure_may_set_aside(unit, to, by=by)
    abandon(session, unit_id=unit.id, by=by, at=at)
    _end_reasons(session, unit, at=at)
    row = SetAside(unit_id=unit.id, reason=said, set_at=at.at, set_by=by.account_id)
    session.add(row)
    session.flush()
    moved = inventory.move(
        session, unit, to=to, act=_ACTS[to], by=by, at=at, details={SET_ASIDE: row.id}
    )
    write(session, [moved])


def _end_reasons(session: Session, unit: UnitView, *, at: Moment) -> None:
    """Note that why the unit was set aside holds no longer."""
    session.execute(
        update(SetAside)
        .where(SetAside.unit_id == unit.id, SetAside.ended_at.is_(None))
        .values(ended_at=at.at)
    )


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
    _end_reasons(session, unit, at=at)
    repaired = unit.state is UnitState.REPAIR
    opened = begin_turn(
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
