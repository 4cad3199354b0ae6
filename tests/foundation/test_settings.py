"""The example of the settings names each of them, and nothing else."""

import re
from pathlib import Path

from rental.settings import Settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def test_the_example_names_every_setting() -> None:
    named = re.findall(r"^#?([A-Z_]+)=", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    kept = {
        str(f.validation_alias or f"RENTAL_{n.upper()}") for n, f in Settings.model_fields.items()
    }
    assert sorted(named) == sorted(kept)
