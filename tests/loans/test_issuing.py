"""Handing a unit over: what happens, what stands in the way, what is recorded all the same."""

import sys
from dataclasses import replace
from datetime import date, timedelta

import pytest
from apiflask import APIFlask
from sqlalchemy import func, select, update

from rental.foundation.clock import Moment
from rental.foundation.database import db, transaction
from rental.foundation.errors import Busy, DomainError
from rental.inventory import queries as inventory
from rental.inventory.models import Unit
from rental.inventory.policy import NotYourStep, UnitState
from rental.inventory.queries import UnitNotFound
from rental.journal import queries as journal
from rental.loans import queries, service
from rental.loans.models import Loan
from rental.loans.policy import BlockerCode, LoanState
from rental.loans.policy.acts import (
    DueInThePast,
    DueTooFar,
    Issue,
    ReasonTooShort,
    ScannedInTheFuture,
    ScannedTooLongAgo,
)
from rental.notices.models import Notice
from rental.people import service as people
from rental.people.policy import Purpose
from rental.people.queries import ResidentNotFound
from rental.reservations import service as reservations
from rental.reservations.models import Reservation
from rental.reservations.policy import ReservationState
from rental.upkeep import service as upkeep
from rental.upkeep.models import Upkeep
from rental.upkeep.policy import UpkeepState
from tests.cast import Cast
from tests.loans.steps import DAY, issue, later, take_back, wish
from tests.promises import promise

DATABASES = ["sqlite", "postgresql"]


def codes(refusal: service.IssueBlocked) -> set[BlockerCode]:
    return {blocker.code for blocker in refusal.blockers}


def blocked(cast: Cast, at: Moment, asked: Issue) -> set[BlockerCode]:
    with pytest.raises(service.IssueBlocked) as refused:
        issue(cast, at, asked)
    return codes(refused.value)


