"""Cheap password hashes, so that tests may hash often; the address of a resident."""

import pytest
from argon2 import PasswordHasher

from rental.people.service import passwords
from tests.cast import Cast


@pytest.fixture(autouse=True)  # ruff: ignore[pytest-fixture-autouse] - real ones take 0.2 s each
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "HASHER", hasher)
    monkeypatch.setattr(passwords, "NOBODY", hasher.hash("nobody"))


@pytest.fixture
def wang(cast: Cast) -> str:
    return f"/residents/{cast.resident['wang-guilan'].code}"
