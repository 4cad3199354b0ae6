"""A second writer that comes in the middle of a first one's use case."""

import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from apiflask import APIFlask

from rental.foundation.database import db
from rental.foundation.errors import DomainError

P = ParamSpec("P")
R = TypeVar("R")

_A_MOMENT = 0.5


class Beside:
    """Runs an act in a thread of its own once a step of another is done, and waits a moment."""

    def __init__(self, app: APIFlask, act: Callable[[], object]) -> None:
        """Keep what is to be run."""
        self._app, self._act = app, act
        self._outcome = ""
        self._thread = threading.Thread(target=self._run)

    def after(self, step: Callable[P, R]) -> Callable[P, R]:
        """Return the step, after which the act begins, the first time."""

        def stepped(*args: P.args, **more: P.kwargs) -> R:
            found = step(*args, **more)
            if self._thread.ident is None:
                self._thread.start()
                self._thread.join(timeout=_A_MOMENT)
            return found

        return stepped

    def outcome(self) -> str:
        """Wait for the end; return "done" or the code of the refusal."""
        self._thread.join()
        return self._outcome

    def _run(self) -> None:
        with self._app.app_context():
            try:
                self._act()
                self._outcome = "done"
            except DomainError as refusal:
                self._outcome = refusal.code
            finally:
                db.session.remove()
