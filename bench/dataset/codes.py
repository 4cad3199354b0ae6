"""Public codes by number: always the same ones, scattered over the whole space like random ones."""

from rental.foundation.codes import ALPHABET, LENGTH

_BASE = len(ALPHABET)
_SPACE = _BASE ** (LENGTH - 1)
_STRIDE = 13_947_137_623  # shares no factor with the space: every number has a code of its own


def code_body(number: int) -> str:
    """Return the eight characters of the code with the number, the last one for checking."""
    rest = number * _STRIDE % _SPACE
    letters = []
    check = _BASE // 2
    for _ in range(LENGTH - 1):
        rest, digit = divmod(rest, _BASE)
        letters.append(ALPHABET[digit])
        check = ((check or _BASE) * 2 % (_BASE + 1) + digit) % _BASE
    letters.append(ALPHABET[(1 - (check or _BASE) * 2 % (_BASE + 1)) % _BASE])
    return "".join(letters)
