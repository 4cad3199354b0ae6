"""What reviewers decide, and what ends it."""

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta

import pytest
from apiflask import APIFlask
from sqlalchemy import delete, select, update

from rental.eligibility import queries, service
from rental.eligibility.models import Decision
from rental.eligibility.policy import (
    ApplicationCannotMove,
    ApplicationState,
    DisabilityClaim,
    EvidenceKind,
    Ground,
    InjuryClaim,
    PaperFacts,
    Reason,
    RefusalReason,
    ValidityNotShorter,
    read_citizen_number,
    read_disability_certificate,
)
from rental.eligibility.queries import ApplicationNotFound, DecisionNotFound
from rental.eligibility.service import Approval
from rental.foundation.actor import Actor, Role
from rental.foundation.clock import Moment
from rental.foundation.database import db, reading, transaction
from rental.journal import queries as journal
from rental.notices.models import Notice
from rental.notices.policy import NoticeKind
from rental.notices.queries import of_resident
from rental.people import queries as people
from rental.people.models import Resident
from rental.people.policy import PersonalData, Register
from rental.people.queries import DataWiped
from rental.people.service import anonymise, save_personal_data
from tests.beside import Beside
from tests.cast import Cast, fake_number
from tests.eligibility.steps import (
    DIBAO,
    PAPERS,
    acts,
    approve,
    hand_in,
    notices,
    number_of,
    ready,
    refuse,
    see,
    view,
)

DATABASES = ["sqlite", "postgresql"]


def save(cast: Cast, at: Moment, data: PersonalData, *, by: str) -> None:
    code = cast.resident["wang-guilan"].code
    with transaction() as session:
        save_personal_data(session, code=code, data=data, by=cast.actor(by), at=at)


