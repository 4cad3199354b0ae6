"""Use cases of eligibility, on both databases."""

import json
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta

import pytest
from apiflask import APIFlask
from sqlalchemy import delete, literal, select, update
from sqlalchemy.orm import Session

from rental.eligibility import queries, service
from rental.eligibility.models import Decision
from rental.eligibility.policy import (
    ApplicationCannotMove,
    ApplicationState,
    CertificateEndsTooLate,
    CertificateOfSomeoneElse,
    Claim,
    DisabilityClaim,
    ElderlyClaim,
    EvidenceKind,
    Ground,
    InjuryClaim,
    Met,
    Outcome,
    PaperFacts,
    Reason,
    RefusalReason,
    ValidityNotShorter,
    read_citizen_number,
    read_disability_certificate,
)
from rental.eligibility.queries import ApplicationNotFound, DecisionNotFound
from rental.eligibility.service import Approval
from rental.foundation.actor import SYSTEM, Actor, Role
from rental.foundation.clock import Moment
from rental.foundation.database import db, reading, transaction
from rental.foundation.errors import NotAllowed
from rental.journal import queries as journal
from rental.notices.models import Notice
from rental.notices.policy import NoticeKind
from rental.notices.queries import of_resident
from rental.people import queries as people
from rental.people.models import Consent, Resident
from rental.people.policy import PersonalData, Purpose, Register
from rental.people.queries import DataWiped, MayOnlyLook, NotYourResident, ResidentNotFound
from rental.people.service import anonymise, save_personal_data
from tests.beside import Beside
from tests.cast import RESIDENTS, Cast, fake_number

DIBAO = ElderlyClaim(difficulties=frozenset({"dibao"}))
PAPERS = (EvidenceKind.REGISTER_PAGE, EvidenceKind.IDENTITY_CARD)


def number_of(login: str) -> str:
    number = RESIDENTS[login][1]
    return fake_number(number[:6], number[6:14], number[14:17])


def hand_in(
    cast: Cast, at: Moment, *claims: Claim, login: str = "wang-guilan", by: str | None = None
) -> str:
    with transaction() as session:
        return service.apply(
            session,
            resident_code=cast.resident[login].code,
            claims=claims or (DIBAO,),
            by=cast.actor(by or login),
            at=at,
        )


def see(
    cast: Cast,
    at: Moment,
    code: str,
    kind: EvidenceKind,
    read: PaperFacts | None = None,
    by: str = "clerk",
) -> None:
    with transaction() as session:
        service.mark_seen(
            session,
            application_code=code,
            kind=kind,
            read=read or PaperFacts(),
            by=cast.actor(by),
            at=at,
        )


def ready(cast: Cast, at: Moment) -> str:
    """Return an elderly application of which every paper was seen."""
    code = hand_in(cast, at)
    for kind in (*PAPERS, EvidenceKind.DIFFICULTY_PROOF):
        see(cast, at, code, kind)
    return code


def approve(
    cast: Cast, at: Moment, code: str, *approvals: Approval, by: str = "reviewer", **more: int
) -> tuple[str, ...]:
    with transaction() as session:
        return service.approve(
            session,
            application_code=code,
            approvals=approvals or (Approval(ground=Ground.ELDERLY),),
            by=cast.actor(by),
            at=at,
            seen_seq=more.get("seen_seq"),
        )


def refuse(cast: Cast, at: Moment, code: str, by: str = "reviewer") -> None:
    with transaction() as session:
        service.refuse(
            session,
            application_code=code,
            reason=Reason((RefusalReason.OTHER.value,), "说明"),
            by=cast.actor(by),
            at=at,
        )


def save(cast: Cast, at: Moment, data: PersonalData, *, by: str) -> None:
    code = cast.resident["wang-guilan"].code
    with transaction() as session:
        save_personal_data(session, code=code, data=data, by=cast.actor(by), at=at)


def view(code: str) -> queries.ApplicationView:
    db.session.rollback()
    return queries.application(reading(), code=code)


