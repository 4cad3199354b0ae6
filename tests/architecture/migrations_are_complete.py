"""Exits with 1 when the models say more than the migrations. Run by `make check`."""

import sys
import tempfile

import flask_migrate
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from rental.foundation.database import Base, db
from tests.conftest import MIGRATIONS, make_app


def main() -> int:
    """Compare a migrated database with the models."""
    with tempfile.TemporaryDirectory() as folder:
        app = make_app(f"sqlite:///{folder}/check.db")
        with app.app_context():
            flask_migrate.upgrade(directory=str(MIGRATIONS))
            with db.engine.connect() as connection:
                context = MigrationContext.configure(connection, opts={"compare_type": True})
                missing = compare_metadata(context, Base.metadata)
            db.engine.dispose()
    for difference in missing:
        print("not in a migration:", difference)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
