"""Fake accounts and residents, and the applications some of them handed in."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from rental.cli.demo.actors import actor
from rental.eligibility import queries as applications
from rental.eligibility import service as eligibility
from rental.eligibility.policy import (
    Claim,
    DisabilityClaim,
    ElderlyClaim,
    EvidenceKind,
    Ground,
    InjuryClaim,
    PaperFacts,
    read_disability_certificate,
)
from rental.eligibility.service import Approval
from rental.foundation.actor import SYSTEM, Role
from rental.foundation.clock import Moment
from rental.foundation.database import reading, transaction
from rental.people import queries as people
from rental.people import service as people_service
from rental.people.policy import PersonalData, Purpose, Register, Relation, read_citizen_number
from rental.places import queries as places

PASSWORD = "demo-rental-2026"  # ruff: ignore[hardcoded-password-string] - the public password of fake accounts

STAFF: dict[str, tuple[str, Role]] = {
    "manager": ("马主任", Role.MANAGER),
    "clerk": ("周窗口", Role.CLERK),
    "cleaner": ("吴洗消", Role.CLEANER),
    "technician": ("郑师傅", Role.TECHNICIAN),
    "therapist": ("康医生", Role.THERAPIST),
    "reviewer": ("沈审核", Role.REVIEWER),
    "grid-worker": ("韩网格", Role.GRID_WORKER),
}


@dataclass(frozen=True, slots=True)
class Fake:
    """A made-up resident; the citizen number is completed with its check character."""

    login: str
    name: str
    number: str
    phone: str
    ground: Ground | None
    decided: bool = True

    @property
    def register(self) -> Register:
        """Whoever has a ground lives in the subdistrict."""
        return Register.HERE if self.ground else Register.ELSEWHERE

    @property
    def whole_number(self) -> str:
        """The citizen number with its check character (GB 11643)."""
        total = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(self.number))
        return self.number + "10X98765432"[total % 11]


RESIDENTS = (
    Fake("wang-guilan", "王桂兰", "11010119500307252", "13900000001", Ground.ELDERLY),
    Fake("li-jianguo", "李建国", "11010119650512121", "13900000002", Ground.DISABILITY),
    Fake("zhao-min", "赵敏", "11010119880909444", "13900000003", Ground.INJURY),
    Fake("sun-lei", "孙磊", "11010119900101123", "13900000004", None),
    Fake(
        "qian-xiuying", "钱秀英", "11010119440815302", "13900000006", Ground.ELDERLY, decided=False
    ),
    Fake(
        "he-zhiqiang",
        "何志强",
        "11010119711120121",
        "13900000007",
        Ground.DISABILITY,
        decided=False,
    ),
    Fake("xu-lan", "许兰", "11010119930626302", "13900000008", Ground.INJURY, decided=False),
)
DAUGHTER = ("chen-jing", "陈静", "13900000005")

#: The accounts that the contract and the README list, in that order.
ACCOUNTS = (*STAFF, *(fake.login for fake in RESIDENTS[:4]), DAUGHTER[0])


def load(at: Moment) -> None:
    """Create the accounts and residents that are missing."""
    password_hash = people_service.hash_password(PASSWORD)
    with transaction() as session:
        _staff(session, password_hash, at)
        for login, name, phone in (*((f.login, f.name, f.phone) for f in RESIDENTS), DAUGHTER):
            if _is_missing(session, login):
                people_service.create_account(
                    session,
                    login=login,
                    name=name,
                    phone=phone,
                    password_hash=password_hash,
                    roles=[Role.RESIDENT],
                    by=SYSTEM,
                    at=at,
                )
    for fake in RESIDENTS:
        _resident(fake, at)
    _daughter(at)


def make_eligible(at: Moment, *, lately: Moment) -> None:
    """Hand in applications; approve those of the contract's eligible residents."""
    for fake in RESIDENTS:
        if fake.ground is not None:
            handed_in = at if fake.decided else lately
            if fake.ground is Ground.INJURY and fake.decided:
                handed_in = Moment.of(lately.at - timedelta(days=40))
            code = _applied(fake, fake.ground, handed_in)
            if fake.decided:
                _approved(code, fake.ground, handed_in)


def _staff(session: Session, password_hash: str, at: Moment) -> None:
    site, grid = places.site(session), places.grids(session)[0]
    for login, (name, role) in STAFF.items():
        if _is_missing(session, login):
            people_service.create_account(
                session,
                login=login,
                name=name,
                password_hash=password_hash,
                roles=[role],
                site_id=site.id,
                grid_id=grid.id if role is Role.GRID_WORKER else None,
                by=SYSTEM,
                at=at,
            )


def _is_missing(session: Session, login: str) -> bool:
    return people.account_id_of(session, login=login) is None


def _resident(fake: Fake, at: Moment) -> None:
    who = actor(fake.login)
    if who.resident_id is not None:
        return
    with transaction() as session:
        grid = places.grids(session)[0]
        here = fake.register is Register.HERE
        data = PersonalData(
            name=fake.name,
            phone=fake.phone,
            address="和平街道示范路 1 号（虚构）",
            citizen_number=read_citizen_number(fake.whole_number, today=at.on),
            register=fake.register,
            community_id=grid.community_id if here else None,
            grid_id=grid.id if here else None,
            lives_alone=fake.login == "wang-guilan",
        )
        code = people_service.register_self(session, data, by=who, at=at)
    who = actor(fake.login)  # who by now is somebody
    with transaction() as session:
        for purpose in Purpose:
            people_service.give_consent(session, code=code, purpose=purpose, by=who, at=at)


def _daughter(at: Moment) -> None:
    daughter, mother = actor(DAUGHTER[0]), actor("wang-guilan")
    with transaction() as session:
        if not people.people_of(session, by=daughter):
            people_service.act_for(
                session,
                daughter.account_id or 0,
                mother.resident_id or 0,
                relation=Relation.CHILD,
                by=mother,
                at=at,
            )


def _claim(fake: Fake, ground: Ground, at: Moment) -> Claim:
    match ground:
        case Ground.ELDERLY:
            return ElderlyClaim(difficulties=frozenset({"lives_alone"}))
        case Ground.INJURY:
            return InjuryClaim(noted_on=at.on - timedelta(days=3))
        case Ground.DISABILITY:
            certificate = read_disability_certificate(f"{fake.whole_number}43", today=at.on)
            return DisabilityClaim(certificate=certificate, expires_on=date(at.on.year + 5, 6, 30))


def _applied(fake: Fake, ground: Ground, at: Moment) -> str:
    who = actor(fake.login)
    with transaction() as session:
        person = people.person_by_id(session, resident_id=who.resident_id or 0)
        return eligibility.apply(
            session, resident_code=person.code, claims=[_claim(fake, ground, at)], by=who, at=at
        )


def _approved(code: str, ground: Ground, at: Moment) -> None:
    reviewer = actor("reviewer")
    asked = applications.application(reading(), code=code).papers
    for kind in [paper.kind for paper in asked]:
        alone = frozenset({"lives_alone"}) if kind is EvidenceKind.DIFFICULTY_PROOF else None
        with transaction() as session:
            eligibility.mark_seen(
                session,
                application_code=code,
                kind=kind,
                read=PaperFacts(difficulties=alone),
                by=reviewer,
                at=at,
            )
    with transaction() as session:
        eligibility.approve(
            session, application_code=code, approvals=[Approval(ground=ground)], by=reviewer, at=at
        )


__all__ = ["ACCOUNTS", "PASSWORD", "load", "make_eligible"]
