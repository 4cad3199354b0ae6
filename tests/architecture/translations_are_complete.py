"""Exits with 1 when a sentence of code or templates lacks its English. Run by `make check`."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
ENGLISH = ROOT / "rental/web/translations/en/LC_MESSAGES/messages.po"
BIN = Path(sys.executable).parent


def _names(sentence: str) -> set[str]:
    """Return the placeholders of a sentence."""
    return set(re.findall(r"%\((\w+)\)", sentence))


def main() -> int:
    """Extract every sentence and look it up."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "messages.pot"
        keywords = ["-k", "_l", "-k", "N_"]
        command = [str(BIN / "pybabel"), "-q", "extract", "-F", "babel.cfg", *keywords]
        subprocess.run([*command, "-o", str(fresh), "."], check=True, cwd=ROOT)
        with fresh.open("rb") as file:
            said = {message.id for message in read_po(file) if message.id}
    with ENGLISH.open("rb") as file:
        catalogue = {m.id: m for m in read_po(file, locale="en") if m.id}
    missing = [
        sentence
        for sentence in sorted(said)
        if sentence not in catalogue or not catalogue[sentence].string or catalogue[sentence].fuzzy
    ]
    wrong = [
        sentence
        for sentence, message in catalogue.items()
        if message.string and _names(str(sentence)) != _names(str(message.string))
    ]
    unused = sorted(set(catalogue) - said)
    for title, found in (
        ("no English", missing),
        ("other placeholders", wrong),
        ("not used any more", unused),
    ):
        for sentence in found:
            print(f"{title}: {sentence}")
    return 1 if missing or wrong or unused else 0


if __name__ == "__main__":
    sys.exit(main())
