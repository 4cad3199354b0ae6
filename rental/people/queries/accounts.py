"""Accounts: for signing in, for the manager's list, and the names of those who acted."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from rental.foundation.actor import Actor, Role
from rental.foundation.clock import Moment
from rental.foundation.crypto import blind_index
from rental.foundation.errors import NotFound
from rental.foundation.words import N_
from rental.people.models import Account, AccountRole, Resident, SignInAttempt
from rental.people.policy import (
    ATTEMPT_WINDOW,
    MAX_FAILURES_PER_ACCOUNT,
    MAX_FAILURES_PER_ADDRESS,
    MAX_ID,
    folded_login,
    is_phone,
    masked_phone,
    network_of,
    read_phone,
    wait_minutes,
)
from rental.people.queries.residents import PHONE


class AccountNotFound(NotFound):
    """No account has the name."""

    sentence = N_("没有这个账号，请核对登录名或手机号。")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInFacts:
    """What is known before a password is tried.

    Attributes:
        account_id: None when no active account bears the name.
        password_hash: None likewise; the password is tried in vain all the same.
        account_index: Keyed hash by which failures of this account are counted.
        address_index: Keyed hash by which failures from this address are counted.
        wait_minutes: For how long sign-in is paused; 0 when it isn't.
    """

    account_id: int | None
    password_hash: str | None = field(repr=False)
    account_index: str
    address_index: str
    wait_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """An account in the manager's list."""

    id: int
    login: str
    name: str
    masked_phone: str
    roles: tuple[Role, ...]
    site_id: int | None
    grid_id: int | None
    active: bool
    created_at: datetime
    resident_code: str | None


def sign_in_facts(session: Session, *, name: str, address: str, at: Moment) -> SignInFacts:
    """Return what is known of the account that somebody tries to sign in to.

    Args:
        session: For reading.
        name: Login name or telephone number as typed.
        address: The network address that the attempt comes from.
        at: Now.
    """
    row = session.execute(
        select(Account.id, Account.password_hash).where(_named(name), Account.active)
    ).first()
    counted = f"id:{row.id}" if row else f"name:{folded_login(name)}"
    account_index = blind_index(counted, purpose="sign-in-account")
    address_index = blind_index(network_of(address), purpose="sign-in-address")
    return SignInFacts(
        account_id=row.id if row else None,
        password_hash=row.password_hash if row else None,
        account_index=account_index,
        address_index=address_index,
        wait_minutes=paused_for(
            session, account_index=account_index, address_index=address_index, at=at
        ),
    )


def paused_for(session: Session, *, account_index: str, address_index: str, at: Moment) -> int:
    """Return for how many minutes sign-in is paused after too many failures; 0 when it isn't."""
    return wait_minutes(
        _failures(
            session, SignInAttempt.account_index == account_index, MAX_FAILURES_PER_ACCOUNT, at
        ),
        _failures(
            session, SignInAttempt.address_index == address_index, MAX_FAILURES_PER_ADDRESS, at
        ),
        now=at.at,
    )


def _failures(
    session: Session, whose: ColumnElement[bool], limit: int, at: Moment
) -> list[datetime]:
    """Return the instants of the newest failures in the window, newest first.

    What lies ahead was written before the clock was put right, and counts for nothing.
    """
    return list(
        session.scalars(
            select(SignInAttempt.at)
            .where(whose, SignInAttempt.at > at.at - ATTEMPT_WINDOW, SignInAttempt.at <= at.at)
            .order_by(SignInAttempt.at.desc())
            .limit(limit)
        )
    )


def _named(name: str) -> ColumnElement[bool]:
    """Return the condition that the account bears the login name or the telephone number."""
    if is_phone(name):
        return Account.phone_index == blind_index(read_phone(name), purpose=PHONE)
    return Account.login == folded_login(name).replace("\0", "")


