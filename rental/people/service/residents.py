"""Residents: registered by themselves, by family, or at the desk; their data, and who sees it."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from sqlalchemy.orm import Session

from rental import journal
from rental.foundation.actor import AT_DESK, Actor
from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, new_code
from rental.foundation.constraints import refusing
from rental.foundation.crypto import blind_index
from rental.foundation.errors import Conflict, DomainError, NotAllowed
from rental.foundation.words import N_
from rental.notices import service as notices
from rental.people import queries
from rental.people.models import Resident
from rental.people.policy import (
    CitizenNumber,
    PersonalData,
    Purpose,
    Relation,
    ResidentState,
)
from rental.people.service.acting import let_act, locked_resident
from rental.people.service.consents import add_consent
from rental.places import queries as places


class NumberNeedsTheDesk(Conflict):
    """The citizen number can't be kept online; a stranger doesn't learn why."""

    sentence = N_("这个身份证号码要当面核对后才能登记。请带身份证到租赁点，或者打电话给我们。")


class AlreadyRegistered(Conflict):
    """Staff: somebody with this citizen number is registered."""

    sentence = N_("有这个身份证号码的居民已经登记过了。请先按身份证号码查找，不要重复登记。")


class CitizenNumberIsFixed(NotAllowed):
    """A citizen number that was given once is only changed at the desk."""

    sentence = N_("身份证号码登记以后不能在网上改。如果登记错了，请带身份证到租赁点更正。")


class AlreadyHasOwnResident(Conflict):
    """The account's own person is registered."""

    sentence = N_("您自己的资料已经登记过了，请在“我的租借”里修改。")


class ReadByThemselves(NotAllowed):
    """Staff would mark messages as read which the resident may not have seen."""

    sentence = N_("消息要等居民本人或家人看过，才算已读。您看过就好，不用标记。")


class GridUnknown(NotAllowed):
    """The grid worker's account names no grid."""

    sentence = N_("您的账号还没有分配网格，不能登记居民。请联系负责人设置网格。")


#: What follows when what papers prove of a person has changed. Higher slices add theirs.
CHANGED: list[Callable[[Session, int, Actor, Moment], None]] = []


def register_self(session: Session, data: PersonalData, *, by: Actor, at: Moment) -> str:
    """Register the actor's own person and return the resident's code.

    Raises:
        AlreadyHasOwnResident: If the account has one.
        NumberNeedsTheDesk: If the citizen number is registered.
    """
    row = add_resident(
        session, data, account_id=by.account_id, purposes={Purpose.SERVICE}, by=by, at=at
    )
    return row.code


def register_family(
    session: Session, data: PersonalData, *, relation: Relation, by: Actor, at: Moment
) -> str:
    """Register somebody whom the actor will act for, and return the resident's code.

    Raises:
        NumberNeedsTheDesk: If the citizen number is registered.
    """
    row = add_resident(session, data, purposes={Purpose.SERVICE}, by=by, at=at)
    let_act(session, row, account_id=by.account_id or 0, relation=relation, by=by, at=at)
    return row.code


def register_resident(
    session: Session, data: PersonalData, *, purposes: Iterable[Purpose], by: Actor, at: Moment
) -> str:
    """Register a resident at the desk or at the door, without an account; return the code.

    A grid worker registers into the own grid, whatever else was said.

    Args:
        session: The open use-case transaction.
        data: What the resident said.
        purposes: What the resident consented to on paper.
        by: The staff member.
        at: Now.

    Raises:
        GridUnknown: If a grid worker has no grid.
        AlreadyRegistered: If the citizen number is registered.
    """
    if not by.has(*AT_DESK):
        community_id, grid_id = _own_grid(session, by)
        data = replace(data, community_id=community_id, grid_id=grid_id)
    return add_resident(session, data, purposes=purposes, by=by, at=at).code


def _own_grid(session: Session, by: Actor) -> tuple[int, int]:
    """Return the community and the grid of a grid worker.

    Raises:
        GridUnknown: If the account names none.
    """
    grid_id = queries.grid_of(session, by=by)
    for grid in places.grids(session):
        if grid.id == grid_id:
            return grid.community_id, grid.id
    raise GridUnknown


def add_resident(
    session: Session,
    data: PersonalData,
    *,
    account_id: int | None = None,
    purposes: Iterable[Purpose],
    by: Actor,
    at: Moment,
) -> Resident:
    """Add the row with its consents; for the use cases of this slice.

    Raises:
        AlreadyHasOwnResident: If the account has a resident.
        NumberNeedsTheDesk: If the citizen number is registered and the actor isn't staff.
        AlreadyRegistered: If it is and the actor is.
    """
    row = Resident(
        code=new_code(CodeKind.RESIDENT),
        account_id=account_id,
        state=ResidentState.ACTIVE,
        created_at=at.at,
    )
    _write(row, data)
    session.add(row)
    _flush(session, by)
    journal.record(session, row, act="registered", by=by, at=at, resident_id=row.id)
    for purpose in purposes:
        add_consent(session, row, purpose=purpose, by=by, at=at)
    return row


