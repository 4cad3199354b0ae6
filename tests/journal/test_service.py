"""The journal finds every edit made by hand."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text

from rental.foundation.actor import SYSTEM
from rental.foundation.clock import Moment
from rental.foundation.database import db, reading, transaction
from rental.inventory.models import Unit
from rental.inventory.policy import UnitState
from rental.journal import queries, record
from tests.cast import Cast


def _write_three_lines(cast: Cast, at: Moment) -> str:
    with transaction() as session:
        unit = session.get_one(Unit, cast.unit["available"].id)
        for state in (UnitState.DIRTY, UnitState.CLEANING, UnitState.DISINFECTED):
            unit.state = state
            record(session, unit, act="moved", by=SYSTEM, at=at, details={"zone": "dirty"})
    return f"unit:{cast.unit['available'].code}"


def _edit(statement: str, **values: object) -> None:
    with db.engine.begin() as connection:
        connection.execute(text(statement), values)
    db.session.remove()


def _breaks() -> list[tuple[str, str]]:
    return [(found.subject, found.why) for found in queries.verify(reading())]


class TestVerify:
    def test_finds_nothing_when_nobody_edited(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        _write_three_lines(cast, at)
        assert _breaks() == []

    def test_finds_an_altered_line(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        subject = _write_three_lines(cast, at)
        _edit("UPDATE journal_line SET act = 'lost' WHERE subject = :s AND seq = 2", s=subject)
        assert _breaks() == [(subject, "the line was altered")]

    def test_finds_a_removed_line(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        subject = _write_three_lines(cast, at)
        _edit("DELETE FROM journal_line WHERE subject = :s AND seq = 2", s=subject)
        assert _breaks() == [(subject, "a line before it is missing")]

    def test_finds_a_cut_off_end(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        subject = _write_three_lines(cast, at)
        _edit("DELETE FROM journal_line WHERE subject = :s AND seq = 3", s=subject)
        assert _breaks() == [(subject, "the last lines are missing")]

    def test_finds_all_lines_removed(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        subject = _write_three_lines(cast, at)
        _edit("DELETE FROM journal_line WHERE subject = :s", s=subject)
        assert _breaks() == [(subject, "its lines are gone")]

    def test_finds_a_row_edited_by_hand(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        subject = _write_three_lines(cast, at)
        code = cast.unit["available"].code
        _edit("UPDATE unit SET state = 'available' WHERE code = :c", c=code)
        assert _breaks() == [(subject, "the row was edited by hand")]

    def test_finds_a_row_that_is_gone(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        subject = _write_three_lines(cast, at)
        _edit("DELETE FROM unit WHERE code = :c", c=cast.unit["available"].code)
        assert _breaks() == [(subject, "the row is gone")]

    def test_knows_rows_from_lines_that_tell_of_more_columns(
        self, app: APIFlask, cast: Cast, at: Moment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        columns = Unit.journal_columns
        monkeypatch.setattr(Unit, "journal_columns", (*columns, "serial_number"))
        subject = _write_three_lines(cast, at)
        monkeypatch.setattr(Unit, "journal_columns", columns)
        code = cast.unit["available"].code
        _edit("UPDATE unit SET serial_number = 'other' WHERE code = :c", c=code)
        assert _breaks() == []
        _edit("UPDATE unit SET state = 'available' WHERE code = :c", c=code)
        assert _breaks() == [(subject, "the row was edited by hand")]

    def test_the_command_takes_what_is_written_meanwhile_for_no_break(
        self, app: APIFlask, cast: Cast, at: Moment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _write_three_lines(cast, at)
        wrong_rows = queries._wrong_rows

        def write() -> None:
            with app.app_context():
                _write_three_lines(cast, at)
                db.session.remove()

        def after_a_write(*args: Any) -> Generator[queries.Break]:
            with ThreadPoolExecutor(1) as desk:
                desk.submit(write).result()
            yield from wrong_rows(*args)

        monkeypatch.setattr(queries, "_wrong_rows", after_a_write)
        answer = app.test_cli_runner().invoke(args=["journal", "verify"])
        assert (answer.exit_code, answer.output) == (0, "journal: every chain holds\n")

    def test_the_command_exits_with_1(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        subject = _write_three_lines(cast, at)
        runner = app.test_cli_runner()
        assert runner.invoke(args=["journal", "verify"]).exit_code == 0
        _edit("UPDATE journal_line SET actor_id = 1 WHERE subject = :s AND seq = 1", s=subject)
        answer = runner.invoke(args=["journal", "verify"])
        assert answer.exit_code == 1
        assert subject in answer.output
