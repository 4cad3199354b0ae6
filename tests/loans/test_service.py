"""Hand-over, return, renewal, loss and reminders on both databases."""

import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import func, select, update

from rental.eligibility.models import Decision
from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, new_code
from rental.foundation.database import db, transaction
from rental.foundation.errors import Busy, Conflict, DomainError
from rental.inventory import queries as inventory
from rental.inventory.models import Unit
from rental.inventory.policy import NotYourStep, UnitState
from rental.inventory.queries import UnitNotFound
from rental.journal import queries as journal
from rental.loans import queries, service
from rental.loans.models import Loan
from rental.loans.policy import (
    BlockerCode,
    CheckUpNeeded,
    Condition,
    DeviceExpires,
    EligibilityHasEnded,
    LoanCannotMove,
    LoanNotOpen,
    LoanState,
    PromisedAfterDue,
    RenewalTooEarly,
    RenewedTooOften,
)
from rental.loans.policy.acts import (
    DueInThePast,
    DueTooFar,
    Issue,
    ReasonTooShort,
    Return,
    ScannedInTheFuture,
    ScannedTooLongAgo,
)
from rental.loans.service.losing import LossUnexplained
from rental.notices.models import Notice
from rental.people import service as people
from rental.people.policy import Purpose
from rental.people.queries import ResidentNotFound
from rental.places import queries as places_queries
from rental.places import service as places
from rental.places.policy import Change
from rental.places.service import ripples
from rental.reservations import service as reservations
from rental.reservations.models import Reservation
from rental.reservations.policy import Fulfilment, ReservationState
from rental.upkeep import service as upkeep
from rental.upkeep.models import Fault, Upkeep
from rental.upkeep.policy import OwnWords, UpkeepState
from rental.upkeep.service.aside import LostByBorrower
from tests.beside import Beside
from tests.cast import Cast

DAY = timedelta(days=1)


@pytest.fixture
def clerk(cast: Cast) -> str:
    return "clerk"


def wish(cast: Cast, unit: str = "available", who: str = "wang-guilan", **more: Any) -> Issue:
    plain = Issue(unit_code=cast.unit[unit].code, resident_code=cast.resident[who].code)
    return replace(plain, **more)


def issue(cast: Cast, at: Moment, asked: Issue, login: str = "clerk") -> service.Issued:
    with transaction() as session:
        return service.issue(session, asked, by=cast.actor(login), at=at)


def take_back(cast: Cast, at: Moment, unit: str, **more: Any) -> service.TakenBack:
    back = replace(Return(unit_code=cast.unit[unit].code), **more)
    with transaction() as session:
        return service.take_back(session, back, by=cast.actor("clerk"), at=at)


def later(at: Moment, days: int) -> Moment:
    return Moment.of(at.at + days * DAY)


