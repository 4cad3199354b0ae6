"""Units that come back, and units that never will."""

from datetime import timedelta

import pytest
from apiflask import APIFlask
from sqlalchemy import select

from rental.foundation.clock import Moment
from rental.foundation.database import db, transaction
from rental.inventory import queries as inventory
from rental.inventory.policy import UnitState
from rental.journal import queries as journal
from rental.loans import queries, service
from rental.loans.policy import Condition, LoanCannotMove, LoanState
from rental.loans.service.losing import LossUnexplained
from rental.upkeep import service as upkeep
from rental.upkeep.models import Fault, Upkeep
from rental.upkeep.policy import OwnWords, UpkeepState
from rental.upkeep.service.aside import LostByBorrower
from tests.cast import Cast
from tests.loans.steps import issue, later, take_back, wish

DATABASES = ["sqlite", "postgresql"]


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
