"""Finding residents, and whether somebody may look at them or act for them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, or_, select
from sqlalchemy.orm import Session

from rental.foundation.actor import Actor, Role
from rental.foundation.codes import CodeKind, CodeUnreadable, read_code
from rental.foundation.crypto import blind_index
from rental.foundation.database import table_of
from rental.foundation.errors import Conflict, NotAllowed, NotFound
from rental.foundation.words import N_
from rental.people.models import Account, ActingFor, Resident
from rental.people.policy import (
    ACTS_FOR_ANYONE,
    LOOKS_UP_ANYONE,
    Register,
    ResidentState,
    Secret,
    compact,
    is_phone,
    masked_name,
    masked_number,
    masked_phone,
    read_phone,
)

PHONE = "phone"
CITIZEN_NUMBER = "citizen-number"


class ResidentNotFound(NotFound):
    """No resident has the code."""

    sentence = N_("没有找到这位居民，请核对居民编号，或按姓名重新查找。")


class NotYourResident(NotAllowed):
    """The account may not act for this resident."""

    sentence = N_("您的账号不能替这位居民办事。要替家人办，请先请本人或租赁点添加您为代办人。")


class MayOnlyLook(NotYourResident):
    """The account may look at this resident's data, but not do anything for them."""

    sentence = N_("您的账号只能查看这位居民，不能替居民办理。请让居民本人、家人或窗口人员来办。")


