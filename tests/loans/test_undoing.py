"""Wrong returns and hand-overs taken back, on both databases."""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from rental.foundation.clock import Moment
from rental.foundation.database import db, transaction
from rental.foundation.errors import DomainError
from rental.inventory import queries as inventory
from rental.inventory.models import Unit
from rental.inventory.policy import NotYourStep, UnitState
from rental.inventory.queries import UnitView
from rental.journal import queries as journal
from rental.loans import queries, service
from rental.loans.models import Loan
from rental.loans.policy import Condition, LoanState
from rental.loans.policy.undoing import (
    IssuedUnreleased,
    IssueOfAnotherDay,
    IssueOvertaken,
    NoIssueToUndo,
    NoReturnToUndo,
    NotConfirmedInPlace,
    ReturnOfAnotherDay,
    ReturnOvertaken,
    UndoReason,
)
from rental.loans.queries import LoanView
from rental.notices.models import Notice
from rental.notices.policy import NoticeKind
from rental.people.models import Resident
from rental.people.policy import ResidentState
from rental.people.service import anonymising
from rental.places import service as places
from rental.reservations import queries as reservations
from rental.reservations.models import Reservation, VisitSlot
from rental.reservations.policy import Half, ReservationState
from rental.upkeep import service as upkeep
from rental.upkeep.models import Fault, Upkeep
from rental.upkeep.policy import FaultState, StepKind, UpkeepState
from tests.beside import Beside
from tests.cast import Cast
from tests.loans import steps
from tests.loans.steps import forget
from tests.promises import promise

DATABASES = ["sqlite", "postgresql"]
DAY = timedelta(days=1)


def issue(cast: Cast, at: Moment, unit: str = "available", **more: Any) -> service.Issued:
    return steps.issue(cast, at, steps.wish(cast, unit, **more))


def take_back(cast: Cast, at: Moment, unit: str = "on_loan", **more: Any) -> str:
    return steps.take_back(cast, at, unit, **more).loan_code


def undo_return(cast: Cast, at: Moment, code: str, login: str = "clerk") -> service.ReturnUndone:
    with transaction() as session:
        return service.undo_return(
            session, code, reason=UndoReason.WRONG_UNIT, by=cast.actor(login), at=at
        )


def undo_issue(
    cast: Cast, at: Moment, code: str, login: str = "clerk", *, never_left: bool = True
) -> service.IssueUndone:
    with transaction() as session:
        return service.undo_issue(session, code, never_left=never_left, by=cast.actor(login), at=at)


def loan(code: str) -> LoanView:
    return queries.loan(db.session(), code=code)


def unit(cast: Cast, name: str) -> UnitView:
    return inventory.unit(db.session(), code=cast.unit[name].code)


def log_step(cast: Cast, at: Moment, name: str) -> None:
    with transaction() as session:
        upkeep.log_step(
            session,
            unit_code=cast.unit[name].code,
            step=StepKind.CLEAN,
            by=cast.actor("cleaner"),
            at=at,
        )


def messages() -> list[NoticeKind]:
    return list(db.session().scalars(select(Notice.kind).order_by(Notice.id)))


