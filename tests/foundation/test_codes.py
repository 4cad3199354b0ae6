import pytest
from hypothesis import given
from hypothesis import strategies as st

from rental.foundation.codes import (
    ALPHABET,
    CodeKind,
    CodeUnreadable,
    ScannedCode,
    is_code,
    new_code,
    read_code,
    read_unit_code,
    spaced,
)

RANDOM_KINDS = [kind for kind in CodeKind if kind is not CodeKind.COMMAND]


@pytest.mark.parametrize("kind", RANDOM_KINDS)
def test_a_new_code_reads_back(kind: CodeKind) -> None:
    code = new_code(kind)
    assert read_code(code) == ScannedCode(kind, code)
    assert is_code(kind, code)


def test_an_address_lower_case_and_full_width_are_read() -> None:
    code = new_code(CodeKind.UNIT)
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code)
    for text in (
        f"https://zuli.example/u/{code}",
        f"HTTP://X/U/{code.lower()}/",
        f"  {code[:4]} {code[4:]}\n",
        wide,
        f"/u/{code}?from=qr#top",
    ):
        assert read_code(text).code == code


def test_a_code_is_read_aloud_in_fours() -> None:
    assert spaced("7K3M9QXA") == "7K3M 9QXA"


def test_a_unit_is_told_from_everything_else() -> None:
    code = new_code(CodeKind.UNIT)
    assert read_unit_code(f"https://zuli.example/u/{code.lower()}") == code
    for other in (new_code(CodeKind.RESIDENT), new_code(CodeKind.ZONE), "C-HOME", "x", ""):
        with pytest.raises(CodeUnreadable):
            read_unit_code(other)


@given(st.integers(0, 7), st.sampled_from(ALPHABET))
def test_one_misread_character_is_noticed(place: int, letter: str) -> None:
    code = new_code(CodeKind.UNIT)
    wrong = code[:place] + letter + code[place + 1 :]
    if wrong != code:
        with pytest.raises(CodeUnreadable):
            read_code(wrong)


@given(st.integers(0, 6))
def test_two_swapped_neighbours_are_noticed(place: int) -> None:
    code = new_code(CodeKind.UNIT)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        with pytest.raises(CodeUnreadable):
            read_code(swapped)


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = str(read_code(text).code)
    except CodeUnreadable as refusal:
        found = str(refusal)
    assert 0 < len(found) < 100


def test_commands_are_words() -> None:
    assert read_code("c-return") == ScannedCode(CodeKind.COMMAND, "C-RETURN")
