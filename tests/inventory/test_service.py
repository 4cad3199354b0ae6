"""Stock and units, on both databases."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, is_code
from rental.foundation.database import reading, transaction
from rental.inventory import queries, service
from rental.inventory.models import Stock, Unit
from rental.inventory.policy import UnitCannotMove, UnitState
from rental.inventory.queries import UnitFilter, UnitNotFound
from rental.journal import write
from rental.journal.queries import history, verify
from rental.places import queries as places
from rental.places.policy import ZoneKind
from tests.cast import Cast


def zone_kind(cast: Cast, zone_id: int | None) -> ZoneKind | None:
    zones = places.zones(reading(), site_id=cast.site_id)
    return next((zone.kind for zone in zones if zone.id == zone_id), None)


class TestLockStock:
    def test_makes_the_row_once(self, cast: Cast) -> None:
        wanted = {"site_id": cast.site_id, "kind_id": max(cast.kind.values())}
        with transaction() as session:
            first = service.lock_stock(session, **wanted)
            assert service.lock_stock(session, **wanted) == first
        with transaction() as session:
            assert service.lock_stock(session, **wanted) == first
        rows = select(func.count()).where(Stock.kind_id == wanted["kind_id"])
        assert reading().scalar(rows) == 1


class TestMove:
    def test_changes_state_dates_zone_and_history_together(self, cast: Cast, at: Moment) -> None:
        code, due = cast.unit["available"].code, at.on + timedelta(days=30)
        with transaction() as session:
            unit = service.lock_unit(session, code=code)
            line = service.move(
                session,
                unit,
                to=UnitState.ON_LOAN,
                act="issued",
                by=cast.actor("clerk"),
                at=at,
                due_on=due,
                free_from=due + timedelta(days=2),
                resident_id=cast.resident["wang-guilan"].id,
            )
            write(session, [line])
        after = queries.unit(reading(), code=code)
        assert (after.state, after.due_on) == (UnitState.ON_LOAN, due)
        assert after.free_from == due + timedelta(days=2)
        assert after.zone_id is None
        assert after.journal_head == line.head
        assert history(reading(), subject=f"unit:{code}")[0].row["due_on"] == due.isoformat()
        assert [b for b in verify(reading()) if b.subject == f"unit:{code}"] == []
        with transaction() as session:
            unit = service.lock_unit(session, code=code)
            line = service.move(
                session, unit, to=UnitState.DIRTY, act="returned", by=cast.actor("clerk"), at=at,
                missing=["脚托"],
            )  # fmt: skip
            write(session, [line])
        back = queries.unit(reading(), code=code)
        assert (back.state, back.due_on, back.missing) == (UnitState.DIRTY, None, ("脚托",))
        assert zone_kind(cast, back.zone_id) is ZoneKind.DIRTY

    def test_refuses_a_missing_arrow(self, cast: Cast, at: Moment) -> None:
        unit = queries.unit(reading(), code=cast.unit["dirty"].code)
        clerk, to = cast.actor("clerk"), UnitState.ON_LOAN
        with pytest.raises(UnitCannotMove), transaction() as session:
            service.move(session, unit, to=to, act="issued", by=clerk, at=at, due_on=at.on)

    def test_records_a_forced_fact_without_arrow(self, cast: Cast, at: Moment) -> None:
        with transaction() as session:
            unit = service.lock_unit(session, code=cast.unit["dirty"].code)
            line = service.move(
                session, unit, to=UnitState.ON_LOAN, act="issued", by=cast.actor("clerk"), at=at,
                due_on=at.on, forced=True,
            )  # fmt: skip
            write(session, [line])
        unit = queries.unit(reading(), code=cast.unit["dirty"].code)
        assert unit.state is UnitState.ON_LOAN

    def test_refuses_a_unit_that_changed_since(self, cast: Cast, at: Moment) -> None:
        unit = queries.unit(reading(), code=cast.unit["available"].code)
        clerk, to = cast.actor("clerk"), UnitState.REPAIR
        with transaction() as session:
            write(session, [service.move(session, unit, to=to, act="x", by=clerk, at=at)])
        with pytest.raises(service.StaleUnit), transaction() as session:
            service.move(session, unit, to=to, act="x", by=clerk, at=at)

    def test_knows_no_unknown_unit(self, cast: Cast) -> None:
        with pytest.raises(UnitNotFound), transaction() as session:
            service.lock_unit(session, code="22222222")


class TestAddUnits:
    def test_adds_many_with_fresh_codes_and_history(self, cast: Cast, at: Moment) -> None:
        with transaction() as session:
            codes = service.add_units(
                session,
                kind_id=cast.kind["quad-stick"],
                site_id=cast.site_id,
                count=200,
                by=cast.actor("manager"),
                at=at,
                serial_numbers=["A1", "A2"],
                papers=service.Papers(maker="好步", bought_on=date(2026, 11, 1)),
                intake_passed=True,
            )
        assert len(set(codes)) == 200
        assert all(is_code(CodeKind.UNIT, code) for code in codes)
        first = queries.unit(reading(), code=codes[0])
        assert (first.serial_number, first.state) == ("A1", UnitState.AVAILABLE)
        assert zone_kind(cast, first.zone_id) is ZoneKind.CLEAN
        assert queries.unit(reading(), code=codes[2]).serial_number is None
        assert [b for b in verify(reading()) if b.subject.removeprefix("unit:") in codes] == []

    def test_leaves_unchecked_units_new(self, cast: Cast, at: Moment) -> None:
        with transaction() as session:
            (code,) = service.add_units(
                session, kind_id=cast.kind["quad-stick"], site_id=cast.site_id, count=1,
                by=cast.actor("manager"), at=at,
            )  # fmt: skip
        unit = queries.unit(reading(), code=code)
        assert unit.state is UnitState.NEW
        assert [line.act for line in history(reading(), subject=f"unit:{code}")] == ["added"]

    def test_refuses_a_known_serial_number_whole(self, cast: Cast, at: Moment) -> None:
        def add(numbers: list[str]) -> None:
            with transaction() as session:
                service.add_units(
                    session, kind_id=cast.kind["quad-stick"], site_id=cast.site_id, count=3,
                    by=cast.actor("manager"), at=at, serial_numbers=numbers,
                )  # fmt: skip

        add(["S1"])
        before = reading().scalar(select(func.count()).select_from(Unit))
        with pytest.raises(service.SerialNumberTaken):
            add(["S2", "S1"])
        with pytest.raises(service.TooManySerialNumbers):
            add(["S3", "S3"])
        assert reading().scalar(select(func.count()).select_from(Unit)) == before


class TestQueries:
    def test_groups_what_circulates(self, cast: Cast, at: Moment) -> None:
        kind_id = cast.kind["lightweight-wheelchair"]
        many = queries.stock_groups_of_kinds(
            reading(),
            kind_ids=[kind_id, cast.kind["quad-stick"]],
            site_id=cast.site_id,
            today=at.on,
        )
        assert {(group.state, group.count) for group in many[kind_id]} == {
            (UnitState.AVAILABLE, 2),
            (UnitState.DIRTY, 1),
            (UnitState.ON_LOAN, 1),
        }
        assert sum(group.count for group in many[cast.kind["quad-stick"]]) == 1

    @pytest.mark.parametrize("column", ["expires_on", "electrical_test_due_on"])
    @pytest.mark.parametrize("days", [None, -1, 0])
    def test_counts_on_what_may_be_lent(
        self, cast: Cast, at: Moment, column: str, days: int | None
    ) -> None:
        until = None if days is None else at.on + timedelta(days=days)
        with transaction() as session:
            session.execute(update(Unit).values({column: until}))
        kind_id = cast.kind["lightweight-wheelchair"]
        many = queries.stock_groups_of_kinds(
            reading(), kind_ids=[kind_id], site_id=cast.site_id, today=at.on
        )
        groups = many.get(kind_id, ())
        found = queries.units(reading(), wanted=UnitFilter(kind_id=kind_id)).units
        assert sum(group.count for group in groups) == sum(unit.counts(at.on) for unit in found)
        left = {"expires_on": 0, "electrical_test_due_on": 2}[column] if days == -1 else 4
        assert sum(group.count for group in groups) == left

    def test_counts_by_state(self, cast: Cast) -> None:
        counted = queries.count_by_state(reading(), site_id=cast.site_id)
        assert sum(counted.values()) == len(cast.unit)
        assert counted[UnitState.ON_LOAN] == 1

    def test_searches_codes_serial_numbers_and_names(self, cast: Cast) -> None:
        def found(**wanted: object) -> set[str]:
            page = queries.units(reading(), wanted=UnitFilter(**wanted))  # type: ignore[arg-type]
            return {unit.note for unit in page.units}

        assert found(q=cast.unit["oxygen"].code[1:6].lower()) == {"oxygen"}
        assert found(kind_id=cast.kind["quad-stick"]) == {"last_stick"}
        assert found(state=UnitState.NEW) == {"new"}
        assert found(q="%") == set()
        assert found(q="\x00") == set(cast.unit)
        assert found(codes=(cast.unit["repair"].code,)) == {"repair"}

    def test_pages_beyond_the_end_show_the_last(self, cast: Cast) -> None:
        page = queries.units(reading(), wanted=UnitFilter(), page=10**9)
        assert (page.number, page.pages, page.total) == (1, 1, len(cast.unit))

    def test_at_a_glance_is_the_unit(self, cast: Cast) -> None:
        code = cast.unit["on_loan"].code
        assert queries.unit_at_a_glance(code) == queries.unit(reading(), code=code)


class TestZones:
    def test_breach_is_recorded_and_nothing_moves(self, cast: Cast, at: Moment) -> None:
        code, by = cast.unit["dirty"].code, cast.actor("cleaner")
        zones = {zone.kind: zone.code for zone in places.zones(reading(), site_id=cast.site_id)}
        before = queries.unit(reading(), code=code)
        with pytest.raises(service.ZoneBreach), transaction() as session:
            service.move_zone(session, code=code, zone_code=zones[ZoneKind.CLEAN], by=by, at=at)
        with transaction() as session:
            service.record_breach(session, code=code, zone_code=zones[ZoneKind.CLEAN], by=by, at=at)
        after = queries.unit(reading(), code=code)
        assert (after.state, after.zone_id) == (before.state, before.zone_id)
        assert history(reading(), subject=f"unit:{code}")[0].act == "breach"
        found = queries.units(reading(), wanted=UnitFilter(breached=True))
        assert [each.code for each in found.units] == [code]
