"""How many statements a page needs."""

from flask.testing import FlaskClient
from sqlalchemy import event

from rental.foundation.database import db


def statements(client: FlaskClient, address: str) -> int:
    """Return how many statements the page sends once what may be kept is kept."""
    assert client.get(address).status_code == 200
    seen: list[object] = []

    def note(*told: object) -> None:
        seen.append(told[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert client.get(address).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)
