"""Signing in and out: attempts are counted, sessions end by epoch, tokens are kept as hashes."""

import secrets
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from rental import journal
from rental.foundation.actor import SYSTEM, Actor
from rental.foundation.clock import Moment
from rental.foundation.crypto import blind_index
from rental.people import queries
from rental.people.models import Account, ApiToken, SignInAttempt
from rental.people.policy import ATTEMPT_WINDOW


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInAnswer:
    """How an attempt ended.

    Attributes:
        session_text: What the session cookie will hold; None when the attempt failed.
        wait_minutes: For how long sign-in is paused; 0 when it isn't.
    """

    session_text: str | None = None
    wait_minutes: int = 0


def answer_sign_in(
    session: Session, facts: queries.SignInFacts, *, right: bool, at: Moment
) -> SignInAnswer:
    """Count the attempt and say how it ended.

    Failures are counted again here, with the account locked, so that guesses made at the same time
    don't slip past the limit. A success clears the account's failures, not the address's.

    Args:
        session: The open use-case transaction.
        facts: What was known before the password was tried.
        right: Whether it was the right one.
        at: Now.
    """
    row = None
    if facts.account_id is not None:
        row = session.get(Account, facts.account_id, with_for_update=True, populate_existing=True)
    minutes = queries.paused_for(
        session, account_index=facts.account_index, address_index=facts.address_index, at=at
    )
    if minutes:
        return SignInAnswer(wait_minutes=minutes)
    unchanged = row is not None and row.active and row.password_hash == facts.password_hash
    if row is None or not right or not unchanged:
        note_failure(session, facts, at=at)
        return SignInAnswer()
    session.execute(delete(SignInAttempt).where(SignInAttempt.account_index == facts.account_index))
    return SignInAnswer(session_text=f"{row.id}.{row.session_epoch}")


def note_failure(session: Session, facts: queries.SignInFacts, *, at: Moment) -> None:
    """Count one failure against the account and the address."""
    session.add(
        SignInAttempt(
            account_index=facts.account_index, address_index=facts.address_index, at=at.at
        )
    )
    session.flush()


def forget_attempts(session: Session, *, at: Moment) -> None:
    """Delete failures that no longer count."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.at < at.at - ATTEMPT_WINDOW))


def sign_out_everywhere(session: Session, *, by: Actor, at: Moment) -> None:
    """End every session of the actor's account, this one too."""
    row = session.get_one(Account, by.account_id, with_for_update=True)
    row.session_epoch += 1
    journal.record(session, row, act="signed_out_everywhere", by=by, at=at)


def change_password(session: Session, *, password_hash: str, by: Actor, at: Moment) -> str:
    """Set the actor's own new password; other sessions end.

    The caller has tested the present password.

    Returns:
        What the session cookie will hold from now on.
    """
    row = session.get_one(Account, by.account_id, with_for_update=True)
    row.password_hash = password_hash
    row.session_epoch += 1
    journal.record(session, row, act="password_changed", by=by, at=at)
    return f"{row.id}.{row.session_epoch}"


def new_token(session: Session, *, login: str, at: Moment) -> str:
    """Return a new bearer token for the account; only its hash is kept.

    Args:
        session: The open use-case transaction.
        login: Login name or telephone number.
        at: Now.

    Raises:
        AccountNotFound: If no active account bears the name.
    """
    account_id = queries.account_named(session, name=login)
    row = session.get_one(Account, account_id, with_for_update=True)
    token = secrets.token_urlsafe(32)
    session.add(
        ApiToken(
            account_id=account_id,
            token_hash=blind_index(token, purpose=queries.TOKEN_PURPOSE),
            created_at=at.at,
        )
    )
    journal.record(session, row, act="token_made", by=SYSTEM, at=at)
    return token


def revoke_tokens(session: Session, *, account_id: int, at: Moment) -> int:
    """End every token of the account and return how many there were."""
    alive = (ApiToken.account_id == account_id) & ApiToken.revoked_at.is_(None)
    count = session.scalar(select(func.count()).select_from(ApiToken).where(alive)) or 0
    session.execute(update(ApiToken).where(alive).values(revoked_at=at.at))
    return count