class TestIssue:
    def test_lends_the_unit(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        issued = issue(cast, at, wish(cast))
        session = db.session()
        loan = queries.loan(session, code=issued.loan_code)
        unit = inventory.unit(session, code=cast.unit["available"].code)
        assert (loan.state, loan.unit_id, loan.issued_on) == (LoanState.OPEN, unit.id, at.on)
        assert unit.state is UnitState.ON_LOAN
        assert unit.due_on == loan.due_on == issued.due_on
        assert unit.free_from is not None
        assert unit.free_from > loan.due_on
        assert not issued.forced
        assert not list(journal.verify(session))

    def test_lends_for_the_days_of_the_category_to_an_open_day(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        issued = issue(cast, at, wish(cast))
        assert timedelta(days=90) <= issued.due_on - at.on <= timedelta(days=110)

    def test_tells_the_resident_once(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        issued = issue(cast, at, wish(cast))
        keys = db.session().scalars(select(Notice.once_key)).all()
        assert keys == [f"issued:{issued.loan_code}"]

    def test_journals_unit_and_loan(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        issued = issue(cast, at, wish(cast))
        session = db.session()
        of_unit = journal.history(session, subject=f"unit:{cast.unit['available'].code}")
        of_loan = journal.history(session, subject=f"loan:{issued.loan_code}")
        assert [line.act for line in of_unit] == ["issued"]
        assert [line.act for line in of_loan] == ["issued"]
        assert of_loan[0].actor_id == cast.account["clerk"]

    def test_keeps_the_residents_own_promise(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        promised = promise(cast, at, "wang-guilan", days=10)
        issued = issue(cast, at, wish(cast))
        row = db.session().scalars(select(Reservation)).one()
        assert issued.reservation_code == promised
        assert (row.state, row.unit_id) == (ReservationState.FULFILLED, cast.unit["available"].id)
        assert issued.due_on - row.ends_on in {timedelta(n) for n in range(4)}
        assert not list(journal.verify(db.session()))

    def test_lends_what_was_promised_for_less_than_it_waits_on_the_last_day(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        for who, starts, days in (("wang-guilan", 0, 1), ("li-jianguo", 4, 5)):
            asked = reservations.Wish(
                kind_id=cast.kind["quad-stick"],
                site_id=cast.site_id,
                resident_id=cast.resident[who].id,
                starts_on=at.on + starts * DAY,
                ends_on=at.on + (starts + days - 1) * DAY,
            )
            with transaction() as session:
                reservations.reserve(session, asked, by=cast.actor("clerk"), at=at)
        done = issue(cast, later(at, 2), wish(cast, "last_stick"))
        assert (done.due_on, done.forced) == (at.on + 2 * DAY, False)
        assert done.reservation_code is not None

    def test_may_be_tried_again_when_the_drawn_code_is_taken(
        self, app: APIFlask, cast: Cast, at: Moment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as drawn:
            module = sys.modules[
                "rental.loans.service.issue"
            ]  # the package has a function so named
            drawn.setattr(module, "new_code", lambda _kind: cast.loan.code)
            with pytest.raises(Busy):
                issue(cast, at, wish(cast))
        assert issue(cast, at, wish(cast)).loan_code != cast.loan.code


class TestBlockers:
    def test_refuses_a_unit_on_loan_whatever_the_reason(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        asked = wish(cast, "on_loan", force_reason="已经拿走了没办法")
        assert BlockerCode.ALREADY_ON_LOAN in blocked(cast, at, asked)

    def test_refuses_who_is_not_eligible(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        assert blocked(cast, at, wish(cast, who="sun-lei")) == {BlockerCode.NOT_ELIGIBLE}

    def test_asks_for_eligibility_on_the_day(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        much_later = later(at, 301)
        assert BlockerCode.NOT_ELIGIBLE in blocked(cast, much_later, wish(cast))

    def test_refuses_a_dirty_unit(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        assert blocked(cast, at, wish(cast, "dirty")) == {BlockerCode.NOT_RELEASED}

    def test_refuses_above_the_load_limit_whatever_the_reason(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        with transaction() as session:
            session.execute(update(Unit).values(load_limit_kg=100))
        asked = wish(cast, resident_kg=101, force_reason="家属坚持要借走")
        assert blocked(cast, at, asked) == {BlockerCode.OVERWEIGHT}
        unweighed = wish(cast, force_reason="家属坚持要借走")
        assert blocked(cast, at, unweighed) == {BlockerCode.WEIGHT_MISSING}
        assert issue(cast, at, wish(cast, resident_kg=100)).loan_code

    def test_refuses_an_expired_unit_whatever_the_reason(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        with transaction() as session:
            session.execute(update(Unit).values(expires_on=at.on - DAY))
        asked = wish(cast, force_reason="家属坚持要借走")
        assert BlockerCode.EXPIRED in blocked(cast, at, asked)

    def test_breaks_no_promise_with_a_unit_that_nobody_was_promised(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        with transaction() as session:
            session.execute(
                update(Unit)
                .where(Unit.code == cast.unit["last_stick"].code)
                .values(electrical_test_due_on=at.on - DAY)
            )
        promise(cast, at, "sun-lei", starts=1, kind="quad-stick")
        assert blocked(cast, at, wish(cast, "last_stick")) == {BlockerCode.ELECTRICAL_TEST_OVERDUE}

    def test_lends_no_longer_than_the_unit_may_be_used(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        with transaction() as session:
            session.execute(update(Unit).values(expires_on=at.on + 5 * DAY))  # a Sunday
        assert issue(cast, at, wish(cast)).due_on == at.on + 4 * DAY

    def test_lends_on_the_last_day_of_use(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with transaction() as session:
            session.execute(update(Unit).values(expires_on=at.on))
        assert issue(cast, at, wish(cast)).loan_code

    def test_stops_at_an_open_fault_of_this_unit(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        with transaction() as session:
            upkeep.report_fault(
                session,
                unit_code=cast.unit["available"].code,
                what="刹车失灵",
                by=cast.actor("clerk"),
                at=at,
            )
        assert blocked(cast, at, wish(cast)) == {BlockerCode.FAULT_OPEN}
        assert issue(cast, at, wish(cast, "available_2", "zhao-min")).blockers == ()
        forced = issue(cast, at, wish(cast, force_reason="家属自己会修刹车"))
        assert (forced.forced, forced.blockers) == (True, ("fault_open",))

    @pytest.mark.parametrize("purpose", list(Purpose))
    def test_asks_for_both_consents(
        self, app: APIFlask, cast: Cast, at: Moment, purpose: Purpose
    ) -> None:
        with transaction() as session:
            people.withdraw_consent(
                session,
                code=cast.resident["wang-guilan"].code,
                purpose=purpose,
                by=cast.actor("wang-guilan"),
                at=at,
            )
        assert blocked(cast, at, wish(cast)) == {BlockerCode.CONSENT_MISSING}

    def test_stops_where_somebody_was_promised(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        for who in ("li-jianguo", "zhao-min", "sun-lei"):
            promise(cast, at, who, starts=5, days=60)
        with pytest.raises(service.IssueBlocked) as refused:
            issue(cast, at, wish(cast))
        assert codes(refused.value) <= {BlockerCode.PROMISED_TO_SOMEONE_ELSE}
        assert "B-" in str(refused.value.blockers[0].sentence)
        assert "居民" not in str(refused.value.blockers[0].sentence)

    def test_stops_before_a_promise_starts(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        promise(cast, at, "wang-guilan", starts=4)
        assert blocked(cast, at, wish(cast)) == {BlockerCode.RESERVATION_NOT_STARTED}

    def test_stops_at_another_kind_than_promised(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        code = promise(cast, at, "wang-guilan", kind="quad-stick")
        asked = wish(cast, reservation_code=code)
        assert blocked(cast, at, asked) == {BlockerCode.WRONG_KIND}

    def test_refuses_the_promise_of_another_resident(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        code = promise(cast, at, "zhao-min")
        with pytest.raises(queries.ReservationOfSomeoneElse):
            issue(cast, at, wish(cast, reservation_code=code))

    def test_asks_for_teaching_where_the_kind_needs_it(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        assert BlockerCode.GUIDANCE_MISSING in blocked(cast, at, wish(cast, "oxygen"))
        assert issue(cast, at, wish(cast, "oxygen", taught=True)).loan_code

    def test_stops_at_the_limit(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        for unit in ("available", "available_2", "last_stick"):
            issue(cast, at, wish(cast, unit))
        asked = wish(cast, "oxygen", taught=True)
        assert blocked(cast, at, asked) == {BlockerCode.LIMIT_REACHED}


class TestForcedIssue:
    def test_records_what_has_happened_anyway(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        asked = wish(cast, "dirty", "sun-lei", force_reason="夜里急用，值班已交付")
        issued = issue(cast, at, asked)
        session = db.session()
        loan = queries.loan(session, code=issued.loan_code)
        assert issued.forced
        assert set(issued.blockers) == {"not_released", "not_eligible"}
        assert loan.forced_reason == "夜里急用，值班已交付"
        history = journal.history(session, subject=f"loan:{issued.loan_code}")
        assert history[0].act == "issued_forced"
        turns = session.scalars(select(Upkeep.state)).all()
        assert turns == [UpkeepState.ABANDONED]
        assert not list(journal.verify(session))

    def test_needs_a_reason_that_says_something(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        with pytest.raises(ReasonTooShort):
            issue(cast, at, wish(cast, "dirty", force_reason="急"))

    def test_records_why_a_loan_is_longer_than_allowed(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        asked = wish(cast, due_on=at.on + 300 * DAY, force_reason="住院三百天，医生要求")
        issued = issue(cast, at, asked)
        loan = queries.loan(db.session(), code=issued.loan_code)
        assert (issued.forced, issued.blockers) == (True, ("due_too_far",))
        assert loan.forced_reason == "住院三百天，医生要求"
        history = journal.history(db.session(), subject=f"loan:{issued.loan_code}")
        assert history[0].details["blockers"] == ["due_too_far"]

    def test_is_not_forced_when_nothing_stands_against_it(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        issued = issue(cast, at, wish(cast, force_reason="随便写一个原因"))
        assert not issued.forced
        assert queries.loan(db.session(), code=issued.loan_code).forced_reason is None


class TestWhatIssueRefuses:
    @pytest.mark.parametrize(
        ("days", "refusal"), [(-1, DueInThePast), (400, DueTooFar), (100_000, DueTooFar)]
    )
    def test_refuses_an_impossible_due_date(
        self, app: APIFlask, cast: Cast, at: Moment, days: int, refusal: type[DomainError]
    ) -> None:
        with pytest.raises(refusal):
            issue(cast, at, wish(cast, due_on=at.on + days * DAY))

    def test_moves_the_due_date_off_a_closed_day(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        issued = issue(cast, at, wish(cast, due_on=date(2027, 1, 1)))
        assert issued.due_on > date(2027, 1, 1)

    def test_takes_the_moment_of_an_offline_scan(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        scanned = at.at - timedelta(hours=3)
        assert issue(cast, at, wish(cast, scanned_at=scanned)).issued_at == scanned

    @pytest.mark.parametrize(
        ("ago", "refusal"),
        [(timedelta(hours=-1), ScannedInTheFuture), (timedelta(days=15), ScannedTooLongAgo)],
    )
    def test_refuses_an_impossible_scan(
        self, app: APIFlask, cast: Cast, at: Moment, ago: timedelta, refusal: type[DomainError]
    ) -> None:
        with pytest.raises(refusal):
            issue(cast, at, wish(cast, scanned_at=at.at - ago))

    def test_refuses_a_scan_older_than_the_last_return(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        take_back(cast, at, "on_loan")
        asked = wish(cast, "on_loan", force_reason="手机没网时交出去的")
        for hours, stopped in ((5, True), (-1, False)):
            late = replace(asked, scanned_at=at.at - timedelta(hours=hours))
            if stopped:
                found = blocked(cast, later(at, 1), late)
                assert BlockerCode.SCAN_OLDER_THAN_UNIT in found
            else:
                assert issue(cast, later(at, 1), late).blockers == ("not_released",)

    def test_refuses_a_scan_older_than_the_last_release(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        with transaction() as session:
            session.execute(
                update(Upkeep).values(
                    state=UpkeepState.RELEASED, released_at=at.at, unit_id=cast.unit["available"].id
                )
            )
        early = wish(cast, scanned_at=at.at - timedelta(minutes=1), force_reason="手机没网时交的")
        assert blocked(cast, at, early) == {BlockerCode.SCAN_OLDER_THAN_UNIT}
        assert issue(cast, at, wish(cast, scanned_at=at.at)).loan_code

    def test_knows_nothing_of_strange_codes(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with pytest.raises(UnitNotFound):
            issue(cast, at, wish(cast, unit_code="22222222"))
        with pytest.raises(ResidentNotFound):
            issue(cast, at, wish(cast, resident_code="R-22222222"))

    @pytest.mark.parametrize("login", ["cleaner", "therapist", "wang-guilan"])
    def test_is_for_the_desk(self, app: APIFlask, cast: Cast, at: Moment, login: str) -> None:
        with pytest.raises(NotYourStep):
            issue(cast, at, wish(cast), login)

    def test_leaves_nothing_behind_when_refused(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        blocked(cast, at, wish(cast, who="sun-lei"))
        assert db.session().scalar(select(func.count()).select_from(Loan)) == 1
        assert db.session().scalar(select(func.count()).select_from(Notice)) == 0
