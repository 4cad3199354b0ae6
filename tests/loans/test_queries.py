"""Lists of loans."""

import pytest
from apiflask import APIFlask

from rental.foundation.clock import Moment
from rental.foundation.database import db
from rental.loans import queries
from rental.loans.models import Loan
from rental.loans.policy import LoanState
from tests.cast import Cast
from tests.loans.steps import later


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
