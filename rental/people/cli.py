"""`flask token …` and `flask account …`."""

import click
from flask.cli import AppGroup

from rental.foundation import clock
from rental.foundation.actor import STAFF, SYSTEM, Role
from rental.foundation.database import transaction
from rental.foundation.errors import DomainError
from rental.people import queries, service
from rental.people.policy import ensure_password, read_login
from rental.places import queries as places

tokens = AppGroup("token", help="Bearer tokens for the API.")
accounts = AppGroup("account", help="Accounts of staff.")
groups = (tokens, accounts)


@tokens.command("create")
@click.argument("account")
def create_token(account: str) -> None:
    """Print a new bearer token for ACCOUNT (a login name or a telephone number)."""
    try:
        with transaction() as session:
            token = service.new_token(session, login=account, at=clock.now())
    except queries.AccountNotFound as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(token)


@accounts.command("create")
@click.argument("login")
@click.option("--name", prompt="Name shown to colleagues")
@click.option(
    "--role",
    "roles",
    multiple=True,
    default=[Role.MANAGER.value],
    type=click.Choice(sorted(role.value for role in STAFF)),
)
@click.password_option()
def create_account(login: str, name: str, roles: tuple[str, ...], password: str) -> None:
    """Make a member of staff's account LOGIN, e.g. the first manager's; asks for the password."""
    try:
        ensure_password(password)
        password_hash = service.hash_password(password)
        with transaction() as session:
            service.create_account(
                session,
                login=read_login(login),
                name=name,
                password_hash=password_hash,
                roles=[Role(role) for role in roles],
                site_id=places.site(session).id,
                by=SYSTEM,
                at=clock.now(),
            )
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"made: {login}")
