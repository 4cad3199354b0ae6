"""Migrations go up, down and up again, and end at what the models say."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from rental.eligibility import service as eligibility
from rental.eligibility.policy import ElderlyClaim
from rental.foundation.clock import Moment
from rental.foundation.database import Base, db, reading, transaction
from rental.journal import queries as journal
from rental.loans import service as loans
from rental.loans.policy import Condition
from rental.notices import service as notices
from rental.people import service as people
from rental.upkeep import queries as upkeep
from rental.upkeep.policy import OwnWords
from tests.cast import Cast
from tests.conftest import MIGRATIONS, make_app
from tests.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.copy_of("template1")[1]


def test_up_down_up_ends_at_the_models(empty_url: str) -> None:
    app = make_app(empty_url)
    with app.app_context():
        for step in (flask_migrate.upgrade, flask_migrate.downgrade, flask_migrate.upgrade):
            if step is flask_migrate.downgrade:
                step(directory=str(MIGRATIONS), revision="base")
                left = set(sqlalchemy.inspect(db.engine).get_table_names())
                assert left <= {"alembic_version"}
            else:
                step(directory=str(MIGRATIONS))
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, Base.metadata) == []
            assert list(_values_refused(sqlalchemy.inspect(connection))) == []
        db.engine.dispose()


def test_a_policy_value_that_nobody_reads_becomes_the_one_that_does_the_same(
    empty_url: str,
) -> None:
    app = make_app(empty_url)
    with app.app_context():
        flask_migrate.upgrade(directory=str(MIGRATIONS), revision="0002")
        with db.engine.begin() as connection:
            connection.exec_driver_sql(
                "INSERT INTO policy_value (name, scope_key, value) VALUES "
                "('elderly_attestation', '', '\"priority\"'), ('words', '', '\"priority\"')"
            )
        flask_migrate.upgrade(directory=str(MIGRATIONS))
        with db.engine.connect() as connection:
            kept = connection.exec_driver_sql("SELECT name, value FROM policy_value")
            assert dict(kept.all()) == {
                "elderly_attestation": '"ignored"',
                "words": '"priority"',
            }
        db.engine.dispose()


@pytest.mark.usefixtures("app")
def test_a_promise_that_blocked_too_short_blocks_while_it_waits(cast: Cast, at: Moment) -> None:
    db.session.remove()
    flask_migrate.downgrade(directory=str(MIGRATIONS), revision="0005")
    with db.engine.begin() as connection:
        connection.execute(
            Base.metadata.tables["reservation"].insert(),
            {
                "code": "B-1",
                "kind_id": cast.kind["quad-stick"],
                "site_id": cast.site_id,
                "resident_id": cast.resident["sun-lei"].id,
                "made_by": cast.account["clerk"],
                "state": "confirmed",
                "starts_on": at.on,
                "ends_on": at.on,
                "blocked_until": at.on + timedelta(days=1),
                "hold_until": at.on + timedelta(days=2),
                "fulfilment": "pickup",
                "created_at": at.at,
                "journal_seq": 0,
                "journal_hash": "",
            },
        )
    flask_migrate.upgrade(directory=str(MIGRATIONS))
    with db.engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT blocked_until, hold_until FROM reservation")
        assert [tuple(map(str, row)) for row in kept] == [("2026-12-03", "2026-12-03")]
    with (
        pytest.raises(sqlalchemy.exc.IntegrityError, match="blocked_while_held"),
        db.engine.begin() as connection,
    ):
        connection.exec_driver_sql("UPDATE reservation SET blocked_until = '2026-12-02'")


@pytest.mark.usefixtures("app")
def test_a_turn_without_a_known_end_gets_one_for_the_code_before(cast: Cast) -> None:
    db.session.remove()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE upkeep SET expected_on = NULL")
    flask_migrate.downgrade(directory=str(MIGRATIONS), revision="0005")
    with db.engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT expected_on FROM upkeep")
        assert list(map(str, kept.scalars())) == ["2026-12-01"]


def _rows_kept() -> dict[str, list[tuple[object, ...]]]:
    """Return the keys of what hangs together: claims, messages and their deliveries, loans."""
    with db.engine.connect() as connection:
        return {
            sql: [tuple(row) for row in connection.exec_driver_sql(sql)]
            for sql in (
                "SELECT id, application_id, difficulties FROM claim ORDER BY id",
                "SELECT id, kind, params FROM notice ORDER BY id",
                "SELECT id, notice_id, state FROM delivery ORDER BY id",
                "SELECT id, unit_id, state, due_on FROM loan ORDER BY id",
            )
        }


@pytest.mark.usefixtures("app")
def test_down_to_the_first_and_up_keep_what_stands_in_the_tables(cast: Cast, at: Moment) -> None:
    with transaction() as session:
        eligibility.apply(
            session,
            resident_code=cast.resident["wang-guilan"].code,
            claims=[ElderlyClaim(difficulties=frozenset({"dibao"}))],
            by=cast.actor("wang-guilan"),
            at=at,
        )
    with transaction() as session:
        notices.dispatch(session, at=at)
    db.session.remove()
    before = _rows_kept()
    assert all(before.values())
    flask_migrate.downgrade(directory=str(MIGRATIONS), revision="0001")
    assert _rows_kept() == before
    flask_migrate.upgrade(directory=str(MIGRATIONS))
    assert _rows_kept() == before
    assert list(journal.verify(reading())) == []


@pytest.mark.usefixtures("app")
def test_reports_of_old_returns_become_their_borrowers(cast: Cast, at: Moment) -> None:
    back = loans.Return(
        unit_code=cast.unit["on_loan"].code, condition=Condition.DAMAGED, note="李建国摔坏的"
    )
    with transaction() as session:
        loans.take_back(session, back, by=cast.actor("clerk"), at=at)
    db.session.remove()
    flask_migrate.downgrade(directory=str(MIGRATIONS), revision="0005")
    flask_migrate.upgrade(directory=str(MIGRATIONS))
    with transaction() as session:
        code = cast.resident["li-jianguo"].code
        people.anonymise(session, code=code, by=cast.actor("manager"), at=at)
    (report,) = upkeep.open_faults(reading(), cast.unit["on_loan"].id)
    assert report.what == OwnWords.WIPED


def test_a_void_loan_goes_back_as_one_that_came_back_at_once(app: object, cast: Cast) -> None:
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE loan SET state = 'void'")
    path = next((MIGRATIONS / "versions").glob("*_records_taken_back.py"))
    flask_migrate.downgrade(directory=str(MIGRATIONS), revision=f"{path.name[:4]}-1")
    with db.engine.connect() as connection:
        (row,) = connection.exec_driver_sql("SELECT state, returned_on = issued_on FROM loan")
    assert tuple(row) == ("returned", 1)
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE loan SET state = 'open', returned_on = NULL, returned_at = NULL"
        )
        connection.exec_driver_sql("UPDATE unit SET missing = '[\"头枕\"]'")
    flask_migrate.upgrade(directory=str(MIGRATIONS))
    with db.engine.connect() as connection:
        lacking = connection.exec_driver_sql("SELECT lacking FROM loan").scalars().all()
    assert lacking == ['["头枕"]']


def _values_refused(found: sqlalchemy.Inspector) -> Iterator[tuple[str, str]]:
    """Yield the members of stored enums that the database's CHECK doesn't know."""
    for table in Base.metadata.sorted_tables:
        checks = {one["name"]: one["sqltext"] for one in found.get_check_constraints(table.name)}
        for column in table.columns:
            if isinstance(column.type, sqlalchemy.Enum):
                known = checks[f"ck_{table.name}_{column.type.name}"]
                for value in column.type.enums:
                    if f"'{value}'" not in known:
                        yield f"{table.name}.{column.name}", value


def test_the_pinned_head_is_the_only_one() -> None:
    heads = ScriptDirectory(str(MIGRATIONS)).get_heads()
    assert heads == [(MIGRATIONS / "HEAD").read_text().strip()]
