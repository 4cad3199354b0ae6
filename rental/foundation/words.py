"""Sentences that are written in code and read by people in their own language.

Chinese is the source language. ``N_`` marks a sentence for translation; a ``Sentence`` carries it
with its values until a page, a message or a JSON answer renders it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import TypeAlias

Value: TypeAlias = "str | int | date | datetime | Named | Sentence"


def N_(msgid: str) -> str:  # ruff: ignore[invalid-function-name] - the name every gettext tool knows
    """Mark a sentence for translation and return it unchanged."""
    return msgid


@dataclass(frozen=True, slots=True)
class Named:
    """A name that the data holds in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        """Return the Chinese name."""
        return self.zh


class Sentence:
    """A translatable sentence with its values, e.g. ``Sentence(N_("还有 %(n)s 件"), n=3)``."""

    __slots__ = ("msgid", "params")

    def __init__(self, msgid: str, **params: Value) -> None:
        """Keep the source sentence and its values."""
        self.msgid = msgid
        self.params = MappingProxyType(params)

    def __str__(self) -> str:
        """Return the Chinese sentence."""
        return self.msgid % dict(self.params) if self.params else self.msgid

    def __repr__(self) -> str:
        """Return a form fit for a failing test."""
        return f"Sentence({self.msgid!r}, {dict(self.params)!r})"

    def __eq__(self, other: object) -> bool:
        """Tell whether both say the same."""
        return (
            isinstance(other, Sentence)
            and self.msgid == other.msgid
            and dict(self.params) == dict(other.params)
        )

    def __hash__(self) -> int:
        """Hash by the source sentence."""
        return hash(self.msgid)
