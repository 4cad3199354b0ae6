"""The generated database is one that the service can work with."""

import os
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from sqlalchemy import text

from bench.dataset import Size, fill
from bench.dataset.bulk import open_bulk
from bench.dataset.codes import code_body
from bench.dataset.people import token
from bench.loads import Facts, Loads, starts_from
from rental.foundation.codes import CodeKind, is_code
from rental.foundation.database import db, reading
from rental.journal.chain import EMPTY, Entry
from rental.journal.chain import line as service_line
from tests.conftest import KEYS, make_app

pytestmark = pytest.mark.real_clock

TINY = Size(sites=2, residents=40, closed_loans=1000, past_reservations=30, promises_per_kind=1)


class TestFill:
    def test_leaves_rows_that_the_service_reads(self, tmp_path: Path) -> None:
        from rental.people import queries as people

        url = f"sqlite:///{tmp_path / 'bench.db'}"
        app = make_app(url)
        fill(app, TINY)
        with app.app_context():
            found = people.signed_in_by_token(token(1))
            assert found is not None
            assert found.actor.site_id == 2
            by_state = text("SELECT state, count(*) AS n FROM unit GROUP BY state")
            counts = {row.state: row.n for row in reading().execute(by_state)}
            kinds = reading().execute(text("SELECT count(*) FROM kind")).scalar_one()
            broken = reading().execute(text("PRAGMA foreign_key_check")).all()
            db.session.remove()
            db.engine.dispose()
        assert sum(counts.values()) == 2 * 5 * kinds
        assert counts["on_loan"] == 2 * kinds
        assert broken == []
        bulk = open_bulk(url)
        loads = Loads(Facts(bulk, starts_from(datetime.now(UTC).date(), lambda _day: True)))
        assert all(load.errands() for load in loads.all().values())
        bulk.connection.close()


class TestCodeBody:
    def test_is_a_code_that_no_other_number_has(self) -> None:
        codes = {code_body(number) for number in range(5_000)}
        assert len(codes) == 5_000
        assert all(is_code(CodeKind.UNIT, code) for code in list(codes)[:300])


class TestLimit:
    def test_writes_the_same_history_as_the_service(self, app: object) -> None:
        with patch.dict(os.environ, {"RENTAL_JOURNAL_KEY": str(KEYS["journal_key"])}):
            from bench.limit import chain

        at = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
        entry = Entry(
            subject="unit:7K3M9QXA",
            act="issued",
            at=at,
            actor_id=1,
            resident_id=2,
            row={"state": "on_loan", "due_on": None},
            details={"loan": "L-1"},
        )
        ours = service_line(entry, after=EMPTY)
        theirs = chain.line(
            entry.subject,
            entry.act,
            at=at,
            actor_id=1,
            resident_id=2,
            row=entry.row,
            details=entry.details,
        )
        assert theirs.values["hash"] == ours.values["hash"]
        assert theirs.values["row"] == ours.values["row"]
