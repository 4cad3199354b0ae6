"""What tests of the desk do first."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from rental.foundation.clock import Moment
from rental.reservations.policy import Half
from tests.cast import Cast
from tests.promises import promise

SignIn = Callable[[str], FlaskClient]
DAY = timedelta(days=1)


def reserve(cast: Cast, at: Moment, who: str = "wang-guilan", **more: Any) -> str:
    """Let somebody come for a wheelchair this morning, unless said otherwise."""
    return promise(cast, at, who, **{"slot_on": at.on, "slot_half": Half.MORNING, **more})
