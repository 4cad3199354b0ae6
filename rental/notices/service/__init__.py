"""Writing notices, sending them, and keeping quiet."""

from rental.notices.service.dispatch import (
    BATCH,
    DELIVER,
    DISPATCH,
    Channels,
    Parcel,
    deliver,
    dispatch,
)
from rental.notices.service.outbox import (
    forget,
    hush,
    mark_read,
    send,
)

__all__ = [
    "BATCH",
    "DELIVER",
    "DISPATCH",
    "Channels",
    "Parcel",
    "deliver",
    "dispatch",
    "forget",
    "hush",
    "mark_read",
    "send",
]
