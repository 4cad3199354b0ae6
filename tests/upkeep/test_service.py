"""The wash room's use cases, on both databases."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from apiflask import APIFlask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from rental.catalogue import queries as catalogue
from rental.foundation.clock import Moment
from rental.foundation.database import reading, transaction
from rental.inventory import queries as inventory
from rental.inventory.models import Unit
from rental.inventory.policy import NotYourStep, UnitCannotMove, UnitState
from rental.journal.queries import history, verify
from rental.places import service as places
from rental.policies import service as policies
from rental.policies.policy import Policy, Scope
from rental.upkeep import queries, service
from rental.upkeep.models import Upkeep
from rental.upkeep.policy import (
    Agent,
    ChlorineOutOfRange,
    ContactNotOver,
    NotReleasable,
    ReleaseBlockerCode,
    StepKind,
    StepOutOfOrder,
    UpkeepReason,
    UpkeepState,
)
from rental.upkeep.service.faults import FaultAlreadyClosed
from tests.cast import Cast

Do = Callable[..., service.Logged]
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def do(app: APIFlask, cast: Cast, at: Moment) -> Do:
    """Return a function that logs a step of the dirty wheelchair, each in its own transaction.

    It was cleaned an hour ago, so that the disinfection has had its time.
    """

    def log(step: StepKind, login: str = "cleaner", **more: object) -> service.Logged:
        if step is StepKind.DISINFECT:
            more = {
                "agent": Agent.CHLORINE, "concentration_mg_l": 500, "contact_minutes": 30, **more
            }  # fmt: skip
        with transaction() as session:
            return service.log_step(
                session,
                unit_code=cast.unit["dirty"].code,
                step=step,
                by=cast.actor(login),
                at=Moment.of(at.at - HOUR) if step is StepKind.CLEAN else at,
                **more,  # type: ignore[arg-type]
            )

    return log


def wash(do: Do, session: Session, unit_code: str) -> None:
    unit = inventory.unit(session, code=unit_code)
    for step in queries.turn_of(session, unit).left:
        do(step)


def state(cast: Cast, name: str) -> UnitState:
    session = reading()
    session.rollback()
    return inventory.unit(session, code=cast.unit[name].code).state


class TestTurn:
    def test_goes_from_dirty_to_available(self, cast: Cast, do: Do, at: Moment) -> None:
        wash(do, reading(), cast.unit["dirty"].code)
        assert state(cast, "dirty") is UnitState.INSPECTED
        with transaction() as session:
            service.release(
                session, unit_code=cast.unit["dirty"].code, by=cast.actor("technician"), at=at
            )
        unit = inventory.unit(reading(), code=cast.unit["dirty"].code)
        assert unit.state is UnitState.AVAILABLE
        assert unit.free_from is None
        assert unit.due_on is None
        turns = reading().scalars(select(Upkeep).where(Upkeep.unit_id == unit.id)).all()
        assert [turn.state for turn in turns] == [UpkeepState.RELEASED]
        assert turns[0].released_by == cast.account["technician"]

    def test_writes_a_history_that_holds(self, cast: Cast, do: Do, at: Moment) -> None:
        wash(do, reading(), cast.unit["dirty"].code)
        acts = [line.act for line in history(reading(), subject=f"unit:{cast.unit['dirty'].code}")]
        assert acts[0] == "step_inspect"
        assert acts[-1] == "step_clean"
        mine = (f"unit:{cast.unit['dirty'].code}", "upkeep:")
        assert [found for found in verify(reading()) if found.subject.startswith(mine)] == []

    def test_refuses_the_cleaner_as_releaser(self, cast: Cast, do: Do, at: Moment) -> None:
        wash(do, reading(), cast.unit["dirty"].code)
        with pytest.raises(NotReleasable) as refused, transaction() as session:
            service.release(
                session, unit_code=cast.unit["dirty"].code, by=cast.actor("cleaner"), at=at
            )
        assert [found.code for found in refused.value.blockers] == [ReleaseBlockerCode.SAME_PERSON]
        assert state(cast, "dirty") is UnitState.INSPECTED

    def test_promises_nothing_on_what_is_broken_or_lacks_a_part(
        self, cast: Cast, do: Do, at: Moment
    ) -> None:
        code = cast.unit["dirty"].code
        with transaction() as session:
            service.report_fault(
                session, unit_code=code, what="左边刹车断了", by=cast.actor("clerk"), at=at
            )
        do(StepKind.CLEAN)
        unit = inventory.unit(reading(), code=code)
        assert unit.state is not UnitState.DIRTY
        assert unit.free_from is None

    def test_promises_it_again_when_nothing_is_wrong_any_more(
        self, cast: Cast, do: Do, at: Moment
    ) -> None:
        code, clerk = cast.unit["dirty"].code, cast.actor("clerk")
        with transaction() as session:
            first, second = (
                service.report_fault(session, unit_code=code, what=what, by=clerk, at=at)
                for what in ("左边刹车断了", "坐垫破了")
            )
        for step in queries.turn_of(reading(), inventory.unit(reading(), code=code)).left:
            do(step, missing=["脚托"] if step is StepKind.INSPECT else None)
        for number, fault in enumerate((first, second)):
            with transaction() as session:
                service.close_fault(session, fault_code=fault, answer="已修好", by=clerk, at=at)
            if not number:
                with transaction() as session:
                    service.complete_kit(session, unit_code=code, by=clerk, at=at)
                assert inventory.unit(reading(), code=code).free_from is None
        found = queries.open_upkeep(reading(), cast.unit["dirty"].id)
        assert found is not None
        assert inventory.unit(reading(), code=code).free_from == found.expected_on
        mine = (f"unit:{code}", "upkeep:")
        assert [each for each in verify(reading()) if each.subject.startswith(mine)] == []

    def test_knows_a_rule_for_the_category(self, cast: Cast, do: Do, at: Moment) -> None:
        unit = inventory.unit(reading(), code=cast.unit["dirty"].code)
        of = catalogue.kind_by_id(reading(), kind_id=unit.kind_id).category.id
        reading().rollback()
        for value, scope in ((False, Scope()), (True, Scope(category_id=of))):
            with transaction() as session:
                policies.set_value(
                    session,
                    Policy.TWO_PERSON_RELEASE,
                    value,
                    scope,
                    by=cast.actor("manager"),
                    at=at,
                )
        wash(do, reading(), unit.code)
        with pytest.raises(NotReleasable), transaction() as session:
            service.release(session, unit_code=unit.code, by=cast.actor("cleaner"), at=at)

    def test_refuses_release_before_the_steps(self, cast: Cast, do: Do, at: Moment) -> None:
        do(StepKind.CLEAN)
        with pytest.raises(NotReleasable), transaction() as session:
            service.release(
                session, unit_code=cast.unit["dirty"].code, by=cast.actor("manager"), at=at
            )

    def test_refuses_the_wrong_order(self, cast: Cast, do: Do) -> None:
        with pytest.raises(StepOutOfOrder):
            do(StepKind.INSPECT)
        assert state(cast, "dirty") is UnitState.DIRTY

    def test_refuses_weak_chlorine_and_keeps_nothing(self, cast: Cast, do: Do) -> None:
        do(StepKind.CLEAN)
        for step in queries.turn_of(
            reading(), inventory.unit(reading(), code=cast.unit["dirty"].code)
        ).left:
            if step is StepKind.DISINFECT:
                break
            do(step)
        with pytest.raises(ChlorineOutOfRange):
            do(StepKind.DISINFECT, concentration_mg_l=100)
        assert state(cast, "dirty") is UnitState.CLEANING

    def test_refuses_more_minutes_than_have_passed(self, cast: Cast, do: Do, at: Moment) -> None:
        do(StepKind.CLEAN)
        with pytest.raises(ContactNotOver):
            do(StepKind.DISINFECT, contact_minutes=61)
        assert state(cast, "dirty") is UnitState.CLEANING
        do(StepKind.DISINFECT, contact_minutes=60)
        assert state(cast, "dirty") is UnitState.DISINFECTED

    def test_refuses_a_clerk(self, cast: Cast, do: Do) -> None:
        with pytest.raises(NotYourStep):
            do(StepKind.CLEAN, "clerk")

    def test_starts_over_after_a_failed_inspection(self, cast: Cast, do: Do) -> None:
        unit = inventory.unit(reading(), code=cast.unit["dirty"].code)
        steps = queries.turn_of(reading(), unit).left
        for step in steps[:-1]:
            do(step)
        logged = do(StepKind.INSPECT, "technician", passed=False)
        assert logged.state is UnitState.DIRTY
        assert logged.left == steps

    def test_sends_a_broken_unit_to_repair_and_back(self, cast: Cast, do: Do, at: Moment) -> None:
        unit = inventory.unit(reading(), code=cast.unit["dirty"].code)
        steps = queries.turn_of(reading(), unit).left
        for step in steps[:-1]:
            do(step)
        assert do(StepKind.INSPECT, passed=False, broken=True).state is UnitState.REPAIR
        assert queries.open_upkeep(reading(), unit.id) is None
        with transaction() as session:
            service.back_to_wash(session, unit_code=unit.code, by=cast.actor("technician"), at=at)
        found = queries.open_upkeep(reading(), unit.id)
        assert found is not None
        assert found.reason is UpkeepReason.REPAIR
        assert found.left == steps
        assert state(cast, "dirty") is UnitState.DIRTY

    def test_keeps_an_incomplete_kit_from_release(self, cast: Cast, do: Do, at: Moment) -> None:
        unit = inventory.unit(reading(), code=cast.unit["dirty"].code)
        for step in queries.turn_of(reading(), unit).left:
            do(step, missing=["脚托"] if step is StepKind.INSPECT else None)
        with pytest.raises(NotReleasable) as refused, transaction() as session:
            service.release(session, unit_code=unit.code, by=cast.actor("manager"), at=at)
        blockers = [(found.code.value, str(found.sentence)) for found in refused.value.blockers]
        assert blockers == [("kit_incomplete", "缺配件：脚托。请补齐后按“配件已补齐”。")]
        with transaction() as session:
            service.complete_kit(session, unit_code=unit.code, by=cast.actor("clerk"), at=at)
        with transaction() as session:
            service.release(session, unit_code=unit.code, by=cast.actor("manager"), at=at)
        assert state(cast, "dirty") is UnitState.AVAILABLE

    def test_inspects_and_releases_a_new_unit(self, cast: Cast, app: APIFlask, at: Moment) -> None:
        code = cast.unit["new"].code
        with transaction() as session:
            logged = service.log_step(
                session, unit_code=code, step=StepKind.INSPECT, by=cast.actor("technician"), at=at
            )
        assert logged.state is UnitState.INSPECTED
        with transaction() as session:
            service.release(session, unit_code=code, by=cast.actor("cleaner"), at=at)
        assert state(cast, "new") is UnitState.AVAILABLE

    def test_does_not_release_what_is_on_loan(self, cast: Cast, at: Moment) -> None:
        with pytest.raises(UnitCannotMove), transaction() as session:
            service.release(
                session, unit_code=cast.unit["on_loan"].code, by=cast.actor("manager"), at=at
            )


class TestBackToWash:
    def test_promises_nothing_on_what_lacks_a_part(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        code = cast.unit["available"].code
        with transaction() as session:
            session.get_one(Unit, cast.unit["available"].id).missing = '["脚托"]'
        with transaction() as session:
            service.back_to_wash(session, unit_code=code, by=cast.actor("cleaner"), at=at)
        assert inventory.unit(reading(), code=code).free_from is None

    def test_begins_again_with_what_was_lost_from_the_shelf(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        code = cast.unit["available"].code
        with transaction() as session:
            session.get_one(Unit, cast.unit["available"].id).state = UnitState.LOST
        assert not inventory.is_out(reading(), inventory.unit(reading(), code=code))
        with transaction() as session:
            service.back_to_wash(session, unit_code=code, by=cast.actor("cleaner"), at=at)
        assert state(cast, "available") is UnitState.DIRTY


class TestSetAside:
    @pytest.mark.parametrize("reason", ["", "  坏了 　", "1234 "])
    def test_needs_a_reason(self, app: APIFlask, cast: Cast, at: Moment, reason: str) -> None:
        with pytest.raises(service.WhySetAside), transaction() as session:
            service.set_aside(
                session, unit_code=cast.unit["available"].code, to=UnitState.QUARANTINE,
                reason=reason, by=cast.actor("clerk"), at=at,
            )  # fmt: skip
        assert state(cast, "available") is UnitState.AVAILABLE

    def test_keeps_the_reason_beside_the_journal_until_the_unit_is_back(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        known, said = cast.unit["available"], "厂家召回，等通知"
        with transaction() as session:
            service.set_aside(
                session, unit_code=known.code, to=UnitState.QUARANTINE,
                reason=said, by=cast.actor("clerk"), at=at,
            )  # fmt: skip
        session = reading()
        assert queries.why_aside(session, unit_ids=[known.id]) == {known.id: said}
        newest = history(session, subject=f"unit:{known.code}")[0]
        assert newest.act == "quarantined"
        unit = inventory.unit(session, code=known.code)
        kept = {key: text for ask in inventory.REASONS for key, text in ask(session, unit).items()}
        assert kept == {newest.details["set_aside"]: said}
        assert said not in str(newest)
        assert not list(verify(session))
        session.rollback()
        with transaction() as session:
            service.back_to_wash(session, unit_code=known.code, by=cast.actor("cleaner"), at=at)
        assert queries.why_aside(reading(), unit_ids=[known.id]) == {}


class TestOpenAfterReturn:
    def test_gives_up_the_turn_that_was_still_open(self, cast: Cast, at: Moment) -> None:
        code = cast.unit["available"].code
        for _ in range(2):
            with transaction() as session:
                unit = inventory.lock_unit(session, code=code)
                service.begin_turn(
                    session,
                    unit,
                    reason=UpkeepReason.RETURN,
                    hygiene=queries.turn_of(session, unit).hygiene,
                    expected_on=at.on + timedelta(days=2),
                    at=at,
                    by=cast.actor("clerk"),
                )
        states = reading().scalars(
            select(Upkeep.state)
            .where(Upkeep.unit_id == cast.unit["available"].id)
            .order_by(Upkeep.id)
        )
        assert list(states) == [UpkeepState.ABANDONED, UpkeepState.OPEN]


class TestFault:
    def test_blocks_the_release_until_answered(self, cast: Cast, do: Do, at: Moment) -> None:
        code = cast.unit["dirty"].code
        wash(do, reading(), code)
        with transaction() as session:
            fault = service.report_fault(session, unit_code=code, what="刹车松", by=None, at=at)
        with pytest.raises(NotReleasable), transaction() as session:
            service.release(session, unit_code=code, by=cast.actor("manager"), at=at)
        with transaction() as session:
            answer = {"answer": "已调紧", "by": cast.actor("technician"), "at": at}
            service.close_fault(session, fault_code=fault, **answer)  # type: ignore[arg-type]
        with pytest.raises(FaultAlreadyClosed), transaction() as session:
            service.close_fault(session, fault_code=fault, **answer)  # type: ignore[arg-type]
        with transaction() as session:
            service.release(session, unit_code=code, by=cast.actor("manager"), at=at)
        assert state(cast, "dirty") is UnitState.AVAILABLE

    def test_takes_three_reports_and_no_more(self, cast: Cast, app: APIFlask, at: Moment) -> None:
        code = cast.unit["available"].code
        for _ in range(3):
            with transaction() as session:
                service.report_fault(session, unit_code=code, what="异响", by=None, at=at)
        with pytest.raises(service.TooManyReports), transaction() as session:
            service.report_fault(session, unit_code=code, what="异响", by=None, at=at)
        assert queries.count_open_faults(reading(), unit_id=cast.unit["available"].id) == 3


class TestWhatIsPromised:
    def free_from(self, cast: Cast, unit: str = "dirty") -> date | None:
        found = inventory.unit(reading(), code=cast.unit[unit].code).free_from
        reading().rollback()
        return found

    def report(self, cast: Cast, at: Moment, by: str | None, unit: str = "dirty") -> str:
        with transaction() as session:
            return service.report_fault(
                session,
                unit_code=cast.unit[unit].code,
                what="坏了",
                by=cast.actor(by) if by else None,
                at=at,
            )

    def test_a_failed_step_that_leaves_the_state_comes_later(
        self, cast: Cast, do: Do, at: Moment
    ) -> None:
        do(StepKind.CLEAN)
        with transaction() as session:
            service.log_step(
                session,
                unit_code=cast.unit["dirty"].code,
                step=StepKind.DISINFECT,
                passed=False,
                by=cast.actor("cleaner"),
                at=Moment.of(at.at + 7 * DAY),
            )
        turn = queries.open_upkeep(reading(), cast.unit["dirty"].id)
        assert turn is not None
        assert self.free_from(cast) == turn.expected_on == at.on + 8 * DAY

    def test_a_unit_found_without_all_its_parts_is_not_until_they_are_there(
        self, cast: Cast, do: Do, at: Moment
    ) -> None:
        do(StepKind.CLEAN, passed=False, missing=["脚踏"])
        assert self.free_from(cast) is None
        with transaction() as session:
            service.complete_kit(
                session, unit_code=cast.unit["dirty"].code, by=cast.actor("clerk"), at=at
            )
        assert self.free_from(cast) == at.on + DAY

    def test_one_in_the_wash_room_is_not_while_staff_say_that_it_is_broken(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        before = self.free_from(cast)
        fault = self.report(cast, at, "clerk")
        assert self.free_from(cast) is None
        with transaction() as session:
            service.close_fault(
                session, fault_code=fault, answer="修好了", by=cast.actor("technician"), at=at
            )
        assert self.free_from(cast) == before

    @pytest.mark.parametrize(
        ("by", "unit"),
        [(None, "dirty"), ("wang-guilan", "dirty"), ("clerk", "on_loan"), (None, "on_loan")],
    )
    def test_stays_until_somebody_has_looked(
        self, app: APIFlask, cast: Cast, at: Moment, by: str | None, unit: str
    ) -> None:
        before = self.free_from(cast, unit)
        fault = self.report(cast, at, by, unit)
        assert self.free_from(cast, unit) == before
        with transaction() as session:
            service.close_fault(
                session, fault_code=fault, answer="没事", by=cast.actor("technician"), at=at
            )
        assert self.free_from(cast, unit) == before


class TestDates:
    def test_an_overdue_electrical_test_blocks(self, cast: Cast, do: Do, at: Moment) -> None:
        code = cast.unit["dirty"].code
        wash(do, reading(), code)
        with transaction() as session:
            session.get_one(Unit, cast.unit["dirty"].id).electrical_test_due_on = date(2026, 11, 30)
        with pytest.raises(NotReleasable) as refused, transaction() as session:
            service.release(session, unit_code=code, by=cast.actor("manager"), at=at)
        assert refused.value.blockers[0].code is ReleaseBlockerCode.ELECTRICAL_TEST_OVERDUE


class TestFollowCalendar:
    def close(self, cast: Cast, at: Moment, on: date) -> None:
        with transaction() as session:
            places.close_day(
                session, site_id=cast.site_id, on=on, reason="检修", by=cast.actor("manager"), at=at
            )

    def follow(self, at: Moment) -> int:
        with transaction() as session:
            return service.follow_calendar(session, at=at)

    def expected(self, cast: Cast) -> tuple[date | None, date | None]:
        session, dirty = reading(), cast.unit["dirty"]
        turn = queries.open_upkeep(session, dirty.id)
        assert turn is not None
        found = inventory.unit(session, code=dirty.code).free_from, turn.expected_on
        session.rollback()
        return found

    def test_expects_the_unit_later_when_a_day_of_its_turn_is_closed(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        assert self.follow(at) == 0
        self.close(cast, at, at.on + DAY)
        assert [self.follow(at), self.follow(at)] == [1, 0]
        later = at.on + 2 * DAY
        assert self.expected(cast) == (later, later)
        assert not [one for one in verify(reading()) if cast.unit["dirty"].code in one.subject]

    def test_counts_from_the_step_that_began_it_anew(
        self, app: APIFlask, cast: Cast, do: Do, at: Moment
    ) -> None:
        do(StepKind.CLEAN)
        do(StepKind.DISINFECT)
        with transaction() as session:
            service.log_step(
                session,
                unit_code=cast.unit["dirty"].code,
                step=StepKind.INSPECT,
                passed=False,
                by=cast.actor("technician"),
                at=Moment.of(at.at + DAY),
            )
        assert self.expected(cast)[1] == at.on + 2 * DAY
        self.close(cast, at, at.on + 2 * DAY)
        assert self.follow(at) == 1
        assert self.expected(cast)[1] == at.on + 3 * DAY

    def test_promises_nothing_on_what_is_not_foreseeable(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        with transaction() as session:
            session.execute(update(Unit).values(free_from=None))
        self.close(cast, at, at.on + DAY)
        assert self.follow(at) == 1
        assert self.expected(cast) == (None, at.on + 2 * DAY)