class TestApprove:
    def test_refuses_a_certificate_that_only_shares_the_birthday(
        self, cast: Cast, at: Moment
    ) -> None:
        with transaction() as session:
            row = session.get_one(Resident, cast.resident["li-jianguo"].id)
            row.citizen_number = row.citizen_number_index = None
        other = fake_number("370402", number_of("li-jianguo")[6:14], "001")
        claim = DisabilityClaim(
            certificate=read_disability_certificate(other + "43", today=at.on),
            expires_on=date(2031, 5, 1),
        )
        code = hand_in(cast, at, claim, login="li-jianguo")
        for paper in view(code).papers:
            see(cast, at, code, paper.kind)
        with pytest.raises(service.GroundNotMet):
            approve(cast, at, code, Approval(ground=Ground.DISABILITY))

    def test_makes_a_decision_that_holds(self, cast: Cast, at: Moment) -> None:
        resident = cast.resident["wang-guilan"].id
        with transaction() as session:
            session.execute(delete(Decision))
        code = ready(cast, at)
        (decision,) = approve(cast, at, code)
        assert decision.startswith("D-")
        found = queries.valid_decision(reading(), resident_id=resident, on=at.on)
        assert found is not None
        assert (found.code, found.ground) == (decision, Ground.ELDERLY)
        assert found.valid_until == at.on + timedelta(days=365)
        assert view(code).state is ApplicationState.APPROVED
        assert acts(code)[-1] == "approved"
        assert notices(reading(), resident)["approved"] == {
            "until": {"date": found.valid_until.isoformat()}
        }
        assert list(journal.verify(reading())) == [] or all(
            "application:" not in b.subject or b.subject.split(":")[1] != code
            for b in journal.verify(reading())
        )

    def test_approves_each_ground_with_its_own_validity(self, cast: Cast, at: Moment) -> None:
        code = hand_in(cast, at, DIBAO, InjuryClaim(noted_on=at.on - timedelta(days=10)))
        for paper in view(code).papers:
            see(cast, at, code, paper.kind)
        approve(cast, at, code, Approval(ground=Ground.ELDERLY), Approval(ground=Ground.INJURY))
        ends = {d.ground: d.valid_until for d in view(code).decisions}
        assert ends == {
            Ground.ELDERLY: at.on + timedelta(days=365),
            Ground.INJURY: at.on + timedelta(days=80),
        }

    def test_may_shorten_but_not_lengthen(self, cast: Cast, at: Moment) -> None:
        code = ready(cast, at)
        with pytest.raises(ValidityNotShorter):
            approve(
                cast,
                at,
                code,
                Approval(ground=Ground.ELDERLY, until=at.on + timedelta(days=366)),
            )
        until = at.on + timedelta(days=30)
        approve(cast, at, code, Approval(ground=Ground.ELDERLY, until=until))
        assert view(code).decisions[0].valid_until == until

    def test_needs_every_paper_seen(self, cast: Cast, at: Moment) -> None:
        code = hand_in(cast, at)
        with pytest.raises(service.PapersNotSeen):
            approve(cast, at, code)
        assert view(code).state is ApplicationState.SUBMITTED

    def test_needs_every_criterion_met(self, cast: Cast, at: Moment) -> None:
        code = ready(cast, at)
        see(
            cast,
            at,
            code,
            EvidenceKind.DIFFICULTY_PROOF,
            PaperFacts(difficulties=frozenset()),
        )
        with pytest.raises(service.GroundNotMet):
            approve(cast, at, code)

    def test_refuses_who_is_registered_elsewhere(self, cast: Cast, at: Moment) -> None:
        code = hand_in(cast, at, InjuryClaim(noted_on=at.on), login="sun-lei")
        for paper in view(code).papers:
            see(cast, at, code, paper.kind)
        with pytest.raises(service.GroundNotMet):
            approve(cast, at, code, Approval(ground=Ground.INJURY))

    def test_refuses_a_ground_that_was_not_claimed(self, cast: Cast, at: Moment) -> None:
        code = ready(cast, at)
        with pytest.raises(service.GroundNotClaimed):
            approve(cast, at, code, Approval(ground=Ground.INJURY))
        with pytest.raises(service.NothingToApprove), transaction() as session:
            service.approve(
                session, application_code=code, approvals=(), by=cast.actor("reviewer"), at=at
            )

    def test_refuses_reviewers_of_themselves_and_their_family(self, cast: Cast, at: Moment) -> None:
        code = ready(cast, at)
        own = Actor(
            account_id=cast.account["wang-guilan"],
            name="x",
            roles=frozenset({Role.REVIEWER}),
            resident_id=cast.resident["wang-guilan"].id,
        )
        daughter = Actor(
            account_id=cast.account["chen-jing"], name="x", roles=frozenset({Role.REVIEWER})
        )
        for by in (own, daughter):
            with pytest.raises(service.OwnApplication), transaction() as session:
                service.approve(
                    session,
                    application_code=code,
                    approvals=(Approval(ground=Ground.ELDERLY),),
                    by=by,
                    at=at,
                )

    def test_refuses_a_stale_page(self, cast: Cast, at: Moment) -> None:
        code = ready(cast, at)
        stale = view(code).seq - 1
        with pytest.raises(service.HandledMeanwhile):
            approve(cast, at, code, seen_seq=stale)
        assert approve(cast, at, code, seen_seq=stale + 1)

    @pytest.mark.parametrize("by", ["wang-guilan", "chen-jing"])
    def test_sees_the_papers_again_when_the_person_changed_meanwhile(
        self, cast: Cast, at: Moment, by: str
    ) -> None:
        known = cast.resident["wang-guilan"]
        with transaction() as session:
            row = session.get_one(Resident, known.id)
            row.register, row.community_id = Register.ELSEWHERE, None
        code = ready(cast, at)
        page = view(code).seq
        here = PersonalData(name="王桂兰", register=Register.HERE, community_id=1)
        save(cast, at, here, by=by)
        with pytest.raises(service.HandledMeanwhile):
            approve(cast, at, code, seen_seq=page)
        with pytest.raises(service.PapersNotSeen):
            approve(cast, at, code)
        assert acts(code)[-1] == "person_changed"
        save(cast, at, here, by=by)
        assert view(code).seq == page + 1
        for kind in PAPERS:
            see(cast, at, code, kind)
        assert approve(cast, at, code)

    def test_asks_for_the_permit_that_somebody_names_meanwhile(
        self, cast: Cast, at: Moment
    ) -> None:
        code = ready(cast, at)
        permit = PersonalData(name="王桂兰", register=Register.RESIDENCE_PERMIT, community_id=1)
        save(cast, at, permit, by="wang-guilan")
        unseen = {paper.kind for paper in view(code).papers if paper.seen_at is None}
        assert unseen == {*PAPERS, EvidenceKind.RESIDENCE_PERMIT}

    def test_keeps_papers_seen_when_staff_correct_or_nothing_proven_changed(
        self, cast: Cast, at: Moment
    ) -> None:
        code = ready(cast, at)
        community_id = people.person(reading(), code=cast.resident["wang-guilan"].code).community_id
        moved = PersonalData(
            name="王桂兰", address="新路 3 号", register=Register.HERE, community_id=community_id
        )
        save(cast, at, moved, by="wang-guilan")
        elsewhere = PersonalData(name="王桂兰", register=Register.ELSEWHERE)
        save(cast, at, elsewhere, by="clerk")
        assert all(paper.seen_at for paper in view(code).papers)

    def test_needs_no_proof_of_difficulty_from_the_very_old(self, cast: Cast, at: Moment) -> None:
        with transaction() as session:
            row = session.get_one(Resident, cast.resident["wang-guilan"].id)
            row.citizen_number = fake_number("110101", "19451212", "252")
        code = hand_in(cast, at)
        assert [paper.kind for paper in view(code).papers] == list(PAPERS)
        for kind in PAPERS:
            see(cast, at, code, kind)
        assert approve(cast, at, code)

    def test_asks_for_the_paper_that_a_correction_by_staff_makes_needed(
        self, cast: Cast, at: Moment
    ) -> None:
        known = cast.resident["wang-guilan"]
        with transaction() as session:
            row = session.get_one(Resident, known.id)
            row.citizen_number, row.born_on = None, "1945-12-12"
        code = hand_in(cast, at)
        for kind in PAPERS:
            see(cast, at, code, kind)
        younger = read_citizen_number(number_of("wang-guilan"), today=at.on)
        community_id = people.person(reading(), code=known.code).community_id
        right = PersonalData(
            name="王桂兰",
            register=Register.HERE,
            community_id=community_id,
            citizen_number=younger,
        )
        save(cast, at, right, by="clerk")
        unseen = {paper.kind for paper in view(code).papers if not paper.is_seen}
        assert unseen == {EvidenceKind.DIFFICULTY_PROOF}
        with pytest.raises(service.PapersNotSeen):
            approve(cast, at, code)
        see(cast, at, code, EvidenceKind.DIFFICULTY_PROOF)
        assert approve(cast, at, code)

    def test_is_not_for_whoever_handed_it_in(self, cast: Cast, at: Moment) -> None:
        code = hand_in(cast, at, by="manager")
        for kind in (*PAPERS, EvidenceKind.DIFFICULTY_PROOF):
            see(cast, at, code, kind)
        with pytest.raises(service.SubmittedByYourself):
            approve(cast, at, code, by="manager")
        assert approve(cast, at, code, by="reviewer")

    def test_answers_once(self, cast: Cast, at: Moment) -> None:
        code = ready(cast, at)
        approve(cast, at, code)
        with pytest.raises(ApplicationCannotMove):
            refuse(cast, at, code)
        with pytest.raises(ApplicationCannotMove):
            approve(cast, at, code)

    @pytest.mark.parametrize("code", ["A-22222222", "", "x" * 500, "A-\x00", "😀"])
    def test_knows_no_other_code(self, cast: Cast, at: Moment, code: str) -> None:
        with pytest.raises(ApplicationNotFound):
            approve(cast, at, code)


