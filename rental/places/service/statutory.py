"""The statutory days off and the working weekend days of a year."""

from dataclasses import dataclass
from datetime import date, timedelta

import holidays

_DAY = timedelta(days=1)
_FRIDAY = 4
_REST = "调休放假"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatutoryYear:
    """What the law says of one year.

    Attributes:
        off: Days off by date, with their names; weekends that belong to a holiday are included.
        working: Weekend days on which people work to make up for a day off.
        announced: Whether the State Council's arrangement of the year is known; before it is
            published in November, only the days fixed by law are.
    """

    off: dict[date, str]
    working: frozenset[date]
    announced: bool


def statutory_year(year: int) -> StatutoryYear:
    """Return the year's days off and working weekend days.

    A Saturday or Sunday that touches a day off belongs to the holiday, unless people work on it:
    the point would otherwise open on the Saturday in the middle of the Spring Festival.

    Source: 全国年节及纪念日放假办法 and the State Council's yearly notice, as the ``holidays``
    library holds them.
    """
    known = holidays.country_holidays("CN", years=(year - 1, year, year + 1), language="zh_CN")
    all_working = frozenset(known.weekend_workdays)
    off = {day: _plain(name) for day, name in known.items()}
    for day in sorted(off):
        _spread(off, all_working, day, _DAY)
        _spread(off, all_working, day, -_DAY)
    working = frozenset(day for day in all_working if day.year == year)
    return StatutoryYear(
        off={day: name for day, name in sorted(off.items()) if day.year == year},
        working=working,
        announced=bool(working),
    )


def _spread(off: dict[date, str], working: frozenset[date], day: date, step: timedelta) -> None:
    """Give the weekend days next to a day off its name."""
    beside = day + step
    while beside.weekday() > _FRIDAY and beside not in working and beside not in off:
        off[beside] = off[day]
        beside += step


def _plain(name: str) -> str:
    """Return the holiday's name as people say it; 休息日（由 2026-01-04 调休） says too much."""
    return _REST if "调休" in name else name.split("（", maxsplit=1)[0].split(";", maxsplit=1)[0]


def is_announced(year: int) -> bool:
    """Tell whether the State Council's arrangement of the year is known."""
    return statutory_year(year).announced
