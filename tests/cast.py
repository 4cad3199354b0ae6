"""The cast: fixed fake people and devices that every test knows.

Built from rows, so that no test depends on the services it tests. Codes are looked up, not fixed.
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import starmap
from pathlib import Path

import argon2
from sqlalchemy import select
from sqlalchemy.orm import Session

from rental.catalogue import service as catalogue
from rental.catalogue.models import Kind
from rental.eligibility.models import Application, Claim, Decision
from rental.eligibility.policy import ApplicationState, Ground
from rental.foundation import clock
from rental.foundation.actor import Actor, Role
from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, new_code
from rental.foundation.crypto import blind_index
from rental.inventory.models import Stock, Unit
from rental.inventory.policy import UnitState
from rental.loans.models import Loan
from rental.loans.policy import LoanState
from rental.people.models import Account, AccountRole, ActingFor, Consent, Resident
from rental.people.policy import CONSENT_VERSION, Purpose, Register, Relation, ResidentState
from rental.places import service as places
from rental.places.models import Community, Grid, Site
from rental.upkeep.models import Upkeep
from rental.upkeep.policy import UpkeepReason, UpkeepState

#: argon2id of demo-rental-2026 with the library's lowest cost: tests hash often.
PASSWORD = "demo-rental-2026"

STAFF = {
    "manager": Role.MANAGER,
    "clerk": Role.CLERK,
    "clerk-2": Role.CLERK,
    "cleaner": Role.CLEANER,
    "technician": Role.TECHNICIAN,
    "therapist": Role.THERAPIST,
    "reviewer": Role.REVIEWER,
    "grid-worker": Role.GRID_WORKER,
}

#: login: name, citizen number (right check character, made up), telephone, initials, ground
RESIDENTS = {
    "wang-guilan": ("王桂兰", "110101195003072525", "13900000001", "wgl", Ground.ELDERLY),
    "li-jianguo": ("李建国", "110101196505121218", "13900000002", "ljg", Ground.DISABILITY),
    "zhao-min": ("赵敏", "110101198809094444", "13900000003", "zm", Ground.INJURY),
    "sun-lei": ("孙磊", "110101199001011234", "13900000004", "sl", None),
}


@dataclass(frozen=True)
class Known:
    """A row's two names."""

    id: int
    code: str


class Cast:
    """Looks the cast up in a filled database."""

    def __init__(self, session: Session) -> None:
        self.account: dict[str, int] = {
            login: id_
            for login, id_ in session.execute(select(Account.login, Account.id))
            if login is not None
        }
        self.resident: dict[str, Known] = {
            login: Known(id_, code)
            for login, id_, code in session.execute(
                select(Account.login, Resident.id, Resident.code).join(
                    Account, Account.id == Resident.account_id
                )
            )
            if login is not None
        }
        self.kind: dict[str, int] = {
            row.key: row.id for row in session.execute(select(Kind.key, Kind.id))
        }
        self.unit: dict[str, Known] = {
            note: Known(id_, code)
            for note, id_, code in session.execute(select(Unit.note, Unit.id, Unit.code))
        }
        self.site_id: int = session.scalars(select(Site.id).order_by(Site.id)).first() or 0
        self.loan: Known = next(starmap(Known, session.execute(select(Loan.id, Loan.code))))
        self._roles: dict[int, frozenset[Role]] = {}
        for account, role in session.execute(select(AccountRole.account_id, AccountRole.role)):
            self._roles[account] = self._roles.get(account, frozenset()) | {role}
        session.rollback()

    def actor(self, login: str) -> Actor:
        """Return the member of the cast as an actor."""
        own = self.resident.get(login)
        return Actor(
            account_id=self.account[login],
            name=login,
            roles=self._roles.get(self.account[login], frozenset()),
            site_id=self.site_id if login in STAFF else None,
            resident_id=own.id if own else None,
        )


