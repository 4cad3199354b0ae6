"""What the worker does for this slice."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session

from rental.foundation.clock import Moment
from rental.foundation.jobs import Handler
from rental.notices import service
from rental.notices.policy import Channel

_log = structlog.get_logger("rental.notices")


def to_console(parcel: service.Parcel) -> None:
    """Say in the log that a notice would leave the house; nothing about the person."""
    _log.info("notice", notice_id=parcel.notice_id, kind=parcel.kind.value)


CHANNELS: service.Channels = {Channel.CONSOLE: to_console}


def dispatch(session: Session, payload: Mapping[str, Any], at: Moment) -> None:
    """Fan out new notices and claim due deliveries."""
    del payload
    service.dispatch(session, at=at)


def deliver(session: Session, payload: Mapping[str, Any], at: Moment) -> None:
    """Send a claimed delivery."""
    service.deliver(session, payload["delivery"], channels=CHANNELS, at=at)


HANDLERS: dict[str, Handler] = {service.DISPATCH: dispatch, service.DELIVER: deliver}
RECURRING: dict[str, timedelta] = {service.DISPATCH: timedelta(minutes=1)}
