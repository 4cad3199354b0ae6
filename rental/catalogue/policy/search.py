"""Finding kinds by Chinese, pinyin, pinyin initials or English. Pure; 100 kinds fit in memory."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache, partial
from operator import itemgetter
from typing import Protocol, TypeVar

LONGEST_QUERY = 100
MOST_WORDS = 8

#: A word of Latin letters shorter than this is looked for at the beginning of words only: "ly"
#: means 轮椅, not "family".
_INSIDE_FROM = 4

_SEPARATOR = "|"
_LATIN = re.compile(r"[a-z0-9]+")

#: Readings that pypinyin gets wrong in our trade: 长柄 is cháng, not zhǎng.
_READINGS = {"长柄": [["cháng"], ["bǐng"]], "折叠": [["zhé"], ["dié"]]}


class Searchable(Protocol):
    """Something with the words it is found by, as ``words_of`` returns them."""

    @property
    def words(self) -> str:
        """The words."""


S = TypeVar("S", bound=Searchable)


class Match(IntEnum):
    """How well a word fits; smaller is better."""

    NAME_BEGINS = 0
    NAME_HOLDS = 1
    NAME_SPELT = 2
    ELSEWHERE = 3


@dataclass(frozen=True, slots=True)
class Phrase:
    """One name: its folded text, the syllables of its pinyin, and their initials."""

    text: str
    syllables: tuple[str, ...]
    initials: str

    def begins_with(self, word: str) -> bool:
        """Tell whether the text begins with the word."""
        return self.text.startswith(word)

    def holds(self, word: str) -> bool:
        """Tell whether the word is in the text; a short Latin one only at a word's beginning."""
        if not word.isascii() or len(word) >= _INSIDE_FROM:
            return word in self.text
        return any(found.group().startswith(word) for found in _LATIN.finditer(self.text)) or (
            not _LATIN.search(word) and word in self.text
        )

    def is_spelt(self, word: str) -> bool:
        """Tell whether the word is pinyin from one of the syllables on, or among the initials."""
        if word in self.initials:
            return True
        return any(
            "".join(self.syllables[start:]).startswith(word) for start in range(len(self.syllables))
        )

    def matches(self, word: str) -> bool:
        """Tell whether the word fits in any way."""
        return self.holds(word) or self.is_spelt(word)


def fold(text: str) -> str:
    """Return the text as it is compared: full-width folded, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def words_of(*, names: tuple[str, ...], others: Iterable[str]) -> str:
    """Return what a kind is found by: its own names first, then category and needs.

    One line a phrase: ``轮椅|lun yi|ly``; the number of own names stands on the first line.
    """
    own = [_phrase_line(name) for name in names]
    rest = [_phrase_line(other) for other in dict.fromkeys(others) if other]
    return "\n".join([str(len(own)), *own, *rest])


@lru_cache(maxsize=4096)
def _phrase_line(text: str) -> str:
    """Return folded text, pinyin syllables and initials of one phrase."""
    folded = fold(text).replace(_SEPARATOR, " ")
    syllables = [syllable for syllable in _spell()(folded) if syllable.isascii()]
    initials = "".join(syllable[0] for syllable in syllables)
    return _SEPARATOR.join((folded, " ".join(syllables), initials))


@lru_cache(maxsize=1)
def _spell() -> Callable[[str], list[str]]:
    """Return the function from Chinese to pinyin; only loading a catalogue pays its 0.3 s."""
    from pypinyin import lazy_pinyin, load_phrases_dict  # ruff: ignore[import-outside-top-level] - see above

    load_phrases_dict(_READINGS)
    return partial(lazy_pinyin, errors="ignore")


@lru_cache(maxsize=1024)
def _phrases(words: str) -> tuple[tuple[Phrase, ...], tuple[Phrase, ...]]:
    """Return the phrases of the own names and the others."""
    first, *lines = words.split("\n")
    phrases = tuple(_phrase(line) for line in lines)
    own = int(first) if first.isdecimal() else 0
    return phrases[:own], phrases[own:]


def _phrase(line: str) -> Phrase:
    text, syllables, initials = (*line.split(_SEPARATOR), "", "")[:3]
    return Phrase(text, tuple(syllables.split()), initials)


def rank(kinds: Iterable[S], q: str) -> tuple[S, ...]:
    """Return the kinds in which every word of the query is found, the best first.

    A name that begins with the word comes before one that holds it, before one whose pinyin or
    initials fit, before kinds found by category or need. Kinds that fit equally keep their order.
    A query without words returns all.
    """
    asked = fold(q[:LONGEST_QUERY]).split()[:MOST_WORDS]
    found = [(_match(kind.words, asked), kind) for kind in kinds]
    fitting = [(match, kind) for match, kind in found if match is not None]
    return tuple(kind for _, kind in sorted(fitting, key=itemgetter(0)))


def _match(words: str, asked: list[str]) -> Match | None:
    """Return how well the worst-fitting word fits, or None when one doesn't fit at all."""
    own, others = _phrases(words)
    worst = Match.NAME_BEGINS
    for word in asked:
        match = _match_word(own, others, word)
        if match is None:
            return None
        worst = max(worst, match)
    return worst


def _match_word(own: tuple[Phrase, ...], others: tuple[Phrase, ...], word: str) -> Match | None:
    if any(name.begins_with(word) for name in own):
        return Match.NAME_BEGINS
    if any(name.holds(word) for name in own):
        return Match.NAME_HOLDS
    if any(name.is_spelt(word) for name in own):
        return Match.NAME_SPELT
    return Match.ELSEWHERE if any(other.matches(word) for other in others) else None
