"""The only place that reads the clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

SITE_ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant, and the civil date it falls on at the site."""

    at: datetime
    on: date

    @classmethod
    def of(cls, at: datetime) -> "Moment":
        """Return the moment of an aware instant."""
        return cls(at=at.astimezone(UTC), on=at.astimezone(SITE_ZONE).date())

    @property
    def time_of_day(self) -> time:
        """The local time at the site."""
        return self.at.astimezone(SITE_ZONE).time()


def now() -> Moment:
    """Return the present moment."""
    return Moment.of(datetime.now(UTC))
