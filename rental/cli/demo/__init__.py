"""`flask demo`: fake people and devices to look at; never in production.

Everything happens through the services, at moments in the past where a past is needed, so that the
demo data has the same history, journal and messages as real data would.
"""

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from rental.cli.demo import accounts, devices, history
from rental.cli.demo.accounts import ACCOUNTS as ACCOUNTS
from rental.cli.demo.accounts import PASSWORD as PASSWORD
from rental.cli.demo.actors import at_ten
from rental.foundation import clock
from rental.foundation.database import db
from rental.people import queries as people
from rental.settings import Environment, Settings


@click.command("demo")
@with_appcontext
def demo() -> None:
    """(Re)load the demo data; what exists already stays."""
    settings: Settings = current_app.extensions["rental_settings"]
    if settings.env is Environment.PRODUCTION:
        raise click.ClickException("demo data never loads in production")
    load_demo()
    click.echo(f"demo: {', '.join(ACCOUNTS)}; password {PASSWORD}")


def is_empty(session: Session) -> bool:
    """Tell whether the demo accounts are missing."""
    return people.account_id_of(session, login="manager") is None


def load_demo() -> None:
    """Make sure that accounts, people, devices and a little history exist."""
    now = clock.now()
    long_ago = at_ten(now, days=-100)
    accounts.load(long_ago)
    if not devices.stocked():
        accounts.make_eligible(long_ago, lately=at_ten(now, days=-2))
        devices.load(long_ago)
        history.load(now)
    db.session.remove()
