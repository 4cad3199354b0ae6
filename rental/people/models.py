"""Rows of residents, accounts, roles, consent, relations, sign-in attempts and tokens."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from rental.foundation.actor import Role
from rental.foundation.crypto import Encrypted
from rental.foundation.database import Base, Instant, stored_by_value
from rental.journal import Journalled
from rental.people.policy import Purpose, Register, Relation, ResidentState


class Account(Journalled, Base):
    """Someone who can sign in: by login name (staff, demo) or telephone (residents)."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("login IS NOT NULL OR phone_index IS NOT NULL", name="can_be_named"),
    )
    journal_subject: ClassVar[str] = "account"
    journal_key: ClassVar[str] = "id"
    journal_columns: ClassVar[tuple[str, ...]] = ("login", "active", "session_epoch")

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str | None] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str | None] = mapped_column(Encrypted("account.phone"))
    phone_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grid.id"))
    active: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)


class AccountRole(Base):
    """One role of one account."""

    __tablename__ = "account_role"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(stored_by_value(Role, "role"), primary_key=True)


class Resident(Journalled, Base):
    """The person who will use the device."""

    __tablename__ = "resident"
    journal_subject: ClassVar[str] = "resident"
    journal_columns: ClassVar[tuple[str, ...]] = (
        "state",
        "register",
        "community_id",
        "grid_id",
        "account_id",
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), unique=True)
    state: Mapped[ResidentState] = mapped_column(stored_by_value(ResidentState, "state"))
    name: Mapped[str] = mapped_column(String(40), index=True)
    name_initials: Mapped[str] = mapped_column(String(40), index=True)
    citizen_number: Mapped[str | None] = mapped_column(Encrypted("resident.citizen_number"))
    citizen_number_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    born_on: Mapped[str | None] = mapped_column(Encrypted("resident.born_on"))
    phone: Mapped[str | None] = mapped_column(Encrypted("resident.phone"))
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    address: Mapped[str | None] = mapped_column(Encrypted("resident.address"))
    register: Mapped[Register] = mapped_column(stored_by_value(Register, "register"))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grid.id"), index=True)
    lives_alone: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Instant)


class ActingFor(Base):
    """An account that may act for a resident, by relation and with consent."""

    __tablename__ = "acting_for"
    __table_args__ = (
        Index(
            "uq_acting_for_current",
            "account_id",
            "resident_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    relation: Mapped[Relation] = mapped_column(stored_by_value(Relation, "relation"))
    since_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class Consent(Base):
    """One consent for one purpose, and its withdrawal."""

    __tablename__ = "consent"
    __table_args__ = (
        Index(
            "uq_consent_current",
            "resident_id",
            "purpose",
            "version",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    purpose: Mapped[Purpose] = mapped_column(stored_by_value(Purpose, "purpose"))
    version: Mapped[str] = mapped_column(String(16))
    given_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    given_at: Mapped[datetime] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)


class SignInAttempt(Base):
    """A failed sign-in or a try to name an account, counted per account and per address.

    Both only as keyed hashes.
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_account_at", "account_index", "at"),
        Index("ix_sign_in_attempt_address_at", "address_index", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_index: Mapped[str] = mapped_column(String(64))
    address_index: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)


class ApiToken(Base):
    """A bearer token; only its hash is kept."""

    __tablename__ = "api_token"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class Reveal(Base):
    """Somebody asked to see a masked value, and why."""

    __tablename__ = "reveal"

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    field: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