def notices(session: Session, resident_id: int) -> dict[str, dict[str, object]]:
    rows = session.execute(
        select(Notice.kind, Notice.params).where(Notice.resident_id == resident_id)
    )
    return {kind.value: json.loads(params) for kind, params in rows}


def acts(code: str) -> list[str]:
    found = journal.history(reading(), subject=f"application:{code}")
    return [line.act for line in found][::-1]


class TestApply:
    def test_keeps_claim_papers_journal_and_notice(self, cast: Cast, at: Moment) -> None:
        code = hand_in(cast, at)
        found = view(code)
        assert found.state is ApplicationState.SUBMITTED
        assert found.grounds == (Ground.ELDERLY,)
        assert found.claims[0].difficulties == ("dibao",)
        assert [p.kind for p in found.papers] == [*PAPERS, EvidenceKind.DIFFICULTY_PROOF]
        assert not any(p.is_seen for p in found.papers)
        assert acts(code) == ["submitted"]
        assert "application_received" in notices(reading(), cast.resident["wang-guilan"].id)

    def test_encrypts_the_certificate_and_shows_it_masked(self, cast: Cast, at: Moment) -> None:
        own = number_of("li-jianguo")
        certificate = read_disability_certificate(own + "43", today=at.on)
        code = hand_in(cast, at, DisabilityClaim(certificate=certificate), login="li-jianguo")
        shown = view(code).claims[0].certificate
        assert shown is not None
        assert "*" in shown
        raw = db.session.connection().exec_driver_sql("SELECT certificate_number FROM claim")
        assert all(own not in (text or "") for (text,) in raw)

    @pytest.mark.parametrize("by", ["chen-jing", "clerk", "manager", "grid-worker"])
    def test_lets_family_and_staff_act_for_the_resident(
        self, cast: Cast, at: Moment, by: str
    ) -> None:
        assert view(hand_in(cast, at, by=by)).submitted_by == cast.account[by]

    @pytest.mark.parametrize("by", ["zhao-min", "cleaner"])
    def test_refuses_strangers(self, cast: Cast, at: Moment, by: str) -> None:
        with pytest.raises(NotYourResident):
            hand_in(cast, at, by=by)

    @pytest.mark.parametrize("by", ["reviewer", "therapist"])
    def test_refuses_who_may_only_look(self, cast: Cast, at: Moment, by: str) -> None:
        with pytest.raises(MayOnlyLook):
            hand_in(cast, at, by=by)
        code = hand_in(cast, at)
        with pytest.raises(MayOnlyLook), transaction() as session:
            service.withdraw(session, application_code=code, by=cast.actor(by), at=at)

    def test_keeps_one_open_application_per_resident(self, cast: Cast, at: Moment) -> None:
        hand_in(cast, at)
        with pytest.raises(service.ApplicationAlreadyOpen):
            hand_in(cast, at, InjuryClaim(noted_on=at.on))
        hand_in(cast, at, InjuryClaim(noted_on=at.on), login="zhao-min")

    def test_asks_nothing_for_somebody_who_is_being_forgotten(
        self, app: APIFlask, cast: Cast, at: Moment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def forget() -> None:
            with transaction() as session:
                anonymise(
                    session,
                    code=cast.resident["sun-lei"].code,
                    by=cast.actor("manager"),
                    at=at,
                )

        module = sys.modules["rental.eligibility.service.applying"]
        beside = Beside(app, forget)
        monkeypatch.setattr(module, "_ensure_ready", beside.after(vars(module)["_ensure_ready"]))
        assert hand_in(cast, at, InjuryClaim(noted_on=at.on), login="sun-lei")
        assert beside.outcome() == "still-needed"

    def test_allows_another_after_withdrawal(self, cast: Cast, at: Moment) -> None:
        code = hand_in(cast, at)
        with transaction() as session:
            service.withdraw(session, application_code=code, by=cast.actor("chen-jing"), at=at)
        assert view(code).state is ApplicationState.WITHDRAWN
        assert hand_in(cast, at) != code

    def test_needs_a_ground(self, cast: Cast, at: Moment) -> None:
        with pytest.raises(service.NoGroundChosen), transaction() as session:
            service.apply(
                session,
                resident_code=cast.resident["wang-guilan"].code,
                claims=(),
                by=cast.actor("wang-guilan"),
                at=at,
            )

    def test_needs_consent_to_the_service(self, cast: Cast, at: Moment) -> None:
        with transaction() as session:
            session.execute(delete(Consent).where(Consent.purpose == Purpose.SERVICE))
        with pytest.raises(service.ConsentMissing):
            hand_in(cast, at)

    @pytest.mark.parametrize(
        "claim",
        [
            DisabilityClaim(),
            InjuryClaim(),
            ElderlyClaim(difficulties=frozenset({"disabled_mobility"})),
        ],
    )
    def test_needs_a_separate_consent_for_health(
        self, cast: Cast, at: Moment, claim: Claim
    ) -> None:
        with transaction() as session:
            session.execute(delete(Consent).where(Consent.purpose == Purpose.HEALTH))
        with pytest.raises(service.HealthConsentMissing):
            hand_in(cast, at, claim)
        assert hand_in(cast, at, DIBAO)

    def test_needs_register_and_age(self, cast: Cast, at: Moment) -> None:
        with transaction() as session:
            session.execute(update(Resident).values(register=Register.UNKNOWN))
        with pytest.raises(service.PersonalDataMissing):
            hand_in(cast, at)

    def test_refuses_the_certificate_of_someone_else(self, cast: Cast, at: Moment) -> None:
        other = read_disability_certificate(number_of("li-jianguo") + "43", today=at.on)
        with pytest.raises(CertificateOfSomeoneElse):
            hand_in(cast, at, DisabilityClaim(certificate=other))

    def test_refuses_the_system_and_unknown_residents(self, cast: Cast, at: Moment) -> None:
        with pytest.raises((NotAllowed, NotYourResident)), transaction() as session:
            service.apply(
                session,
                resident_code=cast.resident["wang-guilan"].code,
                claims=(DIBAO,),
                by=SYSTEM,
                at=at,
            )
        with pytest.raises(ResidentNotFound), transaction() as session:
            service.apply(
                session,
                resident_code="R-22222222",
                claims=(DIBAO,),
                by=cast.actor("clerk"),
                at=at,
            )


class TestMarkSeen:
    def test_says_who_saw_it_when(self, cast: Cast, at: Moment) -> None:
        code = hand_in(cast, at)
        see(cast, at, code, EvidenceKind.REGISTER_PAGE)
        paper = view(code).papers[0]
        assert (paper.seen_by, paper.seen_at) == (cast.account["clerk"], at.at)
        assert acts(code) == ["submitted", "paper_seen"]

    def test_corrects_the_claim_by_the_paper(self, cast: Cast, at: Moment) -> None:
        code = hand_in(cast, at, DisabilityClaim(), login="li-jianguo")
        found = PaperFacts(
            certificate=read_disability_certificate(number_of("li-jianguo") + "43", today=at.on),
            expires_on=date(2031, 5, 1),
        )
        see(cast, at, code, EvidenceKind.DISABILITY_CERTIFICATE, found)
        assessed = queries.assessment(reading(), application_code=code, today=at.on)
        assert assessed.outcome is Outcome.ELIGIBLE
        assert view(code).claims[0].expires_on == date(2031, 5, 1)

    def test_attests_difficulties(self, cast: Cast, at: Moment) -> None:
        code = hand_in(cast, at)
        before = queries.assessment(reading(), application_code=code, today=at.on)
        assert before.outcome is Outcome.NEEDS_REVIEW
        none = PaperFacts(difficulties=frozenset())
        see(cast, at, code, EvidenceKind.DIFFICULTY_PROOF, none)
        after = queries.assessment(reading(), application_code=code, today=at.on)
        assert after.outcome is Outcome.NOT_ELIGIBLE
        some = PaperFacts(difficulties=frozenset({"lives_alone"}))
        see(cast, at, code, EvidenceKind.DIFFICULTY_PROOF, some, by="grid-worker")
        again = queries.assessment(reading(), application_code=code, today=at.on)
        assert again.outcome is Outcome.ELIGIBLE

    @pytest.mark.parametrize("by", ["wang-guilan", "chen-jing", "cleaner", "therapist"])
    def test_refuses_everybody_else(self, cast: Cast, at: Moment, by: str) -> None:
        code = hand_in(cast, at)
        with pytest.raises(NotAllowed):
            see(cast, at, code, EvidenceKind.REGISTER_PAGE, by=by)

    def test_refuses_staff_whose_family_it_is(self, cast: Cast, at: Moment) -> None:
        code = hand_in(cast, at)
        daughter = Actor(
            account_id=cast.account["chen-jing"], name="x", roles=frozenset({Role.CLERK})
        )
        with pytest.raises(service.OwnApplication), transaction() as session:
            service.mark_seen(
                session,
                application_code=code,
                kind=EvidenceKind.REGISTER_PAGE,
                read=PaperFacts(),
                by=daughter,
                at=at,
            )

    def test_keeps_grid_workers_to_their_grid(self, cast: Cast, at: Moment) -> None:
        code = hand_in(cast, at)
        with transaction() as session:
            session.execute(update(Resident).values(grid_id=None))
        with pytest.raises(NotYourResident):
            see(cast, at, code, EvidenceKind.REGISTER_PAGE, by="grid-worker")

    def test_refuses_papers_that_nobody_asked_for(self, cast: Cast, at: Moment) -> None:
        code = hand_in(cast, at)
        with pytest.raises(service.PaperNotAsked):
            see(cast, at, code, EvidenceKind.HOSPITAL_NOTE)

    def test_refuses_answered_applications(self, cast: Cast, at: Moment) -> None:
        code = hand_in(cast, at)
        refuse(cast, at, code)
        with pytest.raises(service.ApplicationClosed):
            see(cast, at, code, EvidenceKind.REGISTER_PAGE)

    def test_refuses_the_certificate_of_someone_else(self, cast: Cast, at: Moment) -> None:
        code = hand_in(cast, at, DisabilityClaim(), login="li-jianguo")
        other = read_disability_certificate(number_of("wang-guilan") + "43", today=at.on)
        with pytest.raises(CertificateOfSomeoneElse):
            see(
                cast,
                at,
                code,
                EvidenceKind.DISABILITY_CERTIFICATE,
                PaperFacts(certificate=other),
            )

    def test_refuses_a_certificate_beyond_ten_years(self, cast: Cast, at: Moment) -> None:
        claim = DisabilityClaim(expires_on=date(2099, 1, 1))
        with pytest.raises(CertificateEndsTooLate):
            hand_in(cast, at, claim, login="li-jianguo")
        code = hand_in(cast, at, DisabilityClaim(), login="li-jianguo")
        read = PaperFacts(expires_on=date(2036, 12, 2))
        with pytest.raises(CertificateEndsTooLate):
            see(cast, at, code, EvidenceKind.DISABILITY_CERTIFICATE, read)


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


class TestValidDecision:
    def test_knows_both_last_days(self, cast: Cast, at: Moment) -> None:
        resident = cast.resident["wang-guilan"].id
        end = at.on + timedelta(days=300)
        for on, holds in (
            (at.on - timedelta(days=1), False),
            (at.on, True),
            (end, True),
            (end + timedelta(days=1), False),
        ):
            found = queries.valid_decision(reading(), resident_id=resident, on=on)
            assert (found is not None) is holds
            column = queries.valid_until(Resident.id, on)
            asked = select(column).select_from(Resident).where(Resident.id == resident)
            assert reading().scalar(asked) == (end if holds else None)

    def test_takes_the_one_that_holds_longest(self, cast: Cast, at: Moment) -> None:
        resident = cast.resident["wang-guilan"].id
        (code,) = approve(cast, at, ready(cast, at))
        found = queries.valid_decision(reading(), resident_id=resident, on=at.on)
        assert found is not None
        assert found.code == code
        asked = select(queries.valid_until(literal(resident), literal(at.on)))
        assert reading().scalar(asked) == found.valid_until

    def test_knows_nothing_of_others(self, cast: Cast, at: Moment) -> None:
        other = cast.resident["sun-lei"].id
        assert queries.valid_decision(reading(), resident_id=other, on=at.on) is None


class TestQueue:
    def test_shows_the_longest_waiting_first(self, cast: Cast, at: Moment) -> None:
        early = Moment.of(at.at - timedelta(days=4))
        second = hand_in(cast, at, login="wang-guilan")
        first = hand_in(cast, early, InjuryClaim(noted_on=at.on), login="zhao-min")
        found = queries.queue(reading())
        assert [line.code for line in found.lines] == [first, second]
        assert [line.waiting_days(at.on) for line in found.lines] == [4, 0]
        assert (found.lines[1].papers, found.lines[1].papers_seen) == (3, 0)
        assert queries.count_waiting(reading()) == 2

    def test_filters_by_state_and_ground(self, cast: Cast, at: Moment) -> None:
        elderly = hand_in(cast, at)
        injury = hand_in(cast, at, InjuryClaim(noted_on=at.on), login="zhao-min")
        refuse(cast, at, injury)
        session = reading()
        assert [x.code for x in queries.queue(session).lines] == [elderly]
        refused = queries.queue(session, state=ApplicationState.REFUSED)
        assert [x.code for x in refused.lines] == [injury]
        assert queries.queue(session, ground=Ground.INJURY).total == 0
        closed = queries.queue(session, state=ApplicationState.REFUSED, ground=Ground.INJURY)
        assert closed.total == 1

    def test_shows_the_newest_answer_first(self, cast: Cast, at: Moment) -> None:
        codes = [hand_in(cast, at, login=login) for login in ("wang-guilan", "zhao-min")]
        for hours, code in enumerate(reversed(codes)):
            refuse(cast, Moment.of(at.at + timedelta(hours=hours)), code)
        found = queries.queue(reading(), state=ApplicationState.REFUSED)
        assert [line.code for line in found.lines] == codes
        assert (found.waiting, queries.queue(reading()).waiting) == (False, True)

    def test_stays_on_pages_that_exist(self, cast: Cast, at: Moment) -> None:
        hand_in(cast, at)
        assert queries.queue(reading(), page=99).number == 1
        assert queries.queue(reading(), page=-3).number == 1

    def test_finds_what_is_open_and_what_was(self, cast: Cast, at: Moment) -> None:
        resident = cast.resident["wang-guilan"].id
        assert queries.open_application(reading(), resident) is None
        code = hand_in(cast, at)
        found = queries.open_application(reading(), resident)
        assert found is not None
        assert found.code == code
        lines = queries.of_resident(reading(), resident_id=resident)
        assert [line.state for line in lines] == [
            ApplicationState.SUBMITTED,
            ApplicationState.APPROVED,
        ]


class TestRules:
    def test_follow_the_policies(self, cast: Cast) -> None:
        found = queries.rules(reading())
        assert len(found.communities) == 8
        assert (found.min_age, found.injury_window_days) == (60, 90)
        assert found.elderly_validity_days == 365
        assert not found.admit_residence_permit
        assert "dibao" in found.difficulties


class TestAssessment:
    def test_reads_the_person_and_the_papers(self, cast: Cast, at: Moment) -> None:
        code = ready(cast, at)
        found = queries.assessment(reading(), application_code=code, today=at.on)
        assert found.outcome is Outcome.ELIGIBLE
        assert all(c.met is Met.YES for c in found.criteria if c.counted)
