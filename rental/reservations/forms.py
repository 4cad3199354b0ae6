"""Reading wishes from addresses and forms."""

import re
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField

from rental.reservations.policy import Fulfilment, Half
from rental.reservations.policy.offer import Slot
from rental.web.forms import AtMost, Form, LongTextField, Needed

MOST_DAYS = 1000
MOST_PAGES = 10_000
_LAST_YEAR = 2999


class WhenForm(Form):
    """First day and length."""

    start = RadioField(_l("从哪天开始用？"), [Needed(_l("请选从哪天开始用。"))])
    days = RadioField(_l("借多久？"), [Needed(_l("请选借多久。"))])


class VisitForm(Form):
    """How and when the device changes hands."""

    by = RadioField(_l("怎么拿到器具？"), [Needed(_l("请选自己来取，还是我们送。"))])
    slot = RadioField(_l("什么时候方便？"), [Needed(_l("请选一个时间。"))])


class CheckForm(Form):
    """The last look; only the address is typed here, so that it never stands in an address bar."""

    address = LongTextField(_l("送到哪里"), [AtMost(200)])


def read_day(text: str | None) -> date | None:
    """Return the ISO date, or None when it is none."""
    if text is None or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year <= _LAST_YEAR else None


def read_month(text: str | None) -> date | None:
    """Return the first day of the month ``2026-12``, or None when it is none."""
    return read_day(f"{text}-01") if text else None


def read_number(text: str | None, *, most: int) -> int | None:
    """Return a number from 1 to ``most``, or None."""
    if text is None or not re.fullmatch(r"[0-9]{1,6}", text):
        return None
    number = int(text)
    return number if 1 <= number <= most else None


def read_slot(text: str | None) -> Slot | None:
    """Return the slot of ``2026-12-01.morning``, or None when it is none."""
    day, _, half = (text or "").partition(".")
    on = read_day(day)
    if on is None or half not in set(Half):
        return None
    return Slot(on, Half(half))


def read_way(text: str | None) -> Fulfilment | None:
    """Return the fulfilment, or None when it is none."""
    return Fulfilment(text) if text in set(Fulfilment) else None


def choices(field: Any, found: list[tuple[str, str]]) -> None:
    """Set what a field of WTForms lets choose."""
    field.choices = found
