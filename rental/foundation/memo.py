"""Reference data that every request reads and hardly anybody changes, kept for a few seconds.

Never for anything a promise is decided on: units, reservations and loans are always read.
"""

import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

T = TypeVar("T")

SECONDS = 5.0


class Memo(Generic[T]):
    """A value per key and database, forgotten after ``SECONDS`` or when its writer says so."""

    def __init__(self) -> None:
        """Start empty."""
        self._kept: WeakKeyDictionary[Engine, dict[Hashable, tuple[float, T]]] = WeakKeyDictionary()

    def get(self, session: Session, key: Hashable, load: Callable[[], T]) -> T:
        """Return the kept value, or load it."""
        kept = self._kept.setdefault(_engine(session), {})
        found = kept.get(key)
        if found is not None and time.monotonic() - found[0] < SECONDS:
            return found[1]
        value = load()
        kept[key] = (time.monotonic(), value)
        return value

    def forget(self, session: Session) -> None:
        """Drop everything kept of this database; the writer of the data calls it."""
        self._kept.pop(_engine(session), None)


def _engine(session: Session) -> Engine:
    bind = session.get_bind()
    return bind.engine if isinstance(bind, Connection) else bind