def account_id_of(session: Session, *, login: str) -> int | None:
    """Return the active account with the login name, or None."""
    return session.scalar(select(Account.id).where(Account.login == login, Account.active))


def actor_of(session: Session, *, login: str) -> Actor:
    """Return the active account with the login name as somebody who acts; for commands.

    Raises:
        AccountNotFound: If there is none.
    """
    row = session.execute(
        select(Account.id, Account.name, Account.site_id, Resident.id.label("resident_id"))
        .outerjoin(Resident, Resident.account_id == Account.id)
        .where(Account.login == login, Account.active)
    ).first()
    if row is None:
        raise AccountNotFound
    roles = session.scalars(select(AccountRole.role).where(AccountRole.account_id == row.id))
    return Actor(
        account_id=row.id,
        name=row.name,
        roles=frozenset(roles),
        site_id=row.site_id,
        resident_id=row.resident_id,
    )


def account_named(session: Session, *, name: str) -> int:
    """Return the active account with the login name or telephone number.

    Raises:
        AccountNotFound: If there is none.
    """
    found = session.scalar(select(Account.id).where(_named(name), Account.active))
    if found is None:
        raise AccountNotFound
    return found


def works_here(session: Session, *, account_id: int) -> bool:
    """Tell whether the account has a staff role."""
    staff = select(AccountRole.role).where(
        AccountRole.account_id == account_id, AccountRole.role != Role.RESIDENT
    )
    return session.scalar(staff.limit(1)) is not None


def password_hash_of(session: Session, *, account_id: int) -> str | None:
    """Return the account's password hash, to try a password against."""
    return session.scalar(select(Account.password_hash).where(Account.id == account_id))


def account_names(session: Session, ids: Iterable[int | None]) -> dict[int, str]:
    """Return what staff call the accounts, by id."""
    wanted = {id_ for id_ in ids if id_ is not None}
    if not wanted:
        return {}
    rows = session.execute(select(Account.id, Account.name).where(Account.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def accounts(
    session: Session, *, text: str = "", staff_only: bool = True
) -> tuple[AccountView, ...]:
    """Return accounts by login name; those of residents only when asked for, at most 200."""
    query = select(Account).order_by(Account.active.desc(), Account.login, Account.id).limit(200)
    if staff_only:
        staff = select(AccountRole.account_id).where(AccountRole.role != Role.RESIDENT)
        query = query.where(Account.id.in_(staff))
    wanted = text.strip().replace("\0", "")
    if wanted:
        like = (
            column.icontains(wanted, autoescape=True) for column in (Account.login, Account.name)
        )
        query = query.where(or_(_named(wanted), *like))
    return _views(session, list(session.scalars(query)))


def account(session: Session, *, account_id: int) -> AccountView:
    """Return the account.

    Raises:
        AccountNotFound: If there is none.
    """
    row = session.get(Account, account_id) if account_id <= MAX_ID else None
    if row is None:
        raise AccountNotFound
    return _views(session, [row])[0]


def _views(session: Session, rows: list[Account]) -> tuple[AccountView, ...]:
    ids = [row.id for row in rows]
    roles: dict[int, list[Role]] = {}
    for account_id, role in session.execute(
        select(AccountRole.account_id, AccountRole.role).where(AccountRole.account_id.in_(ids))
    ):
        roles.setdefault(account_id, []).append(role)
    owners = session.execute(
        select(Resident.account_id, Resident.code).where(Resident.account_id.in_(ids))
    )
    residents = {row.account_id: row.code for row in owners}
    return tuple(
        AccountView(
            id=row.id,
            login=row.login or "",
            name=row.name,
            masked_phone=masked_phone(row.phone) if row.phone else "",
            roles=tuple(sorted(roles.get(row.id, ()), key=list(Role).index)),
            site_id=row.site_id,
            grid_id=row.grid_id,
            active=row.active,
            created_at=row.created_at,
            resident_code=residents.get(row.id),
        )
        for row in rows
    )
