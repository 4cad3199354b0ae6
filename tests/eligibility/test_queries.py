"""Who may borrow, what waits, and how it was assessed."""

from datetime import timedelta

from sqlalchemy import literal, select

from rental.eligibility import queries
from rental.eligibility.policy import ApplicationState, Ground, InjuryClaim, Met, Outcome
from rental.foundation.clock import Moment
from rental.foundation.database import reading
from rental.people.models import Resident
from tests.cast import Cast
from tests.eligibility.steps import approve, hand_in, ready, refuse


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
