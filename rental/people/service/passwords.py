"""Passwords: hashed with argon2id. Slow on purpose: pages hash before their transaction."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: RFC 9106, second recommended option: 64 MiB, three passes.
HASHER = PasswordHasher()

#: What a password is tried against when there is no such account, so that a stranger can't tell
#: by the time it takes. It is the hash of a random text that nobody kept.
NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$YsQR/wOe3toUyWWK4VQ8Bw$"
    "KD2QDjIvifaPolkraQT3c9Wqk56pUfKj2lZHteZT42E"
)


def hash_password(password: str) -> str:
    """Return the stored form of a password."""
    return HASHER.hash(password)


def check_password(password_hash: str | None, password: str) -> bool:
    """Tell whether the password is the right one; without a hash it never is, at the same cost."""
    try:
        HASHER.verify(password_hash or NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None
