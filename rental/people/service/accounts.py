"""Accounts: residents make their own, the manager makes and keeps those of staff."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from rental import journal
from rental.foundation.actor import Actor, Role
from rental.foundation.clock import Moment
from rental.foundation.constraints import refusing
from rental.foundation.crypto import blind_index
from rental.foundation.errors import Conflict
from rental.foundation.words import N_
from rental.people import queries
from rental.people.models import Account, AccountRole
from rental.people.policy import CONSENT_VERSION, MAX_ID, PersonalData, Purpose
from rental.people.service.residents import add_resident
from rental.people.service.sign_in import revoke_tokens


class PhoneHasAccount(Conflict):
    """The telephone number already names an account."""

    sentence = N_(
        "这个手机号不能再注册。以前注册过的话，请直接登录；忘了密码，请打电话或到租赁点。"
    )


class LoginTaken(Conflict):
    """The login name already names an account."""

    sentence = N_("登录名“%(login)s”已经有人用了，请换一个。")


class WouldLockYourselfOut(Conflict):
    """The manager would take the own account's access away."""

    sentence = N_("不能停用自己的账号，也不能去掉自己的“负责人”角色。请让另一位负责人来改。")


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningUp:
    """Somebody's wish for an account; the consent to the service was given."""

    name: str
    phone: str = field(repr=False)
    password_hash: str = field(repr=False)
    for_self: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedUp:
    """The new account, and its resident when the person signed up for themselves."""

    session_text: str
    resident_code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """What the manager sets of an account."""

    name: str
    roles: frozenset[Role]
    site_id: int | None = None
    grid_id: int | None = None


def sign_up(session: Session, wish: SigningUp, *, at: Moment) -> SignedUp:
    """Make an account for a resident or a family member.

    Raises:
        PhoneHasAccount: If the number already names one.
    """
    row = Account(
        name=wish.name,
        phone=wish.phone,
        phone_index=blind_index(wish.phone, purpose=queries.PHONE),
        password_hash=wish.password_hash,
        active=True,
        session_epoch=1,
        created_at=at.at,
    )
    session.add(row)
    with refusing("account.phone_index", "uq_account_phone_index", refusal=PhoneHasAccount()):
        session.flush()
    session.add(AccountRole(account_id=row.id, role=Role.RESIDENT))
    by = Actor(account_id=row.id, name=row.name, roles=frozenset({Role.RESIDENT}))
    journal.record(
        session, row, act="signed_up", by=by, at=at, details={"consent": CONSENT_VERSION}
    )
    code = None
    if wish.for_self:
        data = PersonalData(name=wish.name, phone=wish.phone)
        code = add_resident(
            session, data, account_id=row.id, purposes={Purpose.SERVICE}, by=by, at=at
        ).code
    return SignedUp(session_text=f"{row.id}.1", resident_code=code)


def create_account(  # ruff: ignore[too-many-arguments] - eight facts of an account, each named
    session: Session,
    *,
    login: str,
    name: str,
    password_hash: str,
    roles: Iterable[Role],
    site_id: int | None = None,
    grid_id: int | None = None,
    phone: str | None = None,
    by: Actor,
    at: Moment,
) -> int:
    """Make an account with a login name and return its id.

    Raises:
        LoginTaken: If the name is taken.
        PhoneHasAccount: If the telephone number is.
    """
    row = Account(
        login=login,
        name=name,
        phone=phone,
        phone_index=blind_index(phone, purpose=queries.PHONE) if phone else None,
        password_hash=password_hash,
        site_id=site_id,
        grid_id=grid_id,
        active=True,
        session_epoch=1,
        created_at=at.at,
    )
    session.add(row)
    with (
        refusing("account.login", "uq_account_login", refusal=LoginTaken(login=login)),
        refusing("account.phone_index", "uq_account_phone_index", refusal=PhoneHasAccount()),
    ):
        session.flush()
    _set_roles(session, row.id, frozenset(roles))
    journal.record(
        session,
        row,
        act="account_created",
        by=by,
        at=at,
        details={"roles": sorted(roles), "site_id": site_id, "grid_id": grid_id},
    )
    return row.id


def set_account(
    session: Session, account_id: int, *, wish: AccountSettings, by: Actor, at: Moment
) -> None:
    """Set name, roles, site and grid.

    Raises:
        AccountNotFound: If there is no such account.
        WouldLockYourselfOut: If it is the manager's own and the role would go.
    """
    row = _locked(session, account_id)
    if row.id == by.account_id and Role.MANAGER not in wish.roles:
        raise WouldLockYourselfOut
    row.name, row.site_id, row.grid_id = wish.name, wish.site_id, wish.grid_id
    kept = {Role.RESIDENT} & _roles(session, row.id)
    _set_roles(session, row.id, wish.roles | kept)
    journal.record(
        session,
        row,
        act="account_set",
        by=by,
        at=at,
        details={
            "roles": sorted(wish.roles),
            "site_id": wish.site_id,
            "grid_id": wish.grid_id,
        },
    )


def deactivate_account(session: Session, account_id: int, *, by: Actor, at: Moment) -> None:
    """Close the account: its sessions and tokens end.

    Raises:
        AccountNotFound: If there is no such account.
        WouldLockYourselfOut: If it is the manager's own.
    """
    row = _locked(session, account_id)
    if row.id == by.account_id:
        raise WouldLockYourselfOut
    row.active = False
    row.session_epoch += 1
    tokens = revoke_tokens(session, account_id=row.id, at=at)
    journal.record(session, row, act="deactivated", by=by, at=at, details={"tokens": tokens})


def activate_account(session: Session, account_id: int, *, by: Actor, at: Moment) -> None:
    """Open a closed account again.

    Raises:
        AccountNotFound: If there is no such account.
    """
    row = _locked(session, account_id)
    row.active = True
    journal.record(session, row, act="activated", by=by, at=at)


def reset_password(
    session: Session, account_id: int, *, password_hash: str, by: Actor, at: Moment
) -> None:
    """Give the account a new password: its sessions and tokens end.

    Raises:
        AccountNotFound: If there is no such account.
    """
    row = _locked(session, account_id)
    row.password_hash = password_hash
    row.session_epoch += 1
    tokens = revoke_tokens(session, account_id=row.id, at=at)
    journal.record(session, row, act="password_reset", by=by, at=at, details={"tokens": tokens})


def _set_roles(session: Session, account_id: int, roles: frozenset[Role]) -> None:
    """Make the account's roles these."""
    held = _roles(session, account_id)
    session.execute(
        delete(AccountRole).where(
            AccountRole.account_id == account_id, AccountRole.role.in_(held - roles)
        )
    )
    session.add_all(AccountRole(account_id=account_id, role=role) for role in roles - held)
    session.flush()


def _roles(session: Session, account_id: int) -> set[Role]:
    """Return the account's roles."""
    return set(
        session.scalars(select(AccountRole.role).where(AccountRole.account_id == account_id))
    )


def _locked(session: Session, account_id: int) -> Account:
    """Return the row, locked.

    Raises:
        AccountNotFound: If there is none.
    """
    row = None
    if account_id <= MAX_ID:
        row = session.get(Account, account_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise queries.AccountNotFound
    return row