class TestUndoReturn:
    def test_puts_loan_and_unit_back(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        before, lent = unit(cast, "on_loan"), loan(cast.loan.code)
        code = take_back(cast, at, missing=("脚踏板",), note="轮胎缺气")
        undone = undo_return(cast, at, code)
        after, found = unit(cast, "on_loan"), loan(code)
        assert (undone.state, undone.due_on, undone.displaced) == (
            UnitState.ON_LOAN,
            lent.due_on,
            None,
        )
        assert (after.state, after.due_on, after.missing, after.zone_id) == (
            UnitState.ON_LOAN,
            before.due_on,
            (),
            None,
        )
        assert after.free_from is not None
        assert after.free_from > found.due_on
        assert replace(found, journal_head=lent.journal_head) == lent
        assert not list(journal.verify(db.session()))

    def test_gives_up_the_turn_of_the_return(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        undo_return(cast, at, take_back(cast, at))
        turns = db.session().scalars(
            select(Upkeep.state).where(Upkeep.unit_id == cast.unit["on_loan"].id)
        )
        assert list(turns) == [UpkeepState.ABANDONED]

    def test_closes_the_report_that_the_return_made(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        code = take_back(cast, at, condition=Condition.DAMAGED, note="刹车失灵")
        undo_return(cast, at, code)
        row = db.session().scalars(select(Fault)).one()
        assert (row.state, row.closed_by) == (FaultState.CLOSED, cast.account["clerk"])
        assert not loan(code).return_note
        assert not list(journal.verify(db.session()))

    def test_leaves_a_report_alone_that_was_there_before(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        with transaction() as session:
            upkeep.report_fault(
                session, unit_code=cast.unit["on_loan"].code, what="刹车松", by=None, at=at
            )
        undo_return(cast, at, take_back(cast, at))
        assert db.session().scalars(select(Fault.state)).all() == [FaultState.OPEN]

    def test_lets_the_unit_lack_what_it_lacked_before(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        with transaction() as session:
            found = inventory.lock_unit(session, code=cast.unit["on_loan"].code)
            session.execute(update(Unit).where(Unit.id == found.id).values(missing='["头枕"]'))
        undo_return(cast, at, take_back(cast, at, missing=("脚踏板",)))
        assert unit(cast, "on_loan").missing == ("头枕",)

    def test_tells_the_resident_and_the_histories(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        code = take_back(cast, at)
        undo_return(cast, at, code)
        assert messages() == [NoticeKind.RETURNED, NoticeKind.RETURN_UNDONE]
        for subject in (f"loan:{code}", f"unit:{cast.unit['on_loan'].code}"):
            newest = journal.history(db.session(), subject=subject)[0]
            assert (newest.act, newest.details["reason"]) == ("return_undone", "wrong_unit")
            assert newest.actor_id == cast.account["clerk"]

    def test_lets_it_come_back_again_and_says_so(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        code = take_back(cast, at)
        undo_return(cast, at, code)
        assert take_back(cast, at) == code
        assert messages().count(NoticeKind.RETURNED) == 2
        undo_return(cast, at, code)
        assert messages().count(NoticeKind.RETURN_UNDONE) == 2
        assert not list(journal.verify(db.session()))

    def test_names_the_promise_that_goes_without(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        with transaction() as session:
            session.execute(
                update(Loan).where(Loan.code == cast.loan.code).values(due_on=at.on + 90 * DAY)
            )
        code = take_back(cast, at)
        promised = [promise(cast, at, starts=5) for _ in range(9)]
        undone = undo_return(cast, at, code)
        assert undone.displaced is not None
        assert undone.displaced.code in promised

    def test_names_who_goes_without_while_nobody_knows_when_the_site_opens(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        code = take_back(cast, at)
        promised = [promise(cast, at, starts=5) for _ in range(9)]
        with transaction() as session:
            places.set_hours(
                session,
                site_id=cast.site_id,
                weekdays=range(7),
                spans=[],
                by=cast.actor("manager"),
                at=at,
            )
        undone = undo_return(cast, at, code)
        assert unit(cast, "on_loan").free_from is None
        assert undone.displaced is not None
        assert undone.displaced.code in promised

    def test_is_for_the_day_itself(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        code = take_back(cast, at)
        with pytest.raises(ReturnOfAnotherDay):
            undo_return(cast, Moment.of(at.at + DAY), code)

    def test_is_for_the_desk(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        code = take_back(cast, at)
        for login in ("cleaner", "reviewer", "li-jianguo", "therapist"):
            with pytest.raises(NotYourStep):
                undo_return(cast, at, code, login)
        assert undo_return(cast, at, code, "manager").loan_code == code

    def test_refuses_what_was_not_returned(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with pytest.raises(NoReturnToUndo):
            undo_return(cast, at, cast.loan.code)
        with pytest.raises(queries.LoanNotFound):
            undo_return(cast, at, "L-NOSUCHXX")

    @pytest.mark.parametrize("touch", ["washed", "reported", "lent again"])
    def test_refuses_once_the_unit_was_touched(
        self, app: APIFlask, cast: Cast, at: Moment, touch: str
    ) -> None:
        code = take_back(cast, at, condition=Condition.DAMAGED, note="刹车失灵")
        if touch == "washed":
            log_step(cast, at, "on_loan")
        elif touch == "reported":
            with transaction() as session:
                upkeep.report_fault(
                    session, unit_code=cast.unit["on_loan"].code, what="漏油", by=None, at=at
                )
        else:
            issue(cast, at, "on_loan", force_reason="还没清洗就又借走了")
        with pytest.raises(ReturnOvertaken):
            undo_return(cast, at, code)
        assert loan(code).state is LoanState.RETURNED

    def test_refuses_for_somebody_who_was_forgotten(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        code = take_back(cast, at)
        forget(cast, at, "li-jianguo")
        with pytest.raises(DomainError) as refused:
            undo_return(cast, at, code)
        assert refused.value.code == "data-wiped"


class TestUndoIssue:
    def test_leaves_no_loan_and_a_unit_on_the_shelf(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        code = issue(cast, at).loan_code
        undone = undo_issue(cast, at, code)
        found, after = loan(code), unit(cast, "available")
        assert (undone.state, undone.reservation_code) == (UnitState.AVAILABLE, None)
        assert (found.state, found.returned_at, found.is_open) == (LoanState.VOID, None, False)
        assert (after.state, after.due_on, after.free_from) == (UnitState.AVAILABLE, None, None)
        assert not list(journal.verify(db.session()))

    def test_needs_no_wash_and_may_be_lent_at_once(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        undo_issue(cast, at, issue(cast, at).loan_code)
        turns = db.session().scalars(
            select(Upkeep).where(Upkeep.unit_id == cast.unit["available"].id)
        )
        assert list(turns) == []
        assert issue(cast, at).forced is False

    def test_counts_nowhere_as_a_loan(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        code = issue(cast, at).loan_code
        session = db.session()
        who, where = cast.resident["wang-guilan"].id, cast.unit["available"].id
        before = queries.counts(session, site_id=cast.site_id, on=at.on)
        undo_issue(cast, at, code)
        session = db.session()
        assert queries.counts(session, site_id=cast.site_id, on=at.on).open == before.open - 1
        assert queries.loans_of(session, resident_id=who) == ()
        assert queries.open_loans_of(session, resident_id=who) == ()
        assert queries.latest_of_unit(session, unit_id=where) is None
        shown = queries.loans(session, show=queries.Show.VOID, on=at.on)
        assert [each.code for each in shown.loans] == [code]

    def test_is_written_into_the_units_history(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        code = issue(cast, at).loan_code
        undo_issue(cast, at, code)
        subject = f"unit:{cast.unit['available'].code}"
        newest = journal.history(db.session(), subject=subject)[0]
        assert (newest.act, newest.actor_id) == ("issue_undone", cast.account["clerk"])
        assert newest.details == {"loan": code, "reason": "never_left"}

    def test_tells_who_was_told(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        undo_issue(cast, at, issue(cast, at).loan_code)
        assert messages() == [NoticeKind.ISSUED, NoticeKind.ISSUE_UNDONE]

    def test_tells_nobody_who_was_not(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with transaction() as session:
            row = session.get_one(Resident, cast.resident["wang-guilan"].id)
            row.state = ResidentState.QUIET
        code = issue(cast, at).loan_code
        with transaction() as session:
            row = session.get_one(Resident, cast.resident["wang-guilan"].id)
            row.state = ResidentState.ACTIVE
        undo_issue(cast, at, code)
        assert messages() == []

    def test_lets_the_promise_wait_again(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        promised = promise(cast, at)
        undone = undo_issue(cast, at, issue(cast, at).loan_code)
        found = reservations.reservation(db.session(), code=promised)
        assert (undone.reservation_code, undone.waits_again) == (promised, True)
        assert (found.state, found.unit_id) == (ReservationState.CONFIRMED, None)
        again = issue(cast, at)
        assert again.reservation_code == promised
        assert not list(journal.verify(db.session()))

    def test_takes_the_place_of_its_visit_again(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        slot = at.on + DAY
        with transaction() as session:
            session.add(
                VisitSlot(
                    site_id=cast.site_id, slot_on=slot, half=Half.MORNING, booked=1, capacity=9
                )
            )
        promise(cast, at, slot_on=slot, slot_half=Half.MORNING)
        code = issue(cast, at).loan_code
        assert db.session().scalar(select(VisitSlot.booked)) == 0
        db.session.remove()
        assert undo_issue(cast, at, code).waits_again
        assert db.session().scalar(select(VisitSlot.booked)) == 1

    @pytest.mark.parametrize("why", ["run out", "another", "promised to others"])
    def test_leaves_a_promise_that_can_wait_no_more(
        self, app: APIFlask, cast: Cast, at: Moment, why: str
    ) -> None:
        promised = promise(cast, at)
        code = issue(cast, at).loan_code
        if why == "run out":
            with transaction() as session:
                session.execute(update(Reservation).values(hold_until=at.on - DAY))
        elif why == "another":
            promise(cast, at)
        else:
            others = [promise(cast, at) for _ in range(9)]
            with transaction() as session:
                session.execute(
                    update(Reservation)
                    .where(Reservation.code.in_(others))
                    .values(resident_id=cast.resident["zhao-min"].id)
                )
        undone = undo_issue(cast, at, code)
        found = reservations.reservation(db.session(), code=promised)
        assert (undone.waits_again, found.state) == (False, ReservationState.FULFILLED)

    def test_may_be_undone_when_forced_for_the_wrong_person(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        code = issue(
            cast, at, resident_code=cast.resident["sun-lei"].code, force_reason="特殊情况急用"
        ).loan_code
        assert undo_issue(cast, at, code).state is UnitState.AVAILABLE

    def test_refuses_a_unit_that_was_not_released_either(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        code = issue(cast, at, "dirty", force_reason="夜里急用已经拿走").loan_code
        with pytest.raises(IssuedUnreleased):
            undo_issue(cast, at, code)
        assert unit(cast, "dirty").state is UnitState.ON_LOAN

    def test_needs_the_clerks_word(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        code = issue(cast, at).loan_code
        with pytest.raises(NotConfirmedInPlace):
            undo_issue(cast, at, code, never_left=False)

    def test_is_for_the_day_itself(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        code = issue(cast, at).loan_code
        with pytest.raises(IssueOfAnotherDay):
            undo_issue(cast, Moment.of(at.at + DAY), code)
        with pytest.raises(IssueOfAnotherDay):
            undo_issue(cast, at, cast.loan.code)

    def test_is_for_the_desk(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        code = issue(cast, at).loan_code
        for login in ("technician", "wang-guilan", "therapist"):
            with pytest.raises(NotYourStep):
                undo_issue(cast, at, code, login)

    def test_refuses_what_came_back_or_was_undone(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        code = issue(cast, at).loan_code
        undo_issue(cast, at, code)
        with pytest.raises(NoIssueToUndo):
            undo_issue(cast, at, code)
        again = issue(cast, at).loan_code
        take_back(cast, at, "available")
        with pytest.raises(NoIssueToUndo):
            undo_issue(cast, at, again)

    def test_refuses_once_the_unit_was_touched(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        code = issue(cast, at).loan_code
        undo_return(cast, at, take_back(cast, at, "available"))
        with pytest.raises(IssueOvertaken):
            undo_issue(cast, at, code)

    @pytest.mark.parametrize("held", [{"renewals": 1}, {"reservation_id": 1}])
    def test_a_void_loan_holds_nothing(
        self, app: APIFlask, cast: Cast, at: Moment, held: dict[str, int]
    ) -> None:
        promise(cast, at)
        row = update(Loan).where(Loan.code == cast.loan.code)
        if "reservation_id" in held:
            held = {"reservation_id": db.session().scalar(select(Reservation.id)) or 0}
        with pytest.raises(IntegrityError, match="void_holds_nothing"), transaction() as session:
            session.execute(row.values(state=LoanState.VOID, **held))


class TestTwoWriters:
    @pytest.fixture
    def between(
        self, app: APIFlask, monkeypatch: pytest.MonkeyPatch
    ) -> Callable[[str, str, Callable[[], object]], Beside]:
        """Begin an act in the middle of an undoing, once it holds its rows."""

        def begin(name: str, step: str, act: Callable[[], object]) -> Beside:
            module = sys.modules[f"rental.loans.service.{name}"]
            beside = Beside(app, act)
            monkeypatch.setattr(module, step, beside.after(getattr(module, step)))
            return beside

        return begin

    def test_undo_a_return_before_its_first_step(
        self, app: APIFlask, cast: Cast, at: Moment, between: Callable[..., Beside]
    ) -> None:
        code = take_back(cast, at)
        db.session.remove()
        beside = between("undo_return", "lock", lambda: log_step(cast, at, "on_loan"))
        assert undo_return(cast, at, code).state is UnitState.ON_LOAN
        assert beside.outcome() == "not-in-the-wash-room"

    def test_undo_a_return_after_its_first_step(
        self, app: APIFlask, cast: Cast, at: Moment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        code = take_back(cast, at)
        db.session.remove()
        beside = Beside(app, lambda: undo_return(cast, at, code))
        module = sys.modules["rental.upkeep.service.steps"]
        monkeypatch.setattr(module, "locked_turn", beside.after(module.locked_turn))
        log_step(cast, at, "on_loan")
        assert beside.outcome() == "return-overtaken"
        assert unit(cast, "on_loan").state is UnitState.CLEANING

    def test_undo_a_return_once(
        self, app: APIFlask, cast: Cast, at: Moment, between: Callable[..., Beside]
    ) -> None:
        code = take_back(cast, at)
        db.session.remove()
        beside = between("undo_return", "lock", lambda: undo_return(cast, at, code))
        undo_return(cast, at, code)
        assert beside.outcome() == "no-return-to-undo"
        assert not list(journal.verify(db.session()))

    def test_undo_a_hand_over_once(
        self, app: APIFlask, cast: Cast, at: Moment, between: Callable[..., Beside]
    ) -> None:
        code = issue(cast, at).loan_code
        db.session.remove()
        beside = between("undo_issue", "lock", lambda: undo_issue(cast, at, code))
        undo_issue(cast, at, code)
        assert beside.outcome() == "no-issue-to-undo"

    def test_forget_nobody_who_has_the_device_again(
        self, app: APIFlask, cast: Cast, at: Moment, between: Callable[..., Beside]
    ) -> None:
        code = take_back(cast, at)
        db.session.remove()
        beside = between("undo_return", "lock", lambda: forget(cast, at, "li-jianguo"))
        assert undo_return(cast, at, code).loan_code == code
        assert beside.outcome() == "still-needed"

    def test_lend_nothing_to_somebody_who_is_being_forgotten(
        self, app: APIFlask, cast: Cast, at: Moment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        code = take_back(cast, at)
        db.session.remove()
        beside = Beside(app, lambda: undo_return(cast, at, code))
        module = sys.modules["rental.people.service.anonymising"]
        monkeypatch.setattr(module, "locked_resident", beside.after(module.locked_resident))
        forget(cast, at, "li-jianguo")
        assert beside.outcome() == "data-wiped"
        assert loan(code).state is LoanState.RETURNED


def test_a_void_loan_keeps_nobody_beyond_its_day(app: APIFlask, cast: Cast, at: Moment) -> None:
    code = issue(cast, at).loan_code
    undo_issue(cast, at, code)
    keeps = next(each for each in anonymising.KEEPS if each.__module__.startswith("rental.loans."))
    who = cast.resident["wang-guilan"].id
    assert db.session().scalar(select(keeps(who, at.on)))
    assert not db.session().scalar(select(keeps(who, at.on + DAY)))
