from datetime import date, time

import pytest
from apiflask import APIFlask
from sqlalchemy import event, func, select

from rental.foundation.clock import Moment
from rental.foundation.database import db, reading, transaction
from rental.foundation.words import Named
from rental.places import queries, service
from rental.places.models import ClosedDay, ClosedSource, Grid, Site, SpecialDay, Zone
from rental.places.policy import Change, SpansOverlap, ZoneKind
from rental.places.service.statutory import statutory_year
from tests.cast import Cast

SATURDAY = date(2026, 12, 5)
SUNDAY = date(2026, 12, 6)
MONDAY = date(2026, 12, 7)


def count(model: type) -> int:
    return reading().scalar(select(func.count()).select_from(model)) or 0


class TestReferenceData:
    def test_holds_a_site_eight_communities_and_65_grids(self, app: APIFlask) -> None:
        site = queries.point(reading())
        assert site.code == "main"
        assert site.phone == "0632-0000000"
        assert len(queries.communities(reading())) == 8
        grids = queries.grids(reading())
        assert [sum(grid.special is special for grid in grids) for special in (False, True)] == [
            49,
            16,
        ]
        zones = queries.zones(reading(), site_id=site.id)
        assert [zone.kind for zone in zones] == list(ZoneKind)
        assert all(zone.code.startswith("Z-") for zone in zones)

    def test_changes_nothing_the_second_time(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        models = (Site, Zone, Grid, ClosedDay, SpecialDay)
        before = [count(model) for model in models]
        with transaction() as session:
            service.set_hours(
                session,
                site_id=cast.site_id,
                weekdays=[0],
                spans=[],
                by=cast.actor("manager"),
                at=at,
            )
        with transaction() as session:
            service.ensure_reference_data(session, at=at)
        assert [count(model) for model in models] == before
        assert not queries.calendar(reading(), site_id=cast.site_id).is_open(MONDAY)

    def test_share_out_every_grid(self, app: APIFlask) -> None:
        for community in queries.communities(reading()):
            grids = queries.grids(reading(), community_id=community.id)
            assert 6 + 2 <= len(grids) <= 7 + 2


class TestStatutoryYear:
    def test_closes_the_saturday_inside_the_spring_festival(self) -> None:
        assert date(2026, 2, 21) in statutory_year(2026).off
        assert date(2026, 2, 15) in statutory_year(2026).off

    def test_works_on_the_weekend_days_that_make_up(self) -> None:
        year = statutory_year(2026)
        assert date(2026, 1, 4) in year.working
        assert year.working.isdisjoint(year.off)
        assert year.announced

    def test_has_the_official_length_of_every_holiday(self) -> None:
        off = statutory_year(2026).off
        by_month = {month: sum(day.month == month for day in off) for month in (1, 2, 4, 5, 6, 10)}
        assert by_month == {1: 3, 2: 9, 4: 3, 5: 5, 6: 3, 10: 7}

    def test_knows_a_year_that_is_not_announced_by_law_only(self) -> None:
        year = statutory_year(2032)
        assert not year.announced
        assert date(2032, 10, 1) in year.off


class TestCalendar:
    def test_opens_saturday_mornings_and_rests_on_sundays(self, app: APIFlask, cast: Cast) -> None:
        calendar = queries.calendar(reading(), site_id=cast.site_id)
        assert calendar.hours(SATURDAY) == ((time(8, 30), time(11, 30)),)
        assert not calendar.is_open(SUNDAY)
        assert calendar.hours(date(2026, 10, 10)) == calendar.hours(MONDAY)
        assert not calendar.is_open(date(2027, 1, 1))

    def test_never_opens_an_unknown_site(self, app: APIFlask) -> None:
        assert not queries.calendar(reading(), site_id=999).is_open(MONDAY)

    def test_is_told_in_three_lines(self, app: APIFlask, cast: Cast) -> None:
        lines = [str(line) for line in queries.opening_lines(reading(), site_id=cast.site_id)]
        assert lines == [
            "星期一至星期五：08:30–11:30, 14:00–17:00",
            "星期六：08:30–11:30",
            "星期日：休息",
        ]

    def test_tells_what_is_coming(self, app: APIFlask, cast: Cast) -> None:
        told = queries.coming_closures(reading(), site_id=cast.site_id, today=date(2026, 9, 20))
        assert [line.params["name"] for line in told] == [
            Named("中秋节", "Mid-Autumn Festival"),
            Named("国庆节", "National Day"),
        ]
        assert told[1].params["last"] == date(2026, 10, 7)

    def test_asks_the_database_nothing_when_kept(self, app: APIFlask, cast: Cast) -> None:
        def ask() -> None:
            queries.calendar(reading(), site_id=cast.site_id)
            queries.point(reading())
            queries.communities(reading())
            queries.grids(reading())
            queries.zones(reading(), site_id=cast.site_id)

        ask()
        seen: list[object] = []
        event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
        ask()
        assert seen == []


class TestSetHours:
    def test_replaces_the_chosen_weekdays_only(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with transaction() as session:
            service.set_hours(
                session,
                site_id=cast.site_id,
                weekdays=[6, 0, 0],
                spans=[(time(14), time(17)), (time(9), time(12))],
                by=cast.actor("manager"),
                at=at,
            )
        calendar = queries.calendar(reading(), site_id=cast.site_id)
        assert (
            calendar.hours(SUNDAY)
            == calendar.hours(MONDAY)
            == (
                (time(9), time(12)),
                (time(14), time(17)),
            )
        )
        assert calendar.hours(SATURDAY) == ((time(8, 30), time(11, 30)),)

    def test_can_be_looked_at_before_they_are_kept(self, app: APIFlask, cast: Cast) -> None:
        """A Sunday worked in lieu has the hours of a Monday, the new ones as well."""
        before = queries.calendar(reading(), site_id=cast.site_id)
        in_lieu = next(day for day in before.special if day not in before.closed)
        after = queries.calendar_with(reading(), site_id=cast.site_id, hours={0: ()})
        change = Change(site_id=cast.site_id, before=before, after=after, today=MONDAY)
        assert change.closes(MONDAY)
        assert change.closes(in_lieu)
        assert not change.closes(SATURDAY)
        assert queries.calendar(reading(), site_id=cast.site_id) == before

    @pytest.mark.parametrize(
        "spans",
        [
            [(time(9), time(9))],
            [(time(12), time(9))],
            [(time(8), time(12)), (time(11), time(17))],
        ],
    )
    def test_refuses_spans_that_overlap_or_go_backwards(
        self, app: APIFlask, cast: Cast, at: Moment, spans: list[tuple[time, time]]
    ) -> None:
        with pytest.raises(SpansOverlap), transaction() as session:
            service.set_hours(
                session,
                site_id=cast.site_id,
                weekdays=[0],
                spans=spans,
                by=cast.actor("manager"),
                at=at,
            )
        assert queries.calendar(reading(), site_id=cast.site_id).is_open(MONDAY)


class TestCloseDay:
    def close(self, cast: Cast, at: Moment, on: date) -> None:
        with transaction() as session:
            service.close_day(
                session,
                site_id=cast.site_id,
                on=on,
                reason="设备检修",
                by=cast.actor("manager"),
                at=at,
            )

    def open(self, cast: Cast, at: Moment, on: date) -> None:
        with transaction() as session:
            service.open_day(session, site_id=cast.site_id, on=on, by=cast.actor("manager"), at=at)

    def test_closes_and_opens_a_day(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        self.close(cast, at, MONDAY)
        calendar = queries.calendar(reading(), site_id=cast.site_id)
        assert calendar.next_open(SUNDAY) == date(2026, 12, 8)
        self.open(cast, at, MONDAY)
        assert queries.calendar(reading(), site_id=cast.site_id).is_open(MONDAY)

    def test_refuses_a_day_twice_a_past_one_and_a_far_one(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        self.close(cast, at, MONDAY)
        with pytest.raises(service.DayAlreadyClosed):
            self.close(cast, at, MONDAY)
        with pytest.raises(service.DayPassed):
            self.close(cast, at, date(2026, 11, 30))
        with pytest.raises(service.DayTooFar):
            self.close(cast, at, date(2028, 1, 1))
        self.close(cast, at, at.on)

    def test_leaves_statutory_and_unknown_days_alone(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        with pytest.raises(service.StatutoryDay):
            self.open(cast, at, date(2027, 1, 1))
        with pytest.raises(queries.ClosedDayNotFound):
            self.open(cast, at, MONDAY)

    def test_keeps_own_days_when_the_statutory_ones_are_refreshed(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        self.close(cast, at, MONDAY)
        with transaction() as session:
            row = session.scalar(select(ClosedDay).where(ClosedDay.closed_on == date(2027, 10, 1)))
            assert row is not None
            session.delete(row)
            wrong = ClosedDay(site_id=cast.site_id, closed_on=date(2027, 8, 8), zh="误")
            wrong.source = row.source
            session.add(wrong)
        with transaction() as session:
            done = service.refresh_statutory(session, site_id=cast.site_id, at=at)
        assert (done.added, done.removed) == (1, 1)
        assert done.announced == (2026,)
        assert done.awaited == (2027,)
        calendar = queries.calendar(reading(), site_id=cast.site_id)
        assert not calendar.is_open(MONDAY)
        assert not calendar.is_open(date(2027, 10, 1))

    def test_makes_an_own_day_statutory_once_the_law_closes_it(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        national_day = date(2027, 10, 1)
        with transaction() as session:
            row = session.scalars(
                select(ClosedDay).where(ClosedDay.closed_on == national_day)
            ).one()
            name, row.source, row.zh = row.zh, ClosedSource.OWN, "盘点"
        with transaction() as session:
            done = service.refresh_statutory(session, site_id=cast.site_id, at=at)
        assert (done.added, done.removed) == (0, 0)
        with pytest.raises(service.StatutoryDay):
            self.open(cast, at, national_day)
        kept = select(ClosedDay.zh).where(ClosedDay.closed_on == national_day)
        assert reading().scalars(kept).all() == [name]


class TestSetSite:
    def test_changes_the_words_everybody_reads(self, app: APIFlask, cast: Cast) -> None:
        words = service.SiteWords(
            name=Named("新名字", "New name"), address=Named("路", "Road"), phone="0632-1111111"
        )
        with transaction() as session:
            service.set_site(session, code="main", words=words, by=cast.actor("manager"))
        assert queries.point(reading()).name == Named("新名字", "New name")
        with pytest.raises(queries.SiteNotFound), transaction() as session:
            service.set_site(session, code="no", words=words, by=cast.actor("manager"))


class TestQueries:
    def test_know_what_is_not_there(self, app: APIFlask) -> None:
        with pytest.raises(queries.SiteNotFound):
            queries.site(reading(), code="\x00")
        with pytest.raises(queries.SiteNotFound):
            queries.site_by_id(reading(), site_id=10**30)
        with pytest.raises(queries.CommunityNotFound):
            queries.community(reading(), code="elsewhere")
