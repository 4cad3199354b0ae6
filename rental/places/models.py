"""Rows of sites, zones, the opening calendar, communities and grids."""

from datetime import date, time
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rental.foundation.database import Base, stored_by_value
from rental.places.policy import ZoneKind


class ClosedSource(StrEnum):
    """Why a day is closed (or specially open): by law, or by the site's own choice."""

    STATUTORY = "statutory"
    OWN = "own"


class Site(Base):
    """A rental point."""

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    zh: Mapped[str] = mapped_column(String(80))
    en: Mapped[str] = mapped_column(String(80))
    address_zh: Mapped[str] = mapped_column(String(200))
    address_en: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str] = mapped_column(String(32))
    active: Mapped[bool] = mapped_column(default=True)


class Zone(Base):
    """A place inside a site, with a colour that says what may stand there."""

    __tablename__ = "zone"
    __table_args__ = (UniqueConstraint("site_id", "kind", "zh"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    code: Mapped[str] = mapped_column(String(16), unique=True)
    kind: Mapped[ZoneKind] = mapped_column(stored_by_value(ZoneKind, "kind"))
    zh: Mapped[str] = mapped_column(String(40))
    en: Mapped[str] = mapped_column(String(40))


class OpeningHours(Base):
    """One opening span of a weekday (0 is Monday)."""

    __tablename__ = "opening_hours"
    __table_args__ = (
        UniqueConstraint("site_id", "weekday", "opens"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("closes > opens", name="closes_after_opening"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    weekday: Mapped[int]
    opens: Mapped[time]
    closes: Mapped[time]


class ClosedDay(Base):
    """A civil date on which the site is closed."""

    __tablename__ = "closed_day"
    __table_args__ = (UniqueConstraint("site_id", "closed_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    closed_on: Mapped[date]
    zh: Mapped[str] = mapped_column(String(40))
    source: Mapped[ClosedSource] = mapped_column(stored_by_value(ClosedSource, "source"))


class SpecialDay(Base):
    """A date on which the site opens like another weekday, such as a working Sunday (调休)."""

    __tablename__ = "special_day"
    __table_args__ = (
        UniqueConstraint("site_id", "opens_on"),
        CheckConstraint("like_weekday BETWEEN 0 AND 6", name="like_weekday"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    opens_on: Mapped[date]
    like_weekday: Mapped[int]
    zh: Mapped[str] = mapped_column(String(40))
    source: Mapped[ClosedSource] = mapped_column(stored_by_value(ClosedSource, "source"))


class Community(Base):
    """A community (社区) of the subdistrict; its residents are served."""

    __tablename__ = "community"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    zh: Mapped[str] = mapped_column(String(40))
    en: Mapped[str] = mapped_column(String(60))


class Grid(Base):
    """A grid (网格) of a community; one or more grid workers know its residents."""

    __tablename__ = "grid"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    code: Mapped[str] = mapped_column(String(32), unique=True)
    zh: Mapped[str] = mapped_column(String(40))
    special: Mapped[bool] = mapped_column(default=False)
