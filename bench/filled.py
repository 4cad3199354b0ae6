"""Databases that are filled and ready: one process fills each, several at once."""

import subprocess  # ruff: ignore[suspicious-subprocess-import] - it starts our own program
import sys
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bench.dataset.bulk import open_bulk
from bench.loads import Facts, Load, Loads, starts_from
from bench.servers import (
    Postgres,
    environment_for,
    free_port,
    postgres,
    temporary_folder,
    web_server,
)
from rental.foundation import clock
from rental.places import queries as places
from rental.settings import ROOT


@dataclass(frozen=True)
class Filled:
    """A filled database.

    Attributes:
        kind: ``postgresql`` or ``sqlite``.
        url: Its address.
        folder: Where its servers keep their files.
        loads: What can be done with it.
    """

    kind: str
    url: str
    folder: Path
    loads: dict[str, Load]

    @contextmanager
    def served_by(self, app: str) -> Generator[tuple[int, float]]:
        """Serve it; yield the port, and the seconds until the first answer."""
        port = free_port()
        environment = environment_for(self.url, port=port, folder=self.folder)
        with web_server(app, environment) as seconds:
            yield port, seconds


class Cellar:
    """Where the databases of a run are made and kept until its end."""

    def __init__(self, folder: Path, server: Postgres | None) -> None:
        """Keep SQLite files in the folder, and PostgreSQL's databases on the server."""
        self.folder = folder
        self.server = server
        self.kept: dict[tuple[str, int], Filled] = {}

    def get(self, kinds: Sequence[str], times: int) -> list[Filled]:
        """Return a database of each kind with so many points' worth of rows.

        Raises:
            RuntimeError: If one could not be filled.
        """
        missing = [kind for kind in kinds if (kind, times) not in self.kept]
        urls = {kind: self._address(kind, times) for kind in missing}
        filling = {kind: self._start(url, times) for kind, url in urls.items()}
        for kind, process in filling.items():
            if process.wait():
                raise RuntimeError(f"the {kind} database could not be filled")
            self.kept[kind, times] = self._open(kind, urls[kind])
        return [self.kept[kind, times] for kind in kinds]

    def _address(self, kind: str, times: int) -> str:
        if kind == "sqlite":
            return f"sqlite:///{self.folder / f'bench_{times}.db'}"
        if self.server is None:
            msg = "there is no PostgreSQL server"
            raise RuntimeError(msg)
        return self.server.create(f"bench_{times}")

    def _start(self, url: str, times: int) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "bench.dataset", "--times", str(times)],
            cwd=ROOT,
            env=environment_for(url, port=free_port(), folder=self.folder),
            stdout=sys.stderr,
        )

    def _open(self, kind: str, url: str) -> Filled:
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
        today = clock.now().on
        with Session(engine) as session:
            calendar = places.calendar(session, site_id=places.point(session).id)
        engine.dispose()
        facts = Facts(open_bulk(url), starts_from(today, calendar.is_open))
        return Filled(kind, url, self.folder, Loads(facts).all())


@contextmanager
def cellar(kinds: Sequence[str]) -> Generator[Cellar]:
    """Open a cellar; everything in it is gone in the end."""
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        server = stack.enter_context(postgres()) if "postgresql" in kinds else None
        yield Cellar(folder, server)