class TestTwoReviewers:
    @pytest.mark.real_clock
    @pytest.mark.parametrize("round_", range(3))
    def test_only_one_answer_stands(
        self, app: APIFlask, cast: Cast, at: Moment, round_: int
    ) -> None:
        del round_
        with transaction() as session:
            session.execute(delete(Decision))
        code = ready(cast, at)
        db.session.remove()
        start = threading.Barrier(4)
        outcomes: list[str] = []

        def act(answer: Callable[..., object], by: str) -> None:
            with app.app_context():
                start.wait()
                try:
                    answer(cast, at, code, by=by)
                    outcomes.append("done")
                except ApplicationCannotMove:
                    outcomes.append("too late")
                finally:
                    db.session.remove()

        workers = [
            threading.Thread(target=act, args=(answer, by))
            for answer, by in (
                (approve, "reviewer"),
                (refuse, "manager"),
                (approve, "manager"),
                (refuse, "reviewer"),
            )
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert sorted(outcomes) == ["done", *["too late"] * 3]
        found = view(code)
        assert len(found.decisions) == (1 if found.state is ApplicationState.APPROVED else 0)

    @pytest.mark.real_clock
    def test_only_one_application_is_kept(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        db.session.remove()
        start = threading.Barrier(3)
        outcomes: list[str] = []

        def act(by: str) -> None:
            with app.app_context():
                start.wait()
                try:
                    hand_in(cast, at, by=by)
                    outcomes.append("done")
                except service.ApplicationAlreadyOpen:
                    outcomes.append("open")
                finally:
                    db.session.remove()

        names = ("wang-guilan", "chen-jing", "clerk")
        workers = [threading.Thread(target=act, args=(by,)) for by in names]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert sorted(outcomes) == ["done", "open", "open"]


class TestRefuse:
    def test_tells_the_resident_why(self, cast: Cast, at: Moment) -> None:
        code = hand_in(cast, at)
        with transaction() as session:
            service.refuse(
                session,
                application_code=code,
                reason=Reason((RefusalReason.NOT_IN_DIFFICULTY.value,), "可以问社区"),
                by=cast.actor("reviewer"),
                at=at,
            )
        found = view(code)
        assert found.state is ApplicationState.REFUSED
        assert found.reason.said.zh.endswith("可以问社区。")
        told = notices(reading(), cast.resident["wang-guilan"].id)["refused"]
        assert told["reason"] == {"zh": found.reason.said.zh, "en": found.reason.said.en}

    def test_never_waits_crosswise_with_a_change_of_the_person(
        self, app: APIFlask, cast: Cast, at: Moment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        code = ready(cast, at)
        moved = PersonalData(name="王桂兰", register=Register.ELSEWHERE)
        module = sys.modules["rental.eligibility.service.deciding"]
        beside = Beside(app, lambda: save(cast, at, moved, by="wang-guilan"))
        monkeypatch.setattr(module, "locked", beside.after(vars(module)["locked"]))
        refuse(cast, at, code)
        assert beside.outcome() == "done"
        assert view(code).state is ApplicationState.REFUSED


class TestRequestPapers:
    def ask(self, cast: Cast, at: Moment, code: str, *kinds: EvidenceKind) -> None:
        with transaction() as session:
            service.request_papers(
                session,
                application_code=code,
                papers=kinds,
                note="",
                by=cast.actor("reviewer"),
                at=at,
            )

    def test_waits_until_all_were_seen(self, cast: Cast, at: Moment) -> None:
        code = ready(cast, at)
        self.ask(cast, at, code, EvidenceKind.REGISTER_PAGE, EvidenceKind.IDENTITY_CARD)
        found = view(code)
        assert found.state is ApplicationState.PAPERS_REQUESTED
        assert found.reason.said.zh == "户口簿、身份证。"
        see(cast, at, code, EvidenceKind.REGISTER_PAGE)
        assert view(code).state is ApplicationState.PAPERS_REQUESTED
        see(cast, at, code, EvidenceKind.IDENTITY_CARD)
        assert view(code).state is ApplicationState.SUBMITTED
        assert view(code).reason == Reason((), "")
        self.ask(cast, at, code, EvidenceKind.IDENTITY_CARD)
        sent = db.session.scalars(select(Notice).where(Notice.kind == "papers_requested")).all()
        assert len(sent) == 2

    def test_may_ask_for_a_paper_of_another_kind(self, cast: Cast, at: Moment) -> None:
        code = hand_in(cast, at)
        self.ask(cast, at, code, EvidenceKind.HOSPITAL_NOTE)
        see(cast, at, code, EvidenceKind.HOSPITAL_NOTE)

    def test_keeps_the_application_open_to_the_resident(self, cast: Cast, at: Moment) -> None:
        code = hand_in(cast, at)
        self.ask(cast, at, code, EvidenceKind.IDENTITY_CARD)
        with pytest.raises(service.ApplicationAlreadyOpen):
            hand_in(cast, at)


class TestRevoke:
    def test_ends_the_decision(self, cast: Cast, at: Moment) -> None:
        resident = cast.resident["wang-guilan"].id
        (code,) = approve(cast, at, ready(cast, at))
        with transaction() as session:
            service.revoke(
                session, decision_code=code, reason="搬走。", by=cast.actor("reviewer"), at=at
            )
        left = queries.valid_decision(reading(), resident_id=resident, on=at.on)
        assert left is None or left.code != code
        found = queries.decision(reading(), code=code)
        assert found.revoked_at == at.at
        assert not found.holds(at.on)
        with pytest.raises(service.AlreadyRevoked), transaction() as session:
            service.revoke(
                session, decision_code=code, reason="再", by=cast.actor("reviewer"), at=at
            )

    def test_says_whether_the_person_may_borrow_still(self, cast: Cast, at: Moment) -> None:
        resident = cast.resident["wang-guilan"].id
        approve(cast, at, ready(cast, at))
        told = []
        for hours, held in enumerate(queries.decisions_of(reading(), resident_id=resident)):
            moment = Moment.of(at.at + timedelta(hours=hours))
            with transaction() as session:
                service.revoke(
                    session,
                    decision_code=held.code,
                    reason="搬走。",
                    by=cast.actor("reviewer"),
                    at=moment,
                )
            newest = reading().scalars(select(Notice.kind).order_by(Notice.id.desc())).first()
            body = str(of_resident(reading(), resident_id=resident)[0].body)
            told.append((newest, body.partition("搬走。")[2][:6]))
        assert told == [
            (NoticeKind.REVOKED_IN_PART, "您另有一项资"),
            (NoticeKind.REVOKED, "手里的器具可"),
        ]

    def test_tells_of_two_at_once_that_nothing_is_left(
        self, app: APIFlask, cast: Cast, at: Moment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        resident = cast.resident["wang-guilan"].id
        approve(cast, at, ready(cast, at))
        one, other = [d.code for d in queries.decisions_of(reading(), resident_id=resident)]

        def revoke(code: str) -> None:
            with transaction() as session:
                service.revoke(
                    session, decision_code=code, reason="搬走。", by=cast.actor("reviewer"), at=at
                )

        module = sys.modules["rental.eligibility.service.deciding"]
        beside = Beside(app, lambda: revoke(other))
        monkeypatch.setattr(module, "_tell_revoked", beside.after(vars(module)["_tell_revoked"]))
        revoke(one)
        assert beside.outcome() == "done"
        db.session.rollback()
        last = reading().scalars(select(Notice.kind).order_by(Notice.id.desc())).first()
        assert last is NoticeKind.REVOKED

    def test_never_waits_crosswise_with_the_wiping_of_the_person(
        self, app: APIFlask, cast: Cast, at: Moment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        known = cast.resident["wang-guilan"]
        held = queries.decisions_of(reading(), resident_id=known.id)[0]

        def forget() -> None:
            with transaction() as session:
                anonymise(session, code=known.code, by=cast.actor("manager"), at=at)

        module = sys.modules["rental.eligibility.service.deciding"]
        beside = Beside(app, forget)
        monkeypatch.setattr(
            module, "ensure_impartial", beside.after(vars(module)["ensure_impartial"])
        )
        with suppress(DataWiped), transaction() as session:
            service.revoke(
                session, decision_code=held.code, reason="搬走。", by=cast.actor("reviewer"), at=at
            )
        assert beside.outcome() == "done"

    @pytest.mark.parametrize("code", ["D-22222222", "x", "D-\x00"])
    def test_knows_no_other_code(self, cast: Cast, at: Moment, code: str) -> None:
        with pytest.raises(DecisionNotFound), transaction() as session:
            service.revoke(
                session, decision_code=code, reason="x", by=cast.actor("reviewer"), at=at
            )


class TestEndedDecision:
    def test_is_the_one_that_ended_last(self, cast: Cast, at: Moment) -> None:
        resident = cast.resident["wang-guilan"].id
        end = at.on + timedelta(days=300)
        (code,) = approve(cast, at, ready(cast, at))

        def ended(on: date) -> tuple[bool, bool] | None:
            found = queries.ended_decision(reading(), resident_id=resident, on=on)
            return None if found is None else (found.code == code, found.was_cut_short)

        assert ended(end + timedelta(days=1)) is None
        with transaction() as session:
            service.revoke(
                session, decision_code=code, reason="搬走", by=cast.actor("reviewer"), at=at
            )
        assert ended(at.on) is None
        assert ended(end + timedelta(days=1)) == (False, False)
        with transaction() as session:
            session.execute(
                update(Decision)
                .where(Decision.code != code)
                .values(valid_from=at.on - timedelta(days=9), valid_until=at.on)
            )
        assert ended(at.on + timedelta(days=1)) == (True, True)
        nobody = cast.resident["sun-lei"].id
        assert queries.ended_decision(reading(), resident_id=nobody, on=at.on) is None
