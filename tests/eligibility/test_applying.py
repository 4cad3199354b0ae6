"""Handing an application in, and papers that were seen."""

import sys
from datetime import date

import pytest
from apiflask import APIFlask
from sqlalchemy import delete, update

from rental.eligibility import queries, service
from rental.eligibility.policy import (
    ApplicationState,
    CertificateEndsTooLate,
    CertificateOfSomeoneElse,
    Claim,
    DisabilityClaim,
    ElderlyClaim,
    EvidenceKind,
    Ground,
    InjuryClaim,
    Outcome,
    PaperFacts,
    read_disability_certificate,
)
from rental.foundation.actor import SYSTEM, Actor, Role
from rental.foundation.clock import Moment
from rental.foundation.database import db, reading, transaction
from rental.foundation.errors import NotAllowed
from rental.people.models import Consent, Resident
from rental.people.policy import Purpose, Register
from rental.people.queries import MayOnlyLook, NotYourResident, ResidentNotFound
from rental.people.service import anonymise
from tests.beside import Beside
from tests.cast import Cast
from tests.eligibility.steps import (
    DIBAO,
    PAPERS,
    acts,
    hand_in,
    notices,
    number_of,
    refuse,
    see,
    view,
)

DATABASES = ["sqlite", "postgresql"]


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
