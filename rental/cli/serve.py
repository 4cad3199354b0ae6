"""`flask serve`: everything a first start needs, then web server and worker until Ctrl-C."""

import os
import shutil
import signal
import subprocess  # ruff: ignore[suspicious-subprocess-import] - it starts our own server and worker
import sys
import time
from types import FrameType

import click
import flask_migrate
from flask import current_app
from flask.cli import with_appcontext

from rental.catalogue import queries as catalogue_queries
from rental.catalogue import service as catalogue
from rental.catalogue.policy import as_data, read
from rental.cli.demo import ACCOUNTS, PASSWORD, is_empty, load_demo
from rental.foundation import clock
from rental.foundation.database import db, reading, transaction
from rental.places import service as places
from rental.settings import Environment, Settings

_WORKER_PAUSE_S = 3.0


@click.command("serve")
@click.option(
    "--prepare", "only_prepare", is_flag=True, help="Bring the database up to date; stop."
)
@with_appcontext
def serve(*, only_prepare: bool) -> None:
    """Migrate, load reference data, print the address, and serve until stopped."""
    settings: Settings = current_app.extensions["rental_settings"]
    os.umask(0o077)  # database, lock and metrics are nobody else's business
    prepare(settings)
    if only_prepare:
        return
    click.echo(f"\n  {settings.address}\n")
    if settings.env is not Environment.PRODUCTION:
        click.echo(f"  演示账号 / demo accounts (password {PASSWORD}):")
        click.echo("  " + ", ".join(ACCOUNTS) + "\n")
    sys.exit(_run(settings))


def prepare(settings: Settings) -> None:
    """Bring the database up to date; fill an empty one."""
    flask_migrate.upgrade(directory=current_app.extensions["migrate"].directory)
    with transaction() as session:
        places.ensure_reference_data(session, at=clock.now())
        if catalogue_queries.categories(session, include_withdrawn=True):
            catalogue.refresh_words(session)
        else:
            data = as_data(read(settings.catalogue_file.read_bytes()))
            catalogue.load(session, data, clock.now())
    if settings.env is not Environment.PRODUCTION and is_empty(reading()):
        load_demo()
    db.session.remove()
    db.engine.dispose()


def _run(settings: Settings) -> int:
    """Run server and worker; return the exit code."""
    metrics = settings.var_dir / "metrics"
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.mkdir(parents=True)
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(metrics)}
    stopping: list[int] = []

    def leave(number: int, _frame: FrameType | None) -> None:
        stopping.append(number)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    server = _start("-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app", env=environment)
    worker = _start("-m", "flask", "--app", "wsgi", "worker", env=environment)
    while not stopping and server.poll() is None:
        if worker.poll() is not None:
            click.echo("worker ended; starting it again", err=True)
            time.sleep(_WORKER_PAUSE_S)
            worker = _start("-m", "flask", "--app", "wsgi", "worker", env=environment)
        time.sleep(0.2)
    for process in (server, worker):
        if process.poll() is None:
            process.terminate()
    code = server.wait(timeout=30)
    worker.wait(timeout=30)
    return 0 if stopping else code


def _start(*arguments: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start one of our own programs in its own process group, so that Ctrl-C reaches us first."""
    return subprocess.Popen(  # ruff: ignore[subprocess-without-shell-equals-true] - our own programs
        [sys.executable, *arguments], env=env, start_new_session=True
    )
