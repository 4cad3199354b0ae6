"""`flask catalogue …`."""

import json
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from rental.catalogue import queries, service
from rental.catalogue.policy import CatalogueFileWrong, Changes, as_data, read
from rental.foundation import clock
from rental.foundation.database import reading, transaction
from rental.settings import Settings

group = AppGroup("catalogue", help="Categories and kinds of devices.")
groups = (group,)


@group.command("load")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def load(file: Path | None) -> None:
    """Load a data FILE (default: the one in the settings); what it lacks is withdrawn.

    The whole file is checked first; when anything is wrong with it, nothing is loaded.
    """
    settings: Settings = current_app.extensions["rental_settings"]
    path = file or settings.catalogue_file
    try:
        data = as_data(read(path.read_bytes()))
    except CatalogueFileWrong as wrong:
        click.echo(f"{path}: nothing loaded", err=True)
        for fault in wrong.faults:
            click.echo(f"  {fault}", err=True)
        raise SystemExit(1) from wrong
    with transaction() as session:
        report = service.load(session, data, clock.now())
    for name, changes in report.sections:
        click.echo(_line(name, changes))
        _tell(changes)


@group.command("export")
def export() -> None:
    """Print the catalogue in the shape of the data file."""
    click.echo(json.dumps(queries.export(reading()), ensure_ascii=False, indent=1))


def _line(name: str, changes: Changes) -> str:
    return (
        f"{name}: added {len(changes.added)}, changed {len(changes.changed)}, "
        f"withdrawn {len(changes.withdrawn)}, returned {len(changes.returned)}, "
        f"same {len(changes.same)}"
    )


def _tell(changes: Changes) -> None:
    """Name everything that differs."""
    for sign, found in zip("+~-*", changes.differing, strict=True):
        for change in found:
            fields = f" ({', '.join(change.fields)})" if change.fields else ""
            click.echo(f"  {sign} {change.key} {change.name.zh} / {change.name.en}{fields}")