def reserve(
    cast: Cast, at: Moment, who: str, *, starts: int = 0, days: int = 30, kind: str = ""
) -> str:
    """Put a promise there without asking whether it can be kept."""
    starts_on = at.on + starts * DAY
    row = Reservation(
        code=new_code(CodeKind.RESERVATION),
        kind_id=cast.kind[kind or "lightweight-wheelchair"],
        site_id=cast.site_id,
        resident_id=cast.resident[who].id,
        made_by=cast.account["clerk"],
        state=ReservationState.CONFIRMED,
        starts_on=starts_on,
        ends_on=starts_on + (days - 1) * DAY,
        blocked_until=starts_on + days * DAY,
        hold_until=starts_on + 2 * DAY,
        fulfilment=Fulfilment.PICKUP,
        created_at=at.at,
    )
    with transaction() as session:
        session.add(row)
        session.flush()
        return row.code


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
        promised = reserve(cast, at, "wang-guilan", days=10)
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
        reserve(cast, at, "sun-lei", starts=1, kind="quad-stick")
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
            reserve(cast, at, who, starts=5, days=60)
        with pytest.raises(service.IssueBlocked) as refused:
            issue(cast, at, wish(cast))
        assert codes(refused.value) <= {BlockerCode.PROMISED_TO_SOMEONE_ELSE}
        assert "B-" in str(refused.value.blockers[0].sentence)
        assert "居民" not in str(refused.value.blockers[0].sentence)

    def test_stops_before_a_promise_starts(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        reserve(cast, at, "wang-guilan", starts=4)
        assert blocked(cast, at, wish(cast)) == {BlockerCode.RESERVATION_NOT_STARTED}

    def test_stops_at_another_kind_than_promised(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        code = reserve(cast, at, "wang-guilan", kind="quad-stick")
        asked = wish(cast, reservation_code=code)
        assert blocked(cast, at, asked) == {BlockerCode.WRONG_KIND}

    def test_refuses_the_promise_of_another_resident(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        code = reserve(cast, at, "zhao-min")
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


class TestTakeBack:
    def test_ends_the_loan_and_sends_the_unit_to_the_wash_room(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        taken = take_back(cast, at, "on_loan", note="轮胎缺气")
        session = db.session()
        loan = queries.loan(session, code=taken.loan_code)
        unit = inventory.unit(session, code=cast.unit["on_loan"].code)
        assert (loan.state, loan.returned_on) == (LoanState.RETURNED, at.on)
        assert (loan.missing, loan.return_note) == ((), "轮胎缺气")
        assert (unit.state, unit.due_on, unit.missing) == (UnitState.DIRTY, None, ())
        assert unit.free_from == taken.free_from
        assert taken.free_from is not None
        assert taken.free_from > at.on
        turns = session.scalars(select(Upkeep).where(Upkeep.unit_id == unit.id)).all()
        assert [turn.state for turn in turns] == [UpkeepState.OPEN]

    def test_closes_every_chain(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        issue(cast, at, wish(cast))
        take_back(cast, at, "available")
        assert not list(journal.verify(db.session()))

    def test_lets_the_unit_go_round(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        asked = wish(cast, force_reason="还没清洗就又借走了")
        first = issue(cast, at, asked)
        take_back(cast, at, "available")
        second = issue(cast, at, asked)
        taken = take_back(cast, at, "available")
        assert taken.loan_code == second.loan_code != first.loan_code

    @pytest.mark.parametrize("condition", [Condition.DAMAGED, Condition.UNUSABLE])
    def test_reports_damage_in_no_language_when_nothing_was_noted(
        self, app: APIFlask, cast: Cast, at: Moment, condition: Condition
    ) -> None:
        with app.test_request_context(headers={"Cookie": "lang=en"}):
            take_back(cast, at, "on_loan", condition=condition)
        on_loan = select(Fault.what).where(Fault.unit_id == cast.unit["on_loan"].id)
        assert db.session().scalar(on_loan) in set(OwnWords)

    def test_reports_a_damaged_unit(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        taken = take_back(cast, at, "on_loan", condition=Condition.DAMAGED, note="刹车失灵")
        assert taken.free_from is None
        assert db.session().scalars(select(Fault.what)).all() == ["刹车失灵"]
        unit = inventory.unit(db.session(), code=cast.unit["on_loan"].code)
        assert (unit.state, unit.free_from) == (UnitState.DIRTY, None)

    def test_promises_a_unit_with_a_reported_fault_once_that_is_answered(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        code = cast.unit["on_loan"].code
        with transaction() as session:
            fault = upkeep.report_fault(session, unit_code=code, what="刹车松", by=None, at=at)
        taken = take_back(cast, at, "on_loan")
        assert taken.free_from is None
        assert inventory.unit(db.session(), code=code).free_from is None
        with transaction() as session:
            by = cast.actor("technician")
            upkeep.close_fault(session, fault_code=fault, answer="已调紧", by=by, at=at)
        free_from = inventory.unit(db.session(), code=code).free_from
        assert free_from is not None
        assert free_from > at.on

    def test_promises_a_unit_without_all_its_parts_once_they_are_there(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        code = cast.unit["on_loan"].code
        taken = take_back(cast, at, "on_loan", missing=("脚踏板",))
        assert (taken.missing, taken.free_from) == (("脚踏板",), None)
        loan = queries.loan(db.session(), code=taken.loan_code)
        unit = inventory.unit(db.session(), code=code)
        assert (loan.missing, unit.missing, unit.free_from) == (("脚踏板",), ("脚踏板",), None)
        assert not db.session().scalars(select(Fault)).all()
        with transaction() as session:
            upkeep.complete_kit(session, unit_code=code, by=cast.actor("clerk"), at=at)
        unit = inventory.unit(db.session(), code=code)
        assert unit.missing == ()
        assert unit.free_from is not None
        assert unit.free_from > at.on
        assert not list(journal.verify(db.session()))

    def test_refuses_what_is_not_on_loan(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with pytest.raises(service.UnitNotOnLoan):
            take_back(cast, at, "available")

    def test_refuses_a_scan_older_than_the_loan(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        issue(cast, at, wish(cast))
        with pytest.raises(service.ScanOlderThanLoan):
            take_back(cast, at, "available", scanned_at=at.at - timedelta(hours=1))

    def test_takes_a_lost_unit_back(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with transaction() as session:
            service.mark_lost(
                session, cast.loan.code, reason="搬家时弄丢了", by=cast.actor("clerk"), at=at
            )
        taken = take_back(cast, later(at, 3), "on_loan")
        assert taken.loan_code == cast.loan.code
        assert queries.loan(db.session(), code=cast.loan.code).state is LoanState.RETURNED
        unit = inventory.unit(db.session(), code=cast.unit["on_loan"].code)
        assert unit.state is UnitState.DIRTY


class TestMarkLost:
    def test_leaves_the_found_unit_to_the_desk(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        code = cast.unit["on_loan"].code
        with transaction() as session:
            service.mark_lost(
                session, cast.loan.code, reason="搬家时弄丢了", by=cast.actor("clerk"), at=at
            )
        with pytest.raises(LostByBorrower), transaction() as session:
            upkeep.back_to_wash(session, unit_code=code, by=cast.actor("cleaner"), at=at)
        assert queries.loan(db.session(), code=cast.loan.code).state is LoanState.LOST
        unit = inventory.unit(db.session(), code=code)
        assert unit.state is UnitState.LOST
        assert inventory.is_out(db.session(), unit)

    def test_ends_the_loan_as_lost(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with transaction() as session:
            service.mark_lost(
                session, cast.loan.code, reason="搬家时弄丢了", by=cast.actor("clerk"), at=at
            )
        unit = inventory.unit(db.session(), code=cast.unit["on_loan"].code)
        assert (unit.state, unit.due_on) == (UnitState.LOST, None)
        assert queries.loan(db.session(), code=cast.loan.code).state is LoanState.LOST

    def test_needs_a_reason(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with pytest.raises(LossUnexplained), transaction() as session:
            service.mark_lost(session, cast.loan.code, reason="", by=cast.actor("clerk"), at=at)

    def test_ends_no_loan_twice(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        take_back(cast, at, "on_loan")
        with pytest.raises(LoanCannotMove), transaction() as session:
            service.mark_lost(
                session, cast.loan.code, reason="搬家时弄丢了", by=cast.actor("clerk"), at=at
            )


def renew(cast: Cast, at: Moment, login: str = "li-jianguo", *, checked: bool = False) -> date:
    with transaction() as session:
        return service.renew(
            session, cast.loan.code, by=cast.actor(login), at=at, checked_up=checked
        ).due_on


class TestRenew:
    def test_moves_the_due_date_of_loan_and_unit(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        due_on = renew(cast, at)
        session = db.session()
        loan = queries.loan(session, code=cast.loan.code)
        unit = inventory.unit(session, code=cast.unit["on_loan"].code)
        assert due_on > at.on + 10 * DAY
        assert (loan.due_on, loan.renewals, unit.due_on) == (due_on, 1, due_on)
        assert unit.free_from is not None
        assert unit.free_from > due_on
        assert session.scalars(select(Notice.once_key)).all() == [f"renewed:{loan.code}:1"]

    def test_opens_fourteen_days_before(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with pytest.raises(RenewalTooEarly):
            renew(cast, later(at, -5))

    def test_ends_after_two(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with transaction() as session:
            session.execute(update(Loan).values(renewals=2))
        with pytest.raises(RenewedTooOften):
            renew(cast, at)

    def test_respects_what_others_were_promised(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        issue(cast, at, wish(cast, who="wang-guilan"))
        issue(cast, at, wish(cast, "available_2", who="zhao-min"))
        for _ in range(2):
            reserve(cast, at, "sun-lei", starts=20, days=30)
        with pytest.raises(PromisedAfterDue):
            renew(cast, at)

    @pytest.mark.parametrize("days", [8, 9, 10, 11])
    def test_respects_it_when_late_as_well(
        self, app: APIFlask, cast: Cast, at: Moment, days: int
    ) -> None:
        issued = issue(cast, at, wish(cast, "last_stick", due_on=at.on + 9 * DAY))
        reserve(cast, at, "sun-lei", starts=13, days=15, kind="quad-stick")
        by = cast.actor("wang-guilan")
        with pytest.raises(PromisedAfterDue), transaction() as session:
            service.renew(session, issued.loan_code, by=by, at=later(at, days))

    def test_lets_the_late_renew_while_nobody_waits(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        issued = issue(cast, at, wish(cast, "last_stick", due_on=at.on + 9 * DAY))
        by = cast.actor("wang-guilan")
        with transaction() as session:
            renewed = service.renew(session, issued.loan_code, by=by, at=later(at, 11))
        assert renewed.due_on > issued.due_on

    @pytest.mark.parametrize("revoked", [False, True])
    def test_says_until_when_one_was_eligible(
        self, app: APIFlask, cast: Cast, at: Moment, revoked: bool
    ) -> None:
        ended = {"revoked_at": at.at} if revoked else {"valid_until": at.on - DAY}
        with transaction() as session:
            session.execute(update(Decision).values(valid_from=at.on - 300 * DAY, **ended))
        with pytest.raises(EligibilityHasEnded) as refused:
            renew(cast, at)
        assert str(at.on - DAY) in str(refused.value)

    @pytest.mark.parametrize("left", [-1, 0, 10, 12])
    def test_lasts_no_longer_than_the_unit_may_be_used(
        self, app: APIFlask, cast: Cast, at: Moment, left: int
    ) -> None:
        with transaction() as session:
            session.execute(update(Unit).values(expires_on=at.on + left * DAY))
        if left > 10:  # Sunday the 13th
            assert renew(cast, at) == at.on + 11 * DAY
        else:
            with pytest.raises(DeviceExpires):
                renew(cast, at)

    def test_needs_an_open_loan(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        take_back(cast, at, "on_loan")
        with pytest.raises(LoanNotOpen):
            renew(cast, at)

    def test_asks_for_a_check_up_where_the_kind_needs_it(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        issued = issue(cast, at, wish(cast, "oxygen", taught=True))
        soon = later(at, (issued.due_on - at.on).days - 3)
        by, desk = cast.actor("wang-guilan"), cast.actor("clerk")
        with pytest.raises(CheckUpNeeded), transaction() as session:
            service.renew(session, issued.loan_code, by=by, at=soon, checked_up=True)
        with transaction() as session:
            renewed = service.renew(session, issued.loan_code, by=desk, at=soon, checked_up=True)
        assert renewed.due_on > issued.due_on


def remind(at: Moment) -> list[str]:
    """Return the reminders that were written."""
    reminders = select(Notice.kind).where(
        Notice.kind.in_(["due_in_3_days", "due_today", "overdue_1_day", "overdue_7_days"])
    )
    before = len(db.session().scalars(reminders).all())
    with transaction() as session:
        service.remind(session, at=at)
    return [kind.value for kind in db.session().scalars(reminders.order_by(Notice.id))][before:]


class TestRemind:
    @pytest.mark.parametrize(
        ("days", "kind"),
        [(7, "due_in_3_days"), (10, "due_today"), (11, "overdue_1_day"), (17, "overdue_7_days")],
    )
    def test_writes_on_the_day_once(
        self, app: APIFlask, cast: Cast, at: Moment, days: int, kind: str
    ) -> None:
        for _ in range(2):
            with transaction() as session:
                service.remind(session, at=later(at, days))
        assert [found.value for found in db.session().scalars(select(Notice.kind))] == [kind]

    def test_writes_each_on_its_own_day(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        expected = {7: "due_in_3_days", 10: "due_today", 11: "overdue_1_day", 17: "overdue_7_days"}
        for days in range(21):
            assert remind(later(at, days)) == ([expected[days]] if days in expected else [])

    @pytest.mark.parametrize(
        ("days", "kinds"),
        [
            (6, []),
            (8, ["due_in_3_days"]),
            (9, ["due_in_3_days"]),
            (10, ["due_today"]),
            (12, ["overdue_1_day"]),
            (14, ["overdue_1_day"]),
            (15, []),
            (20, ["overdue_7_days"]),
            (21, []),
        ],
    )
    def test_makes_up_for_days_on_which_nothing_ran(
        self, app: APIFlask, cast: Cast, at: Moment, days: int, kinds: list[str]
    ) -> None:
        assert remind(later(at, days)) == kinds
        assert remind(later(at, days)) == []

    def test_reminds_nobody_of_days_before_the_loan(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        issue(cast, at, wish(cast, due_on=at.on + DAY))
        assert remind(at) == []

    def test_lets_people_sleep(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        night = Moment.of(at.at + 7 * DAY + timedelta(hours=13))
        with transaction() as session:
            assert service.remind(session, at=night) == 0

    def test_is_quiet_once_the_unit_is_back(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        take_back(cast, at, "on_loan")
        with transaction() as session:
            assert service.remind(session, at=later(at, 7)) == 0


def close(cast: Cast, at: Moment, on: date) -> None:
    with transaction() as session:
        places.close_day(
            session, site_id=cast.site_id, on=on, reason="检修", by=cast.actor("manager"), at=at
        )


def follow(at: Moment) -> int:
    with transaction() as session:
        return service.follow_calendar(session, at=at)


class TestFollowCalendar:
    def test_moves_due_dates_off_closed_days_once(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        friday, saturday = at.on + 10 * DAY, at.on + 11 * DAY
        close(cast, at, friday)
        assert [follow(at), follow(at)] == [1, 0]
        session = db.session()
        loan = queries.loan(session, code=cast.loan.code)
        unit = inventory.unit(session, code=cast.unit["on_loan"].code)
        assert (loan.due_on, loan.renewals, unit.due_on) == (saturday, 0, saturday)
        assert unit.free_from is not None
        assert unit.free_from > saturday
        assert [kind.value for kind in session.scalars(select(Notice.kind))] == ["due_moved"]
        acts = [line.act for line in journal.history(session, subject=f"loan:{loan.code}")]
        assert acts[0] == "due_moved"
        assert not [found for found in journal.verify(session) if loan.code in found.subject]

    def test_goes_on_over_several_closed_days(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        for days in (10, 11, 13):  # Friday, Saturday, Monday; Sunday is closed anyway
            close(cast, at, at.on + days * DAY)
        assert follow(at) == 1
        assert queries.loan(db.session(), code=cast.loan.code).due_on == at.on + 14 * DAY

    def test_expects_the_unit_later_when_its_turn_round_has_a_closed_day(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        code = cast.unit["on_loan"].code
        for days, expected in ((11, 13), (13, 14)):  # Saturday, Monday; Sunday is closed anyway
            close(cast, at, at.on + days * DAY)
            assert follow(at) == 0
            unit = inventory.unit(db.session(), code=code)
            assert (unit.due_on, unit.free_from) == (at.on + 10 * DAY, at.on + expected * DAY)
            assert follow(at) == 0
            db.session.rollback()
        acts = [line.act for line in journal.history(db.session(), subject=f"unit:{code}")]
        assert acts == ["put_off"] * 2
        assert not [found for found in journal.verify(db.session()) if code in found.subject]
        assert not db.session().scalars(select(Notice.kind)).all()

    def test_leaves_open_days_and_past_ones_alone(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        assert follow(at) == 0
        close(cast, at, at.on + 10 * DAY)
        assert follow(later(at, 11)) == 0

    def test_moves_nothing_to_nowhere(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with transaction() as session:
            places.set_hours(
                session,
                site_id=cast.site_id,
                weekdays=range(7),
                spans=[],
                by=cast.actor("manager"),
                at=at,
            )
        assert follow(at) == 0


def closing(cast: Cast, at: Moment, day: date) -> Change:
    before = places_queries.calendar(db.session(), site_id=cast.site_id)
    return Change(site_id=cast.site_id, before=before, after=before.closing(day), today=at.on)


class TestClosingADay:
    """Thursday the 10th: a stick comes back, and is free again on Friday."""

    def said(self, cast: Cast, at: Moment) -> dict[str, tuple[str, ...]]:
        found = ripples.affected(db.session(), closing(cast, at, at.on + 9 * DAY))
        return {each.said.msgid[:4]: each.codes for each in found}

    @pytest.mark.parametrize(("starts", "short"), [(10, True), (11, False)])
    def test_names_the_promise_that_would_have_no_unit(
        self, app: APIFlask, cast: Cast, at: Moment, starts: int, short: bool
    ) -> None:
        issued = issue(cast, at, wish(cast, "last_stick", due_on=at.on + 9 * DAY))
        code = reserve(cast, at, "sun-lei", starts=starts, days=10, kind="quad-stick")
        said = self.said(cast, at)
        assert said["%(n)"] == (issued.loan_code,)
        assert said.get("顺延以后", ()) == ((code,) if short else ())

    @pytest.mark.parametrize(("due", "short"), [(8, True), (7, False)])
    def test_names_the_promise_that_the_turn_round_leaves_short(
        self, app: APIFlask, cast: Cast, at: Moment, due: int, short: bool
    ) -> None:
        issue(cast, at, wish(cast, "last_stick", due_on=at.on + due * DAY))
        code = reserve(cast, at, "sun-lei", starts=9, days=10, kind="quad-stick")
        assert self.said(cast, at).get("顺延以后", ()) == ((code,) if short else ())

    @pytest.mark.parametrize(("starts", "short"), [(1, True), (2, False)])
    def test_names_the_promise_that_the_wash_room_leaves_short(
        self, app: APIFlask, cast: Cast, at: Moment, starts: int, short: bool
    ) -> None:
        issue(cast, at, wish(cast, "last_stick"))
        take_back(cast, at, "last_stick")
        code = reserve(cast, at, "sun-lei", starts=starts, days=10, kind="quad-stick")
        found = ripples.affected(db.session(), closing(cast, at, at.on + DAY))
        at_risk = [each.codes for each in found if each.said.msgid.startswith("顺延以后")]
        assert at_risk == ([(code,)] if short else [])

    def test_counts_all_units_that_come_back_later(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        for unit, who in (("available", "wang-guilan"), ("available_2", "zhao-min")):
            issue(cast, at, wish(cast, unit, who, due_on=at.on + 9 * DAY))
        early = [reserve(cast, at, "sun-lei", starts=10, days=10) for _ in range(3)]
        assert set(self.said(cast, at)["顺延以后"]) == set(early[1:])

    def test_says_nothing_where_nothing_is_short(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        issue(cast, at, wish(cast, due_on=at.on + 9 * DAY))
        assert "顺延以后" not in self.said(cast, at)


def race(app: APIFlask, act: Callable[[], object], writers: int = 6) -> list[str]:
    """Run the act in so many threads at once; return each outcome."""
    outcomes: list[str] = []
    ready = threading.Barrier(writers)

    def run() -> None:
        with app.app_context():
            ready.wait()
            try:
                act()
                outcomes.append("done")
            except Conflict as refusal:
                outcomes.append(refusal.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def forget(cast: Cast, at: Moment, who: str = "wang-guilan") -> None:
    by = cast.actor("manager")
    with transaction() as session:
        people.anonymise(session, code=cast.resident[who].code, by=by, at=at)


class TestTwoWriters:
    def test_lend_to_nobody_who_is_being_forgotten(
        self, app: APIFlask, cast: Cast, at: Moment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        module = sys.modules["rental.loans.service.issue"]
        beside = Beside(app, lambda: forget(cast, at))
        monkeypatch.setattr(module, "hand_over", beside.after(queries.hand_over))
        assert issue(cast, at, wish(cast)).loan_code
        assert beside.outcome() == "still-needed"

    def test_lend_a_unit_once(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        db.session.remove()
        by, asked = cast.actor("clerk"), wish(cast)

        def act() -> None:
            with transaction() as session:
                service.issue(session, asked, by=by, at=at)

        outcomes = race(app, act)
        assert sorted(outcomes) == ["done"] + ["issue-blocked"] * 5
        opened = select(func.count()).select_from(Loan).where(Loan.state == LoanState.OPEN)
        assert db.session().scalar(opened) == 2

    def test_take_a_unit_back_once(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        db.session.remove()
        by, back = cast.actor("clerk"), Return(unit_code=cast.unit["on_loan"].code)

        def act() -> None:
            with transaction() as session:
                service.take_back(session, back, by=by, at=at)

        outcomes = race(app, act)
        assert sorted(outcomes) == ["done"] + ["unit-not-on-loan"] * 5
        assert not list(journal.verify(db.session()))

    def test_renew_once(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        db.session.remove()
        by = cast.actor("li-jianguo")

        def act() -> None:
            with transaction() as session:
                service.renew(session, cast.loan.code, by=by, at=at)

        outcomes = race(app, act)
        assert sorted(outcomes) == ["done"] + ["renewal-too-early"] * 5


class TestLists:
    def test_say_what_is_due_and_late(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        session = db.session()
        due, late = later(at, 10).on, later(at, 12).on
        assert [loan.code for loan in queries.due(session, site_id=cast.site_id, on=due)] == [
            cast.loan.code
        ]
        assert [loan.code for loan in queries.overdue(session, site_id=None, on=late)] == [
            cast.loan.code
        ]
        assert queries.counts(session, site_id=None, on=due).due_today == 1
        assert queries.counts(session, site_id=None, on=due).overdue == 0
        assert queries.counts(session, site_id=None, on=late).overdue == 1

    @pytest.mark.parametrize("show", list(queries.Show))
    @pytest.mark.parametrize("days", [0, 7, 10, 11])
    def test_agree_with_the_policy(
        self, app: APIFlask, cast: Cast, at: Moment, show: queries.Show, days: int
    ) -> None:
        today = later(at, days).on
        found = queries.loans(db.session(), show=show, on=today)
        kinds = {
            queries.Show.TODAY: {"due_today"},
            queries.Show.DUE: {"due_soon", "due_today"},
            queries.Show.OVERDUE: {"overdue"},
            queries.Show.RETURNED: set(),
            queries.Show.LOST: set(),
            queries.Show.FORCED: set(),
            queries.Show.VOID: set(),
        }.get(show, {"not_due", "due_soon", "due_today", "overdue"})
        loan = queries.loan(db.session(), code=cast.loan.code)
        assert (found.total == 1) == (loan.lateness(today).kind.value in kinds)

    def test_show_what_was_forced_whether_or_not_it_came_back(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        loan = db.session.get_one(Loan, cast.loan.id)
        for state, returned_at in ((LoanState.OPEN, None), (LoanState.RETURNED, at.at)):
            loan.state, loan.returned_at, loan.forced_reason = state, returned_at, "已经拿走了"
            db.session.commit()
            show, site_id = queries.Show.FORCED, cast.site_id
            found = queries.loans(db.session(), show=show, on=at.on, site_id=site_id)
            assert [each.code for each in found.loans] == [cast.loan.code]
            assert queries.count(db.session(), show=show, on=at.on, site_id=site_id) == 1

    def test_mask_the_name(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        assert queries.loan(db.session(), code=cast.loan.code).masked_name == "李**"

    def test_find_nothing_for_a_forged_code(self, app: APIFlask, cast: Cast) -> None:
        with pytest.raises(queries.LoanNotFound):
            queries.loan(db.session(), code="L-22222222")
