"""App-wide commands: serve, worker, demo, backup, restore. A slice's own live in its cli.py."""

from flask import Flask

from rental.cli.backup import backup, restore
from rental.cli.demo import demo
from rental.cli.serve import serve
from rental.cli.worker import worker


def register_commands(app: Flask) -> None:
    """Add the commands to ``flask --app wsgi``."""
    for command in (serve, worker, demo, backup, restore):
        app.cli.add_command(command)