class DataWiped(Conflict):
    """The resident was anonymised; nothing is done for or written about nobody."""

    sentence = N_("这位居民的个人资料已经删掉了，不能再查看或修改。要再办事，请先重新登记。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A resident, as other slices may know one.

    Attributes:
        name: The full name; pages that show several people take ``masked_name``.
        born_on: From the citizen number; None when that isn't known.
        phone: Eleven digits; pages show ``masked_phone``.
        masked_number: The masked citizen number; empty when it isn't known.
    """

    id: int
    code: str
    name: str
    state: ResidentState
    register: Register
    community_id: int | None
    grid_id: int | None
    account_id: int | None
    born_on: date | None = field(repr=False)
    phone: str | None = field(repr=False)
    has_citizen_number: bool
    has_address: bool
    lives_alone: bool
    masked_name: str
    masked_phone: str
    masked_number: str

    @property
    def knows_age(self) -> bool:
        """Whether the age can be told."""
        return self.has_citizen_number or self.born_on is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How to reach a resident, unmasked: for the resident's own form, slips and deliveries."""

    phone: str = field(repr=False)
    address: str = field(repr=False)


class Brief(NamedTuple):
    """As much of a resident as decides who may act for them."""

    id: int
    grid_id: int | None


def person(session: Session, *, code: str) -> Person:
    """Return the resident with the code.

    Raises:
        ResidentNotFound: If there is none.
    """
    return _person(_one(session, select(Resident).where(Resident.code == code)))


def person_by_id(session: Session, *, resident_id: int) -> Person:
    """Return the resident.

    Raises:
        ResidentNotFound: If there is none.
    """
    return _person(_one(session, select(Resident).where(Resident.id == resident_id)))


def persons_by_id(session: Session, ids: Iterable[int]) -> dict[int, Person]:
    """Return the residents with the keys, by key, in one round trip."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = session.scalars(select(Resident).where(Resident.id.in_(wanted)))
    return {row.id: _person(row) for row in rows}


def person_for(session: Session, *, code: str, by: Actor) -> Person:
    """Return the resident with the code, if the actor may look at that resident.

    The resident's own account, an account that acts for the resident at present, the staff who may
    look up anyone, and grid workers for the residents of their own grid.

    Raises:
        ResidentNotFound: If there is none.
        NotYourResident: If the actor is none of these.
    """
    found = person(session, code=code)
    if not may_look_at(session, found, by=by):
        raise NotYourResident
    return found


def person_to_change(session: Session, *, code: str, by: Actor) -> Person:
    """Return the resident with the code, if the actor may do something for that resident.

    Raises:
        ResidentNotFound: If there is none.
        NotYourResident: If the actor may not even look.
        MayOnlyLook: If the actor may look, but not write.
        DataWiped: If the resident was anonymised.
    """
    found = person(session, code=code)
    ensure_may_change(session, found, by=by)
    ensure_known(found.state)
    return found


def resident_id_to_change(session: Session, *, code: str, by: Actor) -> int:
    """Return the resident's id as `person_to_change` does; for paths that need no more.

    Raises:
        ResidentNotFound: If there is none.
        NotYourResident: If the actor may not even look.
        MayOnlyLook: If the actor may look, but not write.
        DataWiped: If the resident was anonymised.
    """
    found = session.connection().execute(_BRIEF, {"code": code}).first()
    if found is None:
        raise ResidentNotFound
    ensure_may_change(session, Brief(found.id, found.grid_id), by=by)
    ensure_known(found.state)
    return int(found.id)


_c = table_of(Resident).c
_BRIEF = select(_c.id, _c.grid_id, _c.state).where(_c.code == bindparam("code"))


def may_look_at(session: Session, found: "Person | Brief", *, by: Actor) -> bool:
    """Tell whether the actor may see the resident, masked or not."""
    return by.has(*LOOKS_UP_ANYONE) or may_change(session, found, by=by)


def may_change(session: Session, found: "Person | Brief", *, by: Actor) -> bool:
    """Tell whether the actor may write: reserve, renew, apply and cancel for the resident."""
    if by.account_id is None or by.has(*ACTS_FOR_ANYONE):
        return True
    if found.id == by.resident_id or is_acting_for(session, found.id, by=by):
        return True
    if not by.has(Role.GRID_WORKER) or found.grid_id is None:
        return False
    return found.grid_id == grid_of(session, by=by)


def ensure_may_change(session: Session, found: "Person | Brief", *, by: Actor) -> None:
    """Test that the actor may do something for the resident.

    Raises:
        NotYourResident: If the actor may not even look.
        MayOnlyLook: If the actor may look, but not write.
    """
    if may_change(session, found, by=by):
        return
    raise MayOnlyLook if by.has(*LOOKS_UP_ANYONE) else NotYourResident


def ensure_known(state: ResidentState) -> None:
    """Test that the resident is somebody still.

    Raises:
        DataWiped: If the resident was anonymised.
    """
    if state is ResidentState.ANONYMISED:
        raise DataWiped


def is_acting_for(session: Session, resident_id: int, *, by: Actor) -> bool:
    """Tell whether the account acts for the resident at present."""
    current = select(ActingFor.id).where(
        ActingFor.account_id == by.account_id,
        ActingFor.resident_id == resident_id,
        ActingFor.ended_at.is_(None),
    )
    return session.scalar(current) is not None


def is_own_or_family(session: Session, found: Person, *, by: Actor) -> bool:
    """Tell whether the resident is the actor, or somebody the actor acts for as family."""
    return found.id == by.resident_id or is_acting_for(session, found.id, by=by)


def grid_of(session: Session, *, by: Actor) -> int | None:
    """Return the grid that the account works in."""
    return session.scalar(select(Account.grid_id).where(Account.id == by.account_id))


def people_of(session: Session, *, by: Actor) -> tuple[Person, ...]:
    """Return the account's own resident, then those it acts for at present."""
    acted_for = select(ActingFor.resident_id).where(
        ActingFor.account_id == by.account_id, ActingFor.ended_at.is_(None)
    )
    rows = session.scalars(
        select(Resident)
        .where(or_(Resident.account_id == by.account_id, Resident.id.in_(acted_for)))
        .where(Resident.state != ResidentState.ANONYMISED)
        .order_by(Resident.id)
    ).all()
    found = [_person(row) for row in rows]
    return tuple(sorted(found, key=lambda one: one.account_id != by.account_id))


def search(session: Session, *, text: str, by: Actor, limit: int = 20) -> tuple[Person, ...]:
    """Return the residents that a text may mean, at most `limit`, in order of name.

    Part of a name, first letters of the name's pinyin, a whole telephone or citizen number, or a
    resident's code. A grid worker finds only residents of the own grid; staff who may not look
    anyone up find nobody.
    """
    wanted = text.strip()
    if not wanted or "\0" in wanted:
        return ()
    query = select(Resident).where(
        Resident.state != ResidentState.ANONYMISED, _matches(wanted), _seen_by(session, by)
    )
    rows = session.scalars(query.order_by(Resident.name, Resident.id).limit(limit))
    return tuple(_person(row) for row in rows)


def _matches(wanted: str) -> ColumnElement[bool]:
    """Return the condition that the text names the resident."""
    code = _resident_code(wanted)
    if code is not None:
        return Resident.code == code
    if is_phone(wanted):
        index = blind_index(read_phone(wanted), purpose=PHONE)
        return Resident.phone_index == index
    number = compact(wanted)
    if len(number) == 18:  # ruff: ignore[magic-value-comparison] - a citizen number
        return Resident.citizen_number_index == blind_index(number, purpose=CITIZEN_NUMBER)
    named = Resident.name.icontains(wanted, autoescape=True)
    if wanted.isascii() and wanted.isalpha():
        return or_(named, Resident.name_initials.startswith(wanted.lower(), autoescape=True))
    return named


def _resident_code(wanted: str) -> str | None:
    try:
        scanned = read_code(wanted)
    except CodeUnreadable:
        return None
    return scanned.code if scanned.kind is CodeKind.RESIDENT else None


def _seen_by(session: Session, by: Actor) -> ColumnElement[bool]:
    """Return the condition that the staff member may see the resident."""
    if by.has(*LOOKS_UP_ANYONE):
        return Resident.id.is_not(None)
    if by.has(Role.GRID_WORKER):
        return Resident.grid_id == grid_of(session, by=by)
    return Resident.id.is_(None)


def citizen_number(session: Session, *, resident_id: int) -> str | None:
    """Return the whole citizen number; for the rules of eligibility, never for a page."""
    return session.scalar(select(Resident.citizen_number).where(Resident.id == resident_id))


def contact(session: Session, *, resident_id: int) -> Contact:
    """Return telephone and address, unmasked.

    Raises:
        ResidentNotFound: If there is no such resident.
    """
    row = _one(session, select(Resident).where(Resident.id == resident_id))
    return Contact(phone=row.phone or "", address=row.address or "")


def secret(session: Session, *, resident_id: int, which: Secret) -> str:
    """Return a value that is masked elsewhere; the caller has written down who asked and why."""
    column = {
        Secret.PHONE: Resident.phone,
        Secret.CITIZEN_NUMBER: Resident.citizen_number,
        Secret.ADDRESS: Resident.address,
    }[which]
    return session.scalar(select(column).where(Resident.id == resident_id)) or ""


def _one(session: Session, query: Select[Resident]) -> Resident:
    """Return the row.

    Raises:
        ResidentNotFound: If there is none.
    """
    row = session.scalars(query).one_or_none()
    if row is None:
        raise ResidentNotFound
    return row


def _person(row: Resident) -> Person:
    return Person(
        id=row.id,
        code=row.code,
        name=row.name,
        state=row.state,
        register=row.register,
        community_id=row.community_id,
        grid_id=row.grid_id,
        account_id=row.account_id,
        born_on=date.fromisoformat(row.born_on) if row.born_on else None,
        phone=row.phone,
        has_citizen_number=row.citizen_number is not None,
        has_address=bool(row.address),
        lives_alone=row.lives_alone,
        masked_name=masked_name(row.name),
        masked_phone=masked_phone(row.phone) if row.phone else "",
        masked_number=masked_number(row.citizen_number) if row.citizen_number else "",
    )
