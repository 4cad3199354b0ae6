"""What a new installation begins with: one point, its zones and hours, communities and grids."""

from datetime import time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, new_code
from rental.places import queries
from rental.places.models import Community, Grid, OpeningHours, Site, Zone
from rental.places.policy import ZoneKind
from rental.places.service.calendar import refresh_statutory

SITE_CODE = "main"
MORNING = (time(8, 30), time(11, 30))
AFTERNOON = (time(14), time(17))
WEEKLY = {**dict.fromkeys(range(5), (MORNING, AFTERNOON)), 5: (MORNING,)}

ZONES = (
    (ZoneKind.DIRTY, "污区", "Dirty zone"),
    (ZoneKind.CLEAN, "净区", "Clean zone"),
    (ZoneKind.SHOWROOM, "展厅", "Showroom"),
    (ZoneKind.VEHICLE, "送货车", "Van"),
)

COMMUNITIES = (
    ("heping", "和平社区", "Heping Community"),
    ("guangming", "光明社区", "Guangming Community"),
    ("wenhua", "文化社区", "Wenhua Community"),
    ("jianshe", "建设社区", "Jianshe Community"),
    ("xinhua", "新华社区", "Xinhua Community"),
    ("yulan", "玉兰社区", "Yulan Community"),
    ("yinhe", "银河社区", "Yinhe Community"),
    ("donghu", "东湖社区", "Donghu Community"),
)

BASIC_GRIDS = 49
SPECIAL_GRIDS = 16


def ensure_reference_data(session: Session, *, at: Moment) -> None:
    """Add what is missing of the first site, its calendar, the communities and grids; idempotent.

    What a manager has changed stays. The statutory days of this year and the next are brought up to
    date.
    """
    site = session.scalar(select(Site).where(Site.code == SITE_CODE)) or _add_site(session)
    if not session.scalar(select(func.count(Community.id))):
        _add_communities(session)
    session.flush()
    queries.forget(session)
    refresh_statutory(session, site_id=site.id, at=at)


def _add_site(session: Session) -> Site:
    """Add the first site with fictitious names, its zones and its hours."""
    site = Site(
        code=SITE_CODE,
        zh="和平街道康复辅具租赁点（颐和护理院）",
        en="Heping Rehabilitation Device Rental Point (Yihe Nursing Home)",
        address_zh="和平街道和平路 100 号，颐和护理院一楼",
        address_en="Ground floor, Yihe Nursing Home, 100 Heping Road, Heping Subdistrict",
        phone="0632-0000000",
    )
    session.add(site)
    session.flush()
    session.add_all(
        Zone(site_id=site.id, code=new_code(CodeKind.ZONE), kind=kind, zh=zh, en=en)
        for kind, zh, en in ZONES
    )
    session.add_all(
        OpeningHours(site_id=site.id, weekday=weekday, opens=opens, closes=closes)
        for weekday, spans in WEEKLY.items()
        for opens, closes in spans
    )
    return site


def _add_communities(session: Session) -> None:
    """Add the communities and share the grids out among them."""
    rows = [Community(code=code, zh=zh, en=en) for code, zh, en in COMMUNITIES]
    session.add_all(rows)
    session.flush()
    for special, count in ((False, BASIC_GRIDS), (True, SPECIAL_GRIDS)):
        share, over = divmod(count, len(rows))
        session.add_all(
            _grid(row, number, special=special)
            for index, row in enumerate(rows)
            for number in range(1, share + (index < over) + 1)
        )


def _grid(community: Community, number: int, *, special: bool) -> Grid:
    name = f"专属网格 {number}" if special else f"第 {number} 网格"
    return Grid(
        community_id=community.id,
        code=f"{community.code}-{'s' if special else ''}{number:02}",
        zh=f"{community.zh}{name}",
        special=special,
    )