def save_personal_data(
    session: Session, *, code: str, data: PersonalData, by: Actor, at: Moment
) -> None:
    """Change what is kept of the resident.

    Raises:
        ResidentNotFound: If there is none.
        DataWiped: If the resident was anonymised.
        NotYourResident: If the actor may not act for the resident.
        CitizenNumberIsFixed: If somebody who isn't staff would change a number that is kept.
        NumberNeedsTheDesk: If the citizen number is registered and the actor isn't staff.
        AlreadyRegistered: If it is and the actor is.
    """
    found = queries.person_to_change(session, code=code, by=by)
    row = locked_resident(session, code)
    number = data.citizen_number
    own = queries.is_own_or_family(session, found, by=by)
    if own and number is not None and row.citizen_number not in {None, number.number}:
        raise CitizenNumberIsFixed
    before = _proven(row)
    if data.grid_id is None and _left_the_grid(session, row, data):
        row.grid_id = None
    _write(row, data)
    _flush(session, by)
    journal.record(
        session,
        row,
        act="data_changed",
        by=by,
        at=at,
        resident_id=row.id,
        details={"number_given": number is not None},
    )
    if _proven(row) != before:
        for follow in CHANGED:
            follow(session, row.id, by, at)


def _proven(row: Resident) -> tuple[object, ...]:
    """Return what papers prove of the person."""
    return row.register, row.community_id, row.citizen_number, row.born_on


def _left_the_grid(session: Session, row: Resident, data: PersonalData) -> bool:
    """Tell whether the data say that the person moved out of the grid that is kept."""
    if data.community_id is None:
        return data.register is not row.register
    here = places.grids(session, community_id=data.community_id)
    return all(grid.id != row.grid_id for grid in here)


def _write(row: Resident, data: PersonalData) -> None:
    """Put the data into the row; what was left out stays."""
    row.name = data.name
    row.name_initials = initials_of(data.name)
    row.register = data.register
    row.community_id = data.community_id
    row.lives_alone = data.lives_alone
    if data.phone is not None:
        row.phone = data.phone or None
        row.phone_index = blind_index(data.phone, purpose=queries.PHONE) if data.phone else None
    if data.address is not None:
        row.address = data.address or None
    if data.grid_id is not None:
        row.grid_id = data.grid_id
    if data.citizen_number is not None:
        _write_number(row, data.citizen_number)


def _write_number(row: Resident, number: CitizenNumber) -> None:
    row.citizen_number = number.number
    row.citizen_number_index = blind_index(number.number, purpose=queries.CITIZEN_NUMBER)
    row.born_on = number.born_on.isoformat()


def initials_of(name: str) -> str:
    """Return the first letters of the name's pinyin, e.g. ``wgl``; other letters stay."""
    from pypinyin import Style, lazy_pinyin  # ruff: ignore[import-outside-top-level] - its dictionary is slow to load

    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()[:40]


def _flush(session: Session, by: Actor) -> None:
    """Write the row.

    Raises:
        AlreadyHasOwnResident: If the account has a resident.
        NumberNeedsTheDesk: If the citizen number is registered and the actor isn't staff.
        AlreadyRegistered: If it is and the actor is.
    """
    taken: DomainError = AlreadyRegistered() if by.is_staff else NumberNeedsTheDesk()
    with (
        refusing("resident.account_id", "uq_resident_account_id", refusal=AlreadyHasOwnResident()),
        refusing(
            "resident.citizen_number_index", "uq_resident_citizen_number_index", refusal=taken
        ),
    ):
        session.flush()


def hush(session: Session, *, code: str, by: Actor, at: Moment) -> None:
    """Stop every automatic message to the resident: death, hospital, moved away.

    Raises:
        ResidentNotFound: If there is none.
        DataWiped: If the resident was anonymised.
        NotYourResident: If the actor may not act for the resident.
    """
    queries.person_to_change(session, code=code, by=by)
    row = locked_resident(session, code)
    if row.state is ResidentState.ACTIVE:
        row.state = ResidentState.QUIET
        notices.hush(session, row.id)
        journal.record(session, row, act="hushed", by=by, at=at, resident_id=row.id)


def speak_again(session: Session, *, code: str, by: Actor, at: Moment) -> None:
    """Let automatic messages go to the resident again.

    Raises:
        ResidentNotFound: If there is none.
        DataWiped: If the resident was anonymised.
        NotYourResident: If the actor may not act for the resident.
    """
    queries.person_to_change(session, code=code, by=by)
    row = locked_resident(session, code)
    if row.state is ResidentState.QUIET:
        row.state = ResidentState.ACTIVE
        journal.record(session, row, act="speaks_again", by=by, at=at, resident_id=row.id)


def read_notices(
    session: Session, *, code: str, notice_id: int | None, by: Actor, at: Moment
) -> None:
    """Mark one message of the resident as read, or all of them; the resident and family do so.

    Raises:
        ResidentNotFound: If there is none.
        NotYourResident: If the actor may not even look.
        ReadByThemselves: If the actor is neither the resident nor family.
    """
    found = queries.person_for(session, code=code, by=by)
    if not queries.is_own_or_family(session, found, by=by):
        raise ReadByThemselves
    notices.mark_read(session, resident_id=found.id, notice_id=notice_id, at=at)
