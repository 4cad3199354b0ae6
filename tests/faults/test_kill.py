"""kill −9 in the middle of hand-overs: nothing acknowledged is lost, nothing happens twice."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from apiflask import APIFlask
from sqlalchemy import func, select

from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, new_code
from rental.foundation.database import reading, transaction
from rental.inventory.models import Unit
from rental.inventory.policy import UnitState
from rental.journal import queries as journal
from rental.loans.models import Loan
from rental.people import service as people
from rental.policies import service as policies
from rental.policies.policy import Policy, Scope
from tests.cast import Cast
from tests.conftest import KEYS

DATABASES = ["sqlite", "postgresql"]
ROOT = Path(__file__).parents[2]
UNITS = 40
CLIENTS = 4
KILLS = 4


@dataclass(frozen=True)
class Server:
    """A running gunicorn with two workers."""

    process: subprocess.Popen[bytes]
    port: int

    def workers(self) -> list[int]:
        """Return the workers' process ids."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]


@pytest.fixture
def server(app: APIFlask, database: str, tmp_path: Path) -> Iterator[Server]:
    """Start the production server on the test's database."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    secrets = {f"RENTAL_{name.upper()}": _text(value) for name, value in KEYS.items()}
    kept = {k: v for k, v in os.environ.items() if not k.startswith("RENTAL_")}
    environment = {
        **kept,
        **secrets,
        "DATABASE_URL": database,
        "PORT": str(port),
        "RENTAL_ENV": "test",
        "RENTAL_VAR_DIR": str(tmp_path),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    found = Server(process, port)
    deadline = time.monotonic() + 60
    while _ask(found, "GET", "/healthz") != 200:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.2)
    yield found
    process.terminate()
    process.wait(timeout=30)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _ask(
    server: Server, verb: str, path: str, body: object = None, headers: dict[str, str] | None = None
) -> int | None:
    """Return the status, or None when the connection broke."""
    try:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        sent = {"Content-Type": "application/json", **(headers or {})}
        connection.request(verb, path, json.dumps(body) if body else None, sent)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


@pytest.mark.real_clock
def test_killed_workers_lose_and_double_nothing(
    app: APIFlask, cast: Cast, at: Moment, server: Server
) -> None:
    with transaction() as session:
        token = people.new_token(session, login="clerk", at=at)
        policies.set_value(session, Policy.MAX_LOANS, 50, Scope(), by=cast.actor("manager"), at=at)
        codes = [new_code(CodeKind.UNIT) for _ in range(UNITS)]
        session.add_all(
            Unit(
                code=code,
                kind_id=cast.kind["folding-reacher"],
                site_id=cast.site_id,
                state=UnitState.AVAILABLE,
                created_at=at.at,
            )
            for code in codes
        )
    acknowledged: list[str] = []
    waiting = list(codes)
    over = threading.Event()

    def work() -> None:
        while waiting:
            code = waiting.pop()
            wish = {
                "unit_code": code,
                "resident_code": cast.resident["zhao-min"].code,
                "force_reason": "故障演练，已当面交付",
            }
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"issue-{code}"}
            for _ in range(40):
                status = _ask(server, "POST", "/api/v1/loans", wish, headers)
                if status == 201:
                    acknowledged.append(code)
                    break
                assert status in {None, 503}, status
                time.sleep(0.1)

    def kill() -> None:
        for _ in range(KILLS):
            if over.wait(0.4):
                return
            for pid in server.workers()[:1]:
                os.kill(pid, signal.SIGKILL)

    threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
    killer = threading.Thread(target=kill)
    for thread in (*threads, killer):
        thread.start()
    for thread in threads:
        thread.join()
    over.set()
    killer.join()

    assert sorted(acknowledged) == sorted(codes)
    lent = select(Unit.code, func.count(Loan.id)).join(Loan, Loan.unit_id == Unit.id)
    counts = {
        code: number
        for code, number in reading().execute(lent.where(Unit.code.in_(codes)).group_by(Unit.code))
    }
    assert counts == dict.fromkeys(codes, 1)
    assert list(journal.verify(reading())) == []
