"""Printing labels: how long a sheet takes and how much memory; measured in a fresh process."""

import contextlib
import json
import resource
import subprocess  # ruff: ignore[suspicious-subprocess-import] - it starts itself
import sys
import time
from typing import Any

from bench.filled import Filled
from bench.servers import environment_for, free_port
from rental.settings import ROOT

COUNT = 120


def labels(filled: Filled) -> dict[str, Any]:
    """Print labels in a process of their own; return the line to print."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.labels"],
        cwd=ROOT,
        env=environment_for(filled.url, port=free_port(), folder=filled.folder),
        stdout=subprocess.PIPE,
        check=True,
        timeout=300,
    )
    measured: dict[str, Any] = json.loads(done.stdout)
    return {"name": "labels", "db": filled.kind, **measured}


def main() -> None:
    """Ask for the sheets as a signed-in clerk."""
    from rental import create_app  # ruff: ignore[import-outside-top-level] - only this process makes an app

    with contextlib.redirect_stdout(sys.stderr):
        app = create_app()
        client = app.test_client()
        with client.session_transaction(base_url="https://127.0.0.1") as session:
            session["_user_id"] = "1.1"
            session["_fresh"] = True
        codes = _codes(app)
        began = time.perf_counter()
        answer = client.get(
            "/units/labels.pdf", query_string={"code": codes}, base_url="https://127.0.0.1"
        )
        took = time.perf_counter() - began
    if answer.status_code != 200 or not answer.data.startswith(b"%PDF"):
        raise RuntimeError(f"no labels: {answer.status}: {answer.get_data(as_text=True)[:1000]}")
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    measured = {
        "labels": COUNT,
        "seconds": round(took, 2),
        "mb": round(peak_kb / 1024, 1),
        "pdf_mb": round(len(answer.data) / 1e6, 2),
    }
    print(json.dumps(measured))


def _codes(app: Any) -> list[str]:
    from sqlalchemy import text  # ruff: ignore[import-outside-top-level]

    from rental.foundation.database import reading  # ruff: ignore[import-outside-top-level]

    with app.app_context():
        rows = reading().execute(text("SELECT code FROM unit WHERE site_id = 1 ORDER BY id"))
        return [str(row[0]) for row in rows][:COUNT]


if __name__ == "__main__":
    main()
