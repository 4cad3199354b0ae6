"""What the parts of `web/components.html` are given."""

from collections.abc import Callable
from dataclasses import dataclass

from rental.foundation.words import Sentence


@dataclass(frozen=True, slots=True)
class Status:
    """A state as word, colour and picture; the word is in the reader's language."""

    word: str
    colour: str
    icon: str


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a timeline."""

    at_text: str
    title: Sentence | str
    text: Sentence | str
    by: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A number that leads to its list; the tone is good, warn, bad or None."""

    number: int
    label: Sentence
    href: str
    tone: str | None


@dataclass(frozen=True, slots=True)
class Pages:
    """Where a list stands, and the addresses of its other pages."""

    number: int
    pages: int
    url_for: Callable[[int], str]
