"""Two people at once."""

import sys
import threading
from collections.abc import Callable

import pytest
from apiflask import APIFlask
from sqlalchemy import func, select

from rental.foundation.clock import Moment
from rental.foundation.database import db, transaction
from rental.foundation.errors import Conflict
from rental.journal import queries as journal
from rental.loans import queries, service
from rental.loans.models import Loan
from rental.loans.policy import LoanState
from rental.loans.policy.acts import Return
from tests.beside import Beside
from tests.cast import Cast
from tests.loans.steps import forget, issue, wish

DATABASES = ["sqlite", "postgresql"]


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
