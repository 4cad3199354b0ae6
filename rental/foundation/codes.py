"""Random public codes with a check character, and the prefixes that tell them apart.

A unit's code is the bare eight characters; every other code carries a letter and a hyphen, which
the alphabet does not contain, so that no two kinds of code can be mistaken for each other.

Source: contracts.md section 2; check character by ISO 7064 hybrid system (MOD 31,30).
"""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from stdnum.iso7064 import mod_37_36

from rental.foundation.errors import Invalid
from rental.foundation.words import N_

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8


class CodeKind(StrEnum):
    """What a code stands for; the value is its prefix."""

    UNIT = ""
    RESIDENT = "R-"
    RESERVATION = "B-"
    LOAN = "L-"
    APPLICATION = "A-"
    DECISION = "D-"
    UPKEEP = "U-"
    FAULT = "F-"
    ZONE = "Z-"
    COMMAND = "C-"


class CodeUnreadable(Invalid):
    """The text is no code of ours, or a character of it was misread."""

    sentence = N_("编号“%(code)s”不对，请再扫一次，或照着标签重新输入 8 位编号。")
    field = "code"


@dataclass(frozen=True, slots=True)
class ScannedCode:
    """A code as it was read, with what it stands for."""

    kind: CodeKind
    code: str


def new_code(kind: CodeKind) -> str:
    """Return a fresh random code of the kind, e.g. ``7K3M9QXA`` or ``R-7K3M9QXA``."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return kind.value + body + mod_37_36.calc_check_digit(body, alphabet=ALPHABET)


def read_code(text: str) -> ScannedCode:
    """Return what a scanned, typed or pasted text stands for.

    A whole address is accepted; only its last path segment counts. Full-width characters are
    folded, spaces dropped, letters raised.

    Raises:
        CodeUnreadable: If it is no code of ours or its check character is wrong.
    """
    folded = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()
    last = folded.split("?", 1)[0].split("#", 1)[0].rstrip("/").rsplit("/", 1)[-1]
    kind = CodeKind(last[:2]) if last[1:2] == "-" and last[:2] in _PREFIXES else CodeKind.UNIT
    body = last.removeprefix(kind.value)
    if not (kind is CodeKind.COMMAND and re.fullmatch(r"[A-Z]{2,20}", body)) and not _is_body(body):
        raise CodeUnreadable(code=_shown(text))
    return ScannedCode(kind, last)


def read_unit_code(text: str) -> str:
    """Return the code of a unit that was scanned, typed or stands in an address, in capitals.

    Raises:
        CodeUnreadable: If it is no unit's code.
    """
    read = read_code(text)
    if read.kind is not CodeKind.UNIT:
        raise CodeUnreadable(code=_shown(text))
    return read.code


def spaced(code: str) -> str:
    """Return a code in groups of four, to be read aloud: ``7K3M 9QXA``."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def is_code(kind: CodeKind, text: str) -> bool:
    """Tell whether the text is a well-formed code of the kind."""
    try:
        return read_code(text) == ScannedCode(kind, text)
    except CodeUnreadable:
        return False


_PREFIXES = frozenset(kind.value for kind in CodeKind if kind.value)


def _is_body(body: str) -> bool:
    if len(body) != LENGTH or any(letter not in ALPHABET for letter in body):
        return False
    return bool(mod_37_36.is_valid(body, alphabet=ALPHABET))


def _shown(text: str) -> str:
    """Return at most 20 printable characters of what was read."""
    printable = "".join(letter for letter in text if letter.isprintable())
    return printable if len(printable) <= 20 else printable[:20] + "…"  # ruff: ignore[magic-value-comparison]
