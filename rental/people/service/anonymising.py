"""Anonymising: what is known about a person goes, what was counted stays."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, delete, false, func, or_, select
from sqlalchemy.orm import Session

from rental import journal
from rental.foundation.actor import SYSTEM, Actor, Role
from rental.foundation.clock import Moment
from rental.foundation.errors import Conflict, NotAllowed
from rental.foundation.words import N_
from rental.notices import service as notices
from rental.people.models import Account, AccountRole, ActingFor, Resident, Reveal
from rental.people.policy import ResidentState
from rental.people.policy.retention import kept_since
from rental.people.service.acting import locked_resident

MOST_AT_ONCE = 200
NOBODY = "已匿名"


class StillNeeded(Conflict):
    """Something of the resident is open."""

    sentence = N_("这位居民还有没还的器具、没取的预约或没答复的申请，办完这些，才能删掉个人资料。")


class OnlyTheManager(NotAllowed):
    """Anonymising can't be undone, so one person answers for it."""

    sentence = N_("删掉个人资料要由负责人来办，请找负责人。")


#: What keeps a resident: each takes the resident's key and a day, and returns the SQL condition
#: that something of the resident is open or ended on that day or later. Higher slices add theirs.
KEEPS: list[Callable[[Any, date], ColumnElement[bool]]] = []

#: What else is known of a resident: each wipes its slice's part. Higher slices add theirs.
WIPES: list[Callable[[Session, int, Moment], None]] = []


def anonymise(session: Session, *, code: str, by: Actor, at: Moment) -> None:
    """Wipe what is known about the resident, at the resident's own wish; it can't be undone.

    Raises:
        OnlyTheManager: If the actor isn't a manager.
        ResidentNotFound: If there is none.
        DataWiped: If it was done before.
        StillNeeded: If something of the resident is open.
    """
    if not by.has(Role.MANAGER):
        raise OnlyTheManager
    row = locked_resident(session, code)
    if session.scalar(select(_kept(row.id, date.max))):
        raise StillNeeded
    _wipe(session, row, by=by, at=at)


def anonymise_old(session: Session, *, at: Moment) -> int:
    """Anonymise residents for whom nothing was done for the retention period.

    Safe to repeat. Return how many, at most ``MOST_AT_ONCE``.
    """
    since = kept_since(at.on)
    old = (
        select(Resident)
        .where(
            Resident.state != ResidentState.ANONYMISED,
            Resident.created_at < datetime.combine(since, time(), UTC),
            ~_kept(Resident.id, since),
        )
        .order_by(Resident.id)
        .limit(MOST_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    found = session.scalars(old).all()
    # What was lent or promised until a row was locked is seen by a statement after that only.
    needed = select(Resident.id).where(
        Resident.id.in_([row.id for row in found]), _kept(Resident.id, since)
    )
    kept = set(session.scalars(needed))
    rows = [row for row in found if row.id not in kept]
    for row in rows:
        _wipe(session, row, by=SYSTEM, at=at)
    return len(rows)


def _kept(resident_id: Any, since: date) -> ColumnElement[bool]:
    return or_(false(), *(keeps(resident_id, since) for keeps in KEEPS))


def _wipe(session: Session, row: Resident, *, by: Actor, at: Moment) -> None:
    for wipe in WIPES:
        wipe(session, row.id, at)
    notices.forget(session, row.id)
    session.execute(delete(Reveal).where(Reveal.resident_id == row.id))
    _end_acting(session, row.id, at)
    account_id, row.account_id = row.account_id, None
    row.state = ResidentState.ANONYMISED
    row.name, row.name_initials = NOBODY, ""
    row.citizen_number = row.citizen_number_index = row.born_on = None
    row.phone = row.phone_index = row.address = None
    row.grid_id, row.lives_alone = None, False
    journal.record(session, row, act="anonymised", by=by, at=at, resident_id=row.id)
    if account_id is not None:
        _close(session, account_id, by=by, at=at)


def _end_acting(session: Session, resident_id: int, at: Moment) -> None:
    current = select(ActingFor).where(
        ActingFor.resident_id == resident_id, ActingFor.ended_at.is_(None)
    )
    for acting in session.scalars(current):
        acting.ended_at = at.at


def _close(session: Session, account_id: int, *, by: Actor, at: Moment) -> None:
    """Close the resident's own account, unless the person still needs it for others or at work."""
    works = select(func.count()).where(
        AccountRole.account_id == account_id, AccountRole.role != Role.RESIDENT
    )
    acts = select(func.count()).where(
        ActingFor.account_id == account_id, ActingFor.ended_at.is_(None)
    )
    if session.scalar(works) or session.scalar(acts):
        return
    account = session.get_one(Account, account_id, with_for_update=True)
    account.login, account.name = f"closed-{account.id}", NOBODY
    account.phone = account.phone_index = None
    account.password_hash = "!"  # ruff: ignore[hardcoded-password-string] - no password matches it
    account.active = False
    account.session_epoch += 1
    journal.record(session, account, act="closed", by=by, at=at)
