"""`flask journal …`."""

from contextlib import closing

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from rental.foundation.database import snapshot
from rental.journal import queries

group = AppGroup("journal", help="The append-only history.")
groups = (group,)


@group.command("verify")
def verify() -> None:
    """Recompute the hash chains; exit 1 and name the first broken link when one is."""
    with (
        snapshot() as connection,
        Session(connection) as session,
        closing(queries.verify(session)) as breaks,
    ):
        found = next(breaks, None)
    if found is None:
        click.echo("journal: every chain holds")
        return
    click.echo(f"journal: broken at {found.subject} line {found.seq}: {found.why}", err=True)
    raise SystemExit(1)
