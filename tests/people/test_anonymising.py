"""Anonymising on both databases: nothing of the person is left, nothing open is lost."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest
from apiflask import APIFlask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from rental.eligibility import service as eligibility
from rental.eligibility.models import Application, Claim, Decision
from rental.eligibility.policy import ElderlyClaim, EvidenceKind, Reason
from rental.foundation.clock import Moment
from rental.foundation.crypto import blind_index
from rental.foundation.database import Base, reading, transaction
from rental.journal import queries as journal
from rental.journal.models import JournalLine
from rental.loans import service as loans
from rental.loans.policy import Condition
from rental.loans.service import Issue, Return
from rental.notices.models import Notice
from rental.people import queries, service
from rental.people.models import Account, ActingFor, Resident
from rental.people.policy import PersonalData, Purpose, Relation, ResidentState, Secret
from rental.people.policy.retention import kept_since
from rental.people.queries import ResidentNotFound
from rental.people.service.acting import locked_resident
from rental.people.service.anonymising import NOBODY
from rental.places import queries as places
from rental.reservations import service as reservations
from rental.reservations.service import Wish
from rental.upkeep import service as upkeep
from tests.cast import Cast

DATABASES = ["sqlite", "postgresql"]
DAY = timedelta(days=1)


Write = Callable[..., object]
AFTERWARDS: list[Write] = [
    partial(service.save_personal_data, data=PersonalData(name="孙磊", phone="13900000004")),
    partial(service.give_consent, purpose=Purpose.HEALTH),
    partial(service.reveal, which=Secret.PHONE, reason="打电话"),
    partial(service.add_deputy, name="chen-jing", relation=Relation.CHILD),
    service.hush,
    service.anonymise,
]


def later(at: Moment, days: int) -> Moment:
    return Moment.of(at.at + days * DAY)


def anonymise(cast: Cast, at: Moment, who: str, by: str = "manager") -> None:
    with transaction() as session:
        service.anonymise(session, code=cast.resident[who].code, by=cast.actor(by), at=at)


def anonymise_old(at: Moment) -> int:
    with transaction() as session:
        return service.anonymise_old(session, at=at)


def reserve(cast: Cast, at: Moment, who: str) -> None:
    calendar = places.calendar(reading(), site_id=cast.site_id)
    wish = Wish(
        kind_id=cast.kind["lightweight-wheelchair"],
        site_id=cast.site_id,
        resident_id=cast.resident[who].id,
        starts_on=calendar.next_open(at.on + DAY),
    )
    with transaction() as session:
        reservations.reserve(session, wish, by=cast.actor("clerk"), at=at)


def everything(session: Session) -> str:
    """Return all the text and secrets of all rows."""
    rows = []
    for mapper in Base.registry.mappers:
        rows += [str(vars(row)) for row in session.scalars(select(mapper.class_))]
    return "\n".join(rows)


class TestKeptSince:
    @pytest.mark.parametrize(
        ("today", "since"),
        [(date(2029, 12, 1), date(2026, 12, 1)), (date(2028, 2, 29), date(2025, 2, 28))],
    )
    def test_is_three_years_ago(self, today: date, since: date) -> None:
        assert kept_since(today) == since


def say_much(cast: Cast, at: Moment, who: str, words: str) -> None:
    """Let everybody write the words into whatever they may write about the resident."""
    known, clerk, reviewer = cast.resident[who], cast.actor("clerk"), cast.actor("reviewer")
    asks = ElderlyClaim(difficulties=frozenset({"living_alone"}))

    def do(act: Callable[..., object], *args: object, **kwargs: object) -> object:
        with transaction() as session:
            return act(session, *args, at=at, **kwargs)

    decided = reading().scalars(select(Decision).where(Decision.resident_id == known.id)).all()
    reading().rollback()
    for decision in decided:
        do(eligibility.revoke, decision_code=decision.code, reason=words, by=reviewer)
    for _ in range(2):
        code = do(eligibility.apply, resident_code=known.code, claims=[asks], by=clerk)
        paper = EvidenceKind.DIFFICULTY_PROOF
        asked = {"application_code": code, "by": reviewer}
        do(eligibility.request_papers, papers=[paper], note=words, **asked)
        do(eligibility.refuse, reason=Reason((), words), **asked)
    for unit, condition in (("available", Condition.DAMAGED), ("last_stick", None)):
        lent = Issue(
            unit_code=cast.unit[unit].code,
            resident_code=known.code,
            taught=True,
            force_reason=words,
        )
        loan = do(loans.issue, lent, by=clerk)
        assert isinstance(loan, loans.Issued)
        assert loan.forced
        if condition is None:
            do(loans.mark_lost, loan.loan_code, reason=words, by=clerk)
        else:
            back = Return(unit_code=loan.unit_code, condition=condition, note=words)
            do(loans.take_back, back, by=clerk)
    own = cast.actor(who) if who in cast.account else None
    do(upkeep.report_fault, unit_code=cast.unit["dirty"].code, what=words, by=own)
    do(service.reveal, code=known.code, which=Secret.PHONE, reason=words, by=clerk)
    do(service.hush, code=known.code, by=clerk)


class TestAnonymise:
    @pytest.mark.parametrize("who", ["wang-guilan", "sun-lei"])
    def test_leaves_nothing_of_the_person(
        self, app: APIFlask, cast: Cast, at: Moment, who: str
    ) -> None:
        known = cast.resident[who]
        row = reading().get_one(Resident, known.id)
        words = [row.name, row.phone, row.citizen_number, row.citizen_number_index, row.phone_index]
        personal = [word for word in words if word] + [f"{row.name}患有老年痴呆"]
        say_much(cast, at, who, personal[-1])
        with transaction() as session:
            session.execute(update(Claim).values(certificate_number="1", difficulties="x"))
        assert all(word in everything(reading()) for word in personal)
        reading().rollback()
        anonymise(cast, at, who)
        session = reading()
        left = everything(session)
        assert not [word for word in personal if word in left]
        row = session.get_one(Resident, known.id)
        assert row.state is ResidentState.ANONYMISED
        assert row.citizen_number_index is None
        assert session.scalars(select(Notice)).all() == []
        theirs = select(Application.id).where(Application.resident_id == known.id)
        for claim in session.scalars(select(Claim).where(Claim.application_id.in_(theirs))):
            assert (claim.certificate_number, claim.difficulties) == (None, "")
        acting = select(ActingFor).where(ActingFor.resident_id == known.id)
        assert all(row.ended_at for row in session.scalars(acting))
        assert not [found for found in journal.verify(session) if known.code in found.subject]

    def test_leaves_chains_of_an_older_release_whole(
        self, app: APIFlask, cast: Cast, at: Moment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as older:
            for kind, more in ((Application, "reason"), (Resident, "citizen_number_index")):
                older.setattr(kind, "journal_columns", (*kind.journal_columns, more))
            say_much(cast, at, "sun-lei", "孙磊患有老年痴呆")
        subjects = {line.subject for line in reading().scalars(select(JournalLine))}
        reading().rollback()
        anonymise(cast, at, "sun-lei")
        broken = [found for found in journal.verify(reading()) if found.subject in subjects]
        assert not [found for found in broken if found.subject.startswith(("appl", "resi"))]

    def test_ends_what_was_valid(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        known = cast.resident["wang-guilan"]
        anonymise(cast, at, "wang-guilan")
        decisions = select(Decision).where(Decision.resident_id == known.id)
        assert all(row.revoked_at for row in reading().scalars(decisions))

    def test_closes_the_own_account(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        anonymise(cast, at, "wang-guilan")
        account = reading().get_one(Account, cast.account["wang-guilan"])
        assert (account.active, account.phone, account.phone_index) == (False, None, None)
        index = blind_index("13900000001", purpose="phone")
        found = reading().scalars(select(Account).where(Account.phone_index == index)).all()
        assert found == []

    def test_leaves_an_account_that_somebody_else_needs(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        with transaction() as session:
            session.execute(update(ActingFor).values(account_id=cast.account["sun-lei"]))
        anonymise(cast, at, "sun-lei")
        assert reading().get_one(Account, cast.account["sun-lei"]).active

    def test_refuses_while_something_is_open(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        reserve(cast, at, "wang-guilan")
        for who in ("wang-guilan", "li-jianguo"):  # a reservation, a loan
            with pytest.raises(service.StillNeeded):
                anonymise(cast, at, who)
        assert queries.person(reading(), code=cast.resident["wang-guilan"].code).name == "王桂兰"

    @pytest.mark.parametrize("by", ["clerk", "reviewer", "wang-guilan"])
    def test_is_the_managers_alone(self, app: APIFlask, cast: Cast, at: Moment, by: str) -> None:
        with pytest.raises(service.OnlyTheManager):
            anonymise(cast, at, "wang-guilan", by=by)

    def test_knows_nobody_else(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with pytest.raises(ResidentNotFound), transaction() as session:
            service.anonymise(session, code="R-x", by=cast.actor("manager"), at=at)

    @pytest.mark.parametrize("write", AFTERWARDS)
    def test_lets_nothing_be_written_afterwards(
        self, app: APIFlask, cast: Cast, at: Moment, write: Write
    ) -> None:
        code = cast.resident["sun-lei"].code
        anonymise(cast, at, "sun-lei")
        with pytest.raises(queries.DataWiped), transaction() as session:
            write(session, code=code, by=cast.actor("manager"), at=at)
        assert queries.person(reading(), code=code).name == NOBODY

    def test_is_seen_by_a_form_that_was_sent_before(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        code = cast.resident["sun-lei"].code
        with transaction() as session:
            stale = session.scalars(select(Resident).where(Resident.code == code)).one()
            wiped = update(Resident).where(Resident.id == stale.id)
            session.connection().execute(wiped.values(state=ResidentState.ANONYMISED))
            with pytest.raises(queries.DataWiped):
                locked_resident(session, code)

    def test_refuses_strangers_without_a_word_of_it(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        code = cast.resident["sun-lei"].code
        anonymise(cast, at, "sun-lei")
        with pytest.raises(queries.NotYourResident):
            queries.person_to_change(reading(), code=code, by=cast.actor("wang-guilan"))

    def test_leaves_nobody_to_reserve_for(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        code = cast.resident["sun-lei"].code
        anonymise(cast, at, "sun-lei")
        with pytest.raises(queries.DataWiped):
            queries.resident_id_to_change(reading(), code=code, by=cast.actor("clerk"))


class TestAnonymiseOld:
    def test_waits_three_years_after_the_last_thing(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        three_years = 3 * 365 + 1
        assert anonymise_old(at) == 0
        assert anonymise_old(later(at, three_years - 1)) == 0
        without_decision = anonymise_old(later(at, three_years + 1))
        session = reading()
        kept = session.scalars(select(Resident.id).where(Resident.state == ResidentState.ACTIVE))
        decided = set(session.scalars(select(Decision.resident_id)))
        borrower = cast.resident["li-jianguo"].id
        assert set(kept) == decided | {borrower}
        assert without_decision == len(cast.resident) - len(decided | {borrower})
        reading().rollback()
        end = later(at, three_years + 302)
        assert anonymise_old(end) == len(decided - {borrower})
        assert anonymise_old(end) == 0

    def test_counts_from_the_last_reservation(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        reserve(cast, at, "wang-guilan")
        anonymise_old(later(at, 3 * 365 + 303))
        assert queries.person(reading(), code=cast.resident["wang-guilan"].code).name == "王桂兰"
