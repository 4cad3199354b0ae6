"""Every setting, typed, from the environment. An unknown or missing one stops the start."""

import base64
import json
import os
import secrets
from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Environment(StrEnum):
    """Where the service runs."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class UnknownSetting(ValueError):
    """The environment holds a RENTAL_ name that no setting has."""


class Settings(BaseSettings):
    """The settings; names in the environment are ``RENTAL_`` + the name in capitals.

    ``DATABASE_URL`` and ``PORT`` go without the prefix, as hosts expect.
    """

    model_config = SettingsConfigDict(env_prefix="RENTAL_", extra="ignore", frozen=True)

    env: Environment = Environment.DEVELOPMENT
    database_url: str = Field(
        default=f"sqlite:///{ROOT / 'var' / 'rental.db'}", validation_alias="DATABASE_URL"
    )
    port: int = Field(default=8000, ge=1, le=65535, validation_alias="PORT")
    host: str = "127.0.0.1"
    workers: int = Field(default=2, ge=1, le=64)
    threads: int | None = Field(default=None, ge=1, le=64)
    public_url: str = ""
    trusted_hosts: list[str] = []
    secret_key: SecretStr = SecretStr("")
    encryption_keys: dict[int, SecretStr] = {}
    index_key: SecretStr = SecretStr("")
    journal_key: SecretStr = SecretStr("")
    catalogue_file: Path = ROOT / "rental" / "catalogue" / "data" / "catalogue.json"
    var_dir: Path = ROOT / "var"
    secure_cookies: bool | None = None
    pool_size: int = Field(default=5, ge=1, le=100)
    statement_timeout_ms: int = Field(default=10_000, ge=100)
    lock_timeout_ms: int = Field(default=3_000, ge=100)
    database_deadline_s: float = Field(default=15.0, gt=0)
    proxies: int = Field(default=0, ge=0, le=5)
    slow_request_s: float = Field(default=2.0, gt=0)

    @field_validator("database_url")
    @classmethod
    def _psycopg(cls, url: str) -> str:
        """Name the driver where a bare PostgreSQL address was given."""
        for bare in ("postgresql://", "postgres://"):
            if url.startswith(bare):
                return "postgresql+psycopg://" + url.removeprefix(bare)
        return url

    @model_validator(mode="after")
    def _secrets_are_there(self) -> Self:
        """Refuse to start in production without keys; keep generated ones elsewhere."""
        lacking = [
            name
            for name in ("secret_key", "index_key", "journal_key")
            if not getattr(self, name).get_secret_value()
        ]
        if not self.encryption_keys:
            lacking.append("encryption_keys")
        if lacking and self.env is Environment.PRODUCTION:
            names = ", ".join(f"RENTAL_{name.upper()}" for name in lacking)
            msg = f"missing settings: {names}"
            raise ValueError(msg)
        if self.env is Environment.PRODUCTION and not self.public_url:
            msg = "missing setting: RENTAL_PUBLIC_URL"
            raise ValueError(msg)
        return self

    @property
    def address(self) -> str:
        """The public base address, without a trailing slash; it is what QR codes hold."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def cookies_are_secure(self) -> bool:
        """Whether cookies travel over HTTPS only; follows the public address unless set."""
        if self.secure_cookies is not None:
            return self.secure_cookies
        return self.address.startswith("https://")

    @property
    def hosts(self) -> list[str]:
        """The host names the service answers to."""
        own = urlsplit(self.address).hostname or self.host
        return sorted({*self.trusted_hosts, own, self.host, "127.0.0.1", "localhost"})

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a SQLite file."""
        return self.database_url.startswith("sqlite")


def load() -> Settings:
    """Read the settings from the environment.

    Outside production, keys that are not set are made once and kept in ``var/secrets.json``
    (mode 600), so that a second start can read what the first one wrote.

    Raises:
        UnknownSetting: If a ``RENTAL_`` variable names no setting.
        pydantic.ValidationError: If a value is missing or malformed.
    """
    known = {f"RENTAL_{name.upper()}" for name in Settings.model_fields}
    unknown = sorted(
        name for name in os.environ if name.startswith("RENTAL_") and name not in known
    )
    if unknown:
        raise UnknownSetting(f"unknown settings: {', '.join(unknown)}")
    settings = Settings()
    if settings.env is Environment.PRODUCTION:
        return settings
    kept = _kept_secrets(settings.var_dir / "secrets.json")
    missing = {
        name: value
        for name, value in kept.items()
        if name not in settings.model_fields_set or not getattr(settings, name)
    }
    return Settings.model_validate({**settings.model_dump(by_alias=True), **missing})


def _kept_secrets(path: Path) -> dict[str, object]:
    """Return the generated keys of this folder, making them on the first start."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made: dict[str, object] = {
            "secret_key": secrets.token_urlsafe(32),
            "index_key": _key(),
            "journal_key": _key(),
            "encryption_keys": {"1": _key()},
        }
        partial = path.with_suffix(f".{os.getpid()}.tmp")
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(made), encoding="utf-8")
        try:
            os.link(partial, path)  # the first of two starters wins; neither sees half a file
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    kept: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return kept


def _key() -> str:
    """Return 32 random bytes in URL-safe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
