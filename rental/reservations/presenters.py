"""What pages show of availability and promises, in the reader's language."""

import calendar as months
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import islice

from flask_babel import format_date
from flask_babel import gettext as _

from rental.catalogue.queries import KindView
from rental.foundation.clock import SITE_ZONE
from rental.foundation.words import Named, Sentence
from rental.places.policy import HALF_WORDS, OpeningCalendar, PlaceStaysClosed
from rental.reservations.policy import (
    STATE_NAMES,
    Change,
    Fulfilment,
    PeriodInvalid,
    ReservationState,
    can_promise,
    free_on,
    lowest,
)
from rental.reservations.policy.offer import Dates, Offer, Slot, dates
from rental.reservations.queries import KindAvailability, ReservationView, SlotView
from rental.web.parts import Status
from rental.web.say import day_short, in_english, say

DAY = timedelta(days=1)
FEW = 1
LENGTHS = (7, 14, 30, 60, 90, 180)
_FIRST_DAYS = 6
_DAYS_TO_CHOOSE = 30

_LOOKS: dict[ReservationState, tuple[str, str]] = {
    ReservationState.CONFIRMED: ("green", "check"),
    ReservationState.PACKED: ("blue", "box"),
    ReservationState.FULFILLED: ("grey", "person"),
    ReservationState.CANCELLED: ("grey", "stop"),
    ReservationState.EXPIRED: ("red", "clock"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """A kind in a list."""

    key: str
    name: str
    category: str
    status: Status


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day of the calendar macro."""

    date: str
    text: str
    free: int | None
    state: str
    href: str | None
    selected: bool


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar macro; weeks begin on Monday."""

    title: str
    weeks: list[list[MonthDay | None]]
    before: str | None
    after: str | None


def state_of(state: ReservationState) -> Status:
    """Return how a reservation's state looks."""
    return Status(say(STATE_NAMES[state]), *_LOOKS[state])


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The days a list of kinds is about.

    Attributes:
        on: The day whose free units are shown; None while nobody can come.
        earliest: The first day on which somebody can still come, likewise.
        today: Civil date.
    """

    on: date | None
    earliest: date | None
    today: date


def free_status(found: KindAvailability, asked: Asked) -> Status:
    """Return how many units are free on the day, or when the next one is."""
    if found.free_today and asked.on:
        words = _("%(day)s可借 %(n)s 件", day=day_short(asked.on), n=found.free_today)
        if asked.on == asked.today:
            words = _("今天可借 %(n)s 件", n=found.free_today)
        elif asked.on == asked.earliest:
            words = _("%(day)s起可借 %(n)s 件", day=day_short(asked.on), n=found.free_today)
        return Status(words, "green", "check")
    if found.next_free_on is None:
        return Status(_("暂时没有"), "grey", "box")
    return Status(_("%(day)s起可借", day=day_short(found.next_free_on)), "yellow", "clock")


def cards(
    kinds: Sequence[KindView], found: Mapping[int, KindAvailability], asked: Asked
) -> list[Card]:
    """Return the kinds as a list shows them; equal states are the same object."""
    name = _namer()
    looks: dict[KindAvailability, Status] = {}
    listed: list[Card] = []
    for kind in kinds:
        free = found[kind.id]
        if free not in looks:
            looks[free] = free_status(free, asked)
        listed.append(Card(kind.key, name(kind.name), name(kind.category.name), looks[free]))
    return listed


def links(named: Iterable[tuple[str, Named]]) -> list[tuple[str, str]]:
    """Return (key, name) for each, in the reader's language, which is asked for once."""
    name = _namer()
    return [(key, name(words)) for key, words in named]


def _namer() -> Callable[[Named], str]:
    if in_english():
        return lambda words: words.en or words.zh
    return lambda words: words.zh


def days_to_choose(first: date, calendar: OpeningCalendar) -> list[tuple[str, str]]:
    """Return the days from the first on on which the place is open as (value, words)."""
    coming = _coming_days(first, english=in_english())
    return [(day.isoformat(), words) for day, words in coming if calendar.is_open(day)]


@lru_cache(maxsize=8)
def _coming_days(first: date, *, english: bool) -> tuple[tuple[date, str], ...]:
    del english  # only tells apart what is kept
    days = (first + n * DAY for n in range(_DAYS_TO_CHOOSE))
    return tuple((day, day_short(day)) for day in days)


# --- the month -----------------------------------------------------------------------------------


Free = Callable[[date], int]


def free_each_day(changes: Sequence[Change]) -> Free:
    """Return a function that tells how many units are free on a day."""
    return lambda day: free_on(changes, day)


def free_for(changes: Sequence[Change], offer: Offer, days: int) -> Free:
    """Return a function that tells how many units are free for so many days from a day on."""

    def free(day: date) -> int:
        try:
            wish = dates(offer, day, day + (days - 1) * DAY)
        except (PeriodInvalid, PlaceStaysClosed):
            return 0
        return lowest(changes, wish.starts_on, wish.blocked_until)

    return free


def month(
    first: date,
    free: Free,
    offer: Offer,
    *,
    link: Callable[[date], str],
    turn: Callable[[date], str],
    selected: date | None = None,
) -> Month:
    """Return the month that begins on ``first``.

    Args:
        first: First day of the month.
        free: How many units are free on a day.
        offer: On which days a reservation may start.
        link: The address behind a day on which one may start.
        turn: The address of another month.
        selected: The day chosen.
    """
    days = months.Calendar().monthdatescalendar(first.year, first.month)
    before, after = first - DAY, (first + 31 * DAY).replace(day=1)
    return Month(
        title=format_date(first, "MMMM y" if in_english() else "y年M月", rebase=False),
        weeks=[
            [
                _month_day(day, free, offer, link, selected) if day.month == first.month else None
                for day in week
            ]
            for week in days
        ],
        before=turn(before.replace(day=1)) if before >= offer.terms.earliest_on else None,
        after=turn(after) if after <= offer.terms.latest_on else None,
    )


def _month_day(  # ruff: ignore[too-many-positional-arguments]
    day: date,
    free: Free,
    offer: Offer,
    link: Callable[[date], str],
    chosen: date | None,
) -> MonthDay:
    number, iso, selected = str(day.day), day.isoformat(), day == chosen
    if not offer.calendar.is_open(day):
        return MonthDay(iso, number, None, "closed", None, selected)
    if day < offer.terms.earliest_on:
        return MonthDay(iso, number, None, "past", None, selected)
    count = free(day)
    state = "none" if count < 1 else "few" if count <= FEW else "free"
    startable = count > 0 and day <= offer.terms.latest_on
    return MonthDay(iso, number, max(count, 0), state, link(day) if startable else None, selected)


# --- choices -------------------------------------------------------------------------------------


def first_starts(changes: Sequence[Change], offer: Offer, days: int) -> list[date]:
    """Return the first days on which so many days can be had, at most six."""
    first, last = offer.terms.earliest_on, offer.terms.latest_on
    coming = (first + n * DAY for n in range((last - first).days + 1))
    free = free_for(changes, offer, days)
    starts = (day for day in coming if offer.calendar.is_open(day) and free(day) > 0)
    return list(islice(starts, _FIRST_DAYS))


def lengths(offer: Offer) -> list[int]:
    """Return the lengths to choose from, the longest last."""
    most = offer.terms.max_days
    return [days for days in LENGTHS if days < most] + [most]


def end_moved(found: Dates | ReservationView, offer: Offer, *, asked: int | None = None) -> str:
    """Return that the last day moved off a closed day; empty when it didn't.

    Args:
        found: The days as they are promised.
        offer: When the site is open, and which lengths it offers.
        asked: The number of days asked for; None when nobody remembers, so that a length that
            isn't on offer is taken for one that moved.
    """
    wished = found.days in lengths(offer) if asked is None else found.days <= asked
    if wished or offer.calendar.is_open(found.ends_on - DAY):
        return ""
    said: str = _("到期那天休息，顺延到 %(end)s 还。", end=say(found.ends_on))
    return said


def fits(changes: Sequence[Change], wish: Dates) -> bool:
    """Tell whether the wish can be had as things stand."""
    return can_promise(changes, wish.starts_on, wish.blocked_until)


def slot_word(slot: Slot) -> str:
    """Return e.g. 12月1日 星期二 上午."""
    pattern = "EEEE d MMMM" if in_english() else "M月d日 EEEE"
    return f"{format_date(slot.on, pattern, rebase=False)} {say(Sentence(HALF_WORDS[slot.half]))}"


def visit_word(found: ReservationView) -> str:
    """Return when the device changes hands: the agreed visit, or the first day."""
    return slot_word(found.slot) if found.slot else say(found.starts_on)


def slot_note(view: SlotView) -> str:
    """Return the hours, and how many places are left."""
    hours = f"{view.opens:%H:%M}–{view.closes:%H:%M}"
    left = _("还有 %(n)s 个位子", n=view.left) if view.left else _("约满了")
    return f"{hours} · {left}"


def slot_value(slot: Slot) -> str:
    """Return the slot as forms and addresses carry it."""
    return f"{slot.on.isoformat()}.{slot.half.value}"


def way_word(fulfilment: Fulfilment) -> str:
    """Return how the device reaches the resident."""
    delivered = fulfilment is Fulfilment.DELIVERY
    word: str = _("我们送到家") if delivered else _("自己来取，或请家人来取")
    return word


# --- the promise itself --------------------------------------------------------------------------


def ics(found: ReservationView, *, title: str, place: str, view: SlotView | None) -> str:
    """Return the visit, or the first day when none was agreed, as a calendar entry."""
    if view is None:
        span = [f"DTSTART;VALUE=DATE:{found.starts_on:%Y%m%d}"]
    else:
        ends = (("DTSTART", view.opens), ("DTEND", view.closes))
        span = [
            f"{name}:{datetime.combine(view.on, at, SITE_ZONE).astimezone(UTC):%Y%m%dT%H%M%SZ}"
            for name, at in ends
        ]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//rental//reservations//ZH",
        "BEGIN:VEVENT",
        f"UID:{found.code}@rental",
        f"DTSTAMP:{found.created_at:%Y%m%dT%H%M%SZ}",
        *span,
        f"SUMMARY:{_ics_text(title)}",
        f"LOCATION:{_ics_text(place)}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{one}\r\n" for one in lines)


def _ics_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return escaped.replace("\n", " ")
