"""Renewals, reminders, and due dates that follow the calendar of the site."""

from datetime import date, timedelta

import pytest
from apiflask import APIFlask
from sqlalchemy import select, update

from rental.eligibility.models import Decision
from rental.foundation.clock import Moment
from rental.foundation.database import db, transaction
from rental.inventory import queries as inventory
from rental.inventory.models import Unit
from rental.journal import queries as journal
from rental.loans import queries, service
from rental.loans.models import Loan
from rental.loans.policy import (
    CheckUpNeeded,
    DeviceExpires,
    EligibilityHasEnded,
    LoanNotOpen,
    PromisedAfterDue,
    RenewalTooEarly,
    RenewedTooOften,
)
from rental.notices.models import Notice
from rental.places import queries as places_queries
from rental.places import service as places
from rental.places.policy import Change
from rental.places.service import ripples
from tests.cast import Cast
from tests.loans.steps import DAY, issue, later, take_back, wish
from tests.promises import promise

DATABASES = ["sqlite", "postgresql"]


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
            promise(cast, at, "sun-lei", starts=20, days=30)
        with pytest.raises(PromisedAfterDue):
            renew(cast, at)

    @pytest.mark.parametrize("days", [8, 9, 10, 11])
    def test_respects_it_when_late_as_well(
        self, app: APIFlask, cast: Cast, at: Moment, days: int
    ) -> None:
        issued = issue(cast, at, wish(cast, "last_stick", due_on=at.on + 9 * DAY))
        promise(cast, at, "sun-lei", starts=13, days=15, kind="quad-stick")
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
        code = promise(cast, at, "sun-lei", starts=starts, days=10, kind="quad-stick")
        said = self.said(cast, at)
        assert said["%(n)"] == (issued.loan_code,)
        assert said.get("顺延以后", ()) == ((code,) if short else ())

    @pytest.mark.parametrize(("due", "short"), [(8, True), (7, False)])
    def test_names_the_promise_that_the_turn_round_leaves_short(
        self, app: APIFlask, cast: Cast, at: Moment, due: int, short: bool
    ) -> None:
        issue(cast, at, wish(cast, "last_stick", due_on=at.on + due * DAY))
        code = promise(cast, at, "sun-lei", starts=9, days=10, kind="quad-stick")
        assert self.said(cast, at).get("顺延以后", ()) == ((code,) if short else ())

    @pytest.mark.parametrize(("starts", "short"), [(1, True), (2, False)])
    def test_names_the_promise_that_the_wash_room_leaves_short(
        self, app: APIFlask, cast: Cast, at: Moment, starts: int, short: bool
    ) -> None:
        issue(cast, at, wish(cast, "last_stick"))
        take_back(cast, at, "last_stick")
        code = promise(cast, at, "sun-lei", starts=starts, days=10, kind="quad-stick")
        found = ripples.affected(db.session(), closing(cast, at, at.on + DAY))
        at_risk = [each.codes for each in found if each.said.msgid.startswith("顺延以后")]
        assert at_risk == ([(code,)] if short else [])

    def test_counts_all_units_that_come_back_later(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        for unit, who in (("available", "wang-guilan"), ("available_2", "zhao-min")):
            issue(cast, at, wish(cast, unit, who, due_on=at.on + 9 * DAY))
        early = [promise(cast, at, "sun-lei", starts=10, days=10) for _ in range(3)]
        assert set(self.said(cast, at)["顺延以后"]) == set(early[1:])

    def test_says_nothing_where_nothing_is_short(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        issue(cast, at, wish(cast, due_on=at.on + 9 * DAY))
        assert "顺延以后" not in self.said(cast, at)
