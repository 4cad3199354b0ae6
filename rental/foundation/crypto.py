"""Field encryption and the keyed blind index.

AES-256-GCM with a random nonce; the stored text is ``v<key version>.<base64(nonce + ciphertext)>``
and the column's name is authenticated with it, so that a value copied into another column does not
open. Equality search goes through an HMAC of the normalised value.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

_NONCE_BYTES = 12


@dataclass(frozen=True)
class Keys:
    """The key ring: encryption keys by version (the highest one writes), and the index key."""

    encryption: Mapping[int, bytes]
    index: bytes
    journal: bytes


class _Ring:
    """Holds the key ring of this process; set once by ``create_app``."""

    keys: Keys | None = None


def use_keys(keys: Keys) -> None:
    """Set the key ring of this process."""
    _Ring.keys = keys


def ring() -> Keys:
    """Return the key ring.

    Raises:
        RuntimeError: If no app has been created yet.
    """
    if _Ring.keys is None:
        msg = "no keys: create_app() sets them"
        raise RuntimeError(msg)
    return _Ring.keys


def decode_key(text: str) -> bytes:
    """Return the 32 bytes of a URL-safe base64 key.

    Raises:
        ValueError: If it is not 32 bytes.
    """
    key = base64.urlsafe_b64decode(text)
    if len(key) != 32:  # ruff: ignore[magic-value-comparison] - AES-256
        msg = "a key must be 32 bytes in URL-safe base64"
        raise ValueError(msg)
    return key


def encrypt(plain: str, *, column: str) -> str:
    """Return the stored form of a value for the column (``table.column``)."""
    version = max(ring().encryption)
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(ring().encryption[version]).encrypt(nonce, plain.encode(), column.encode())
    return f"v{version}.{base64.b64encode(nonce + sealed).decode()}"


def decrypt(stored: str, *, column: str) -> str:
    """Return the value of a stored form.

    Raises:
        cryptography.exceptions.InvalidTag: If it was altered or belongs to another column.
        KeyError: If its key version is not in the ring.
    """
    version, _, body = stored.removeprefix("v").partition(".")
    raw = base64.b64decode(body)
    key = ring().encryption[int(version)]
    return AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], column.encode()).decode()


def blind_index(value: str, *, purpose: str) -> str:
    """Return the keyed index of a normalised value: equal values, equal index, nothing else."""
    return hmac.new(ring().index, f"{purpose}\0{value}".encode(), hashlib.sha256).hexdigest()


class Encrypted(TypeDecorator[str]):
    """A text column whose content only the key ring can read."""

    impl = Text
    cache_ok = True

    def __init__(self, column: str) -> None:
        """Bind to the column's full name (``table.column``)."""
        super().__init__()
        self.column = column

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Encrypt on the way in."""
        del dialect
        return None if value is None else encrypt(value, column=self.column)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Decrypt on the way out."""
        del dialect
        return None if value is None else decrypt(value, column=self.column)