def fake_number(area: str, born: str, sequence: str) -> str:
    """Return a made-up citizen number with the right check character."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    first = area + born + sequence
    total = sum(int(digit) * weight for digit, weight in zip(first, weights, strict=True))
    return first + "10X98765432"[total % 11]


def build_cast(session: Session) -> None:
    """Fill an empty database with reference data and the cast."""
    at = clock.now()
    places.ensure_reference_data(session, at=at)
    data = Path(__file__).parent.parent / "rental" / "catalogue" / "data" / "catalogue.json"
    catalogue.load(session, json.loads(data.read_text(encoding="utf-8")), at=at)
    session.flush()
    site = session.scalars(select(Site).order_by(Site.id)).first()
    grid = session.scalars(select(Grid).order_by(Grid.id)).first()
    assert site is not None
    assert grid is not None
    for login, role in STAFF.items():
        account = _account(login, at, site_id=site.id)
        account.grid_id = grid.id if role is Role.GRID_WORKER else None
        session.add(account)
        session.flush()
        session.add(AccountRole(account_id=account.id, role=role))
    for login, (name, number, phone, initials, ground) in RESIDENTS.items():
        _resident(session, login, name, number, phone, initials, ground, grid, at)
    _acting_daughter(session, at)
    _units(session, site, at)


_HASH = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)


def _account(login: str, at: Moment, *, site_id: int | None = None) -> Account:
    return Account(
        login=login,
        name=login,
        password_hash=_HASH,
        site_id=site_id,
        active=True,
        session_epoch=1,
        created_at=at.at,
    )


def _resident(
    session: Session,
    login: str,
    name: str,
    number: str,
    phone: str,
    initials: str,
    ground: Ground | None,
    grid: Grid,
    at: Moment,
) -> None:
    number = fake_number(number[:6], number[6:14], number[14:17])
    account = _account(login, at)
    account.name = name
    account.phone = phone
    account.phone_index = blind_index(phone, purpose="phone")
    session.add(account)
    session.flush()
    session.add(AccountRole(account_id=account.id, role=Role.RESIDENT))
    born = date.fromisoformat(f"{number[6:10]}-{number[10:12]}-{number[12:14]}")
    resident = Resident(
        code=new_code(CodeKind.RESIDENT),
        account_id=account.id,
        state=ResidentState.ACTIVE,
        name=name,
        name_initials=initials,
        citizen_number=number,
        citizen_number_index=blind_index(number, purpose="citizen-number"),
        born_on=born.isoformat(),
        phone=phone,
        phone_index=blind_index(phone, purpose="phone"),
        address="和平街道测试路 1 号",
        register=Register.HERE if ground else Register.ELSEWHERE,
        community_id=grid.community_id if ground else None,
        grid_id=grid.id if ground else None,
        lives_alone=login == "wang-guilan",
        created_at=at.at,
    )
    session.add(resident)
    session.flush()
    session.add_all(
        Consent(
            resident_id=resident.id,
            purpose=purpose,
            version=CONSENT_VERSION,
            given_by=account.id,
            given_at=at.at,
        )
        for purpose in Purpose
    )
    if ground:
        _approved(session, resident, ground, account.id, at)


def _approved(
    session: Session, resident: Resident, ground: Ground, account_id: int, at: Moment
) -> None:
    application = Application(
        code=new_code(CodeKind.APPLICATION),
        resident_id=resident.id,
        state=ApplicationState.APPROVED,
        submitted_at=at.at,
        submitted_by=account_id,
        answered_at=at.at,
    )
    session.add(application)
    session.flush()
    session.add(Claim(application_id=application.id, ground=ground))
    session.add(
        Decision(
            code=new_code(CodeKind.DECISION),
            application_id=application.id,
            resident_id=resident.id,
            ground=ground,
            valid_from=at.on,
            valid_until=at.on + timedelta(days=300),
            decided_by=account_id,
            decided_at=at.at,
        )
    )


def _acting_daughter(session: Session, at: Moment) -> None:
    daughter = _account("chen-jing", at)
    daughter.phone = "13900000005"
    daughter.phone_index = blind_index(daughter.phone, purpose="phone")
    session.add(daughter)
    session.flush()
    session.add(AccountRole(account_id=daughter.id, role=Role.RESIDENT))
    mother = session.scalars(select(Resident).where(Resident.name == "王桂兰")).one()
    session.add(
        ActingFor(
            account_id=daughter.id,
            resident_id=mother.id,
            relation=Relation.CHILD,
            since_at=at.at,
        )
    )


#: What stands in the house; the key is kept in the unit's note. All are lightweight wheelchairs
#: but where the key says otherwise.
UNITS: dict[str, tuple[str, UnitState]] = {
    "available": ("lightweight-wheelchair", UnitState.AVAILABLE),
    "available_2": ("lightweight-wheelchair", UnitState.AVAILABLE),
    "on_loan": ("lightweight-wheelchair", UnitState.ON_LOAN),
    "dirty": ("lightweight-wheelchair", UnitState.DIRTY),
    "last_stick": ("quad-stick", UnitState.AVAILABLE),
    "new": ("folding-commode", UnitState.NEW),
    "oxygen": ("home-oxygen-concentrator", UnitState.AVAILABLE),
    "repair": ("electric-care-bed", UnitState.REPAIR),
    "scrapped": ("folding-reacher", UnitState.SCRAPPED),
}


def _units(session: Session, site: Site, at: Moment) -> None:
    kinds = {row.key: row.id for row in session.execute(select(Kind.key, Kind.id))}
    for note, (key, state) in UNITS.items():
        on_loan = state is UnitState.ON_LOAN
        session.add(
            Unit(
                code=new_code(CodeKind.UNIT),
                kind_id=kinds[key],
                site_id=site.id,
                state=state,
                due_on=at.on + timedelta(days=10) if on_loan else None,
                free_from=_free_from(state, at.on),
                note=note,
                created_at=at.at,
            )
        )
    session.add_all(
        Stock(site_id=site.id, kind_id=kinds[key]) for key in {key for key, _ in UNITS.values()}
    )
    session.flush()
    units = {unit.note: unit for unit in session.scalars(select(Unit))}
    borrower = session.scalars(select(Resident).where(Resident.name == "李建国")).one()
    clerk = session.scalars(select(Account).where(Account.login == "clerk")).one()
    lent = units["on_loan"]
    session.add(
        Loan(
            code=new_code(CodeKind.LOAN),
            unit_id=lent.id,
            kind_id=lent.kind_id,
            site_id=site.id,
            resident_id=borrower.id,
            state=LoanState.OPEN,
            issued_on=at.on - timedelta(days=80),
            issued_at=at.at - timedelta(days=80),
            issued_by=clerk.id,
            due_on=at.on + timedelta(days=10),
        )
    )
    session.add(
        Upkeep(
            code=new_code(CodeKind.UPKEEP),
            unit_id=units["dirty"].id,
            site_id=site.id,
            reason=UpkeepReason.RETURN,
            hygiene="H1",
            state=UpkeepState.OPEN,
            opened_at=at.at,
            expected_on=at.on + timedelta(days=1),
        )
    )
    session.flush()


def _free_from(state: UnitState, today: date) -> date | None:
    match state:
        case UnitState.ON_LOAN:
            return today + timedelta(days=11)
        case UnitState.DIRTY:
            return today + timedelta(days=1)
        case _:
            return None


__all__ = ["PASSWORD", "RESIDENTS", "STAFF", "Cast", "Community", "build_cast", "fake_number"]
