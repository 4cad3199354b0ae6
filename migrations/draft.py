"""Drafts the next migration, NNNN_slug.py, from the models, and moves the pinned head."""

import sys
import tempfile
from pathlib import Path

import flask_migrate

from rental import create_app
from rental.settings import Environment, load

HERE = Path(__file__).parent


def main(slug: str) -> None:
    """Write the draft against a fresh SQLite database at the present head."""
    number = f"{len(list((HERE / 'versions').glob('[0-9]*.py'))) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/draft.db"
        settings = load().model_copy(update={"database_url": url, "env": Environment.TEST})
        app = create_app(settings)
        with app.app_context():
            flask_migrate.upgrade(directory=str(HERE))
            flask_migrate.migrate(
                directory=str(HERE), message=slug.replace("_", " "), rev_id=number
            )
    (HERE / "HEAD").write_text(f"{number}\n", encoding="utf-8")
    print(f"read it, then run `make check`: migrations/versions/{number}_*.py")  # ruff: ignore[print] - a command's answer


if __name__ == "__main__":
    main(sys.argv[1])
