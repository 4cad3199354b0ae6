"""The row that is locked before anything is promised of a kind."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from rental.foundation.database import insert_ignoring, table_of
from rental.foundation.errors import Conflict, Invalid
from rental.foundation.words import N_
from rental.inventory.models import Stock

MOST_AT_ONCE = 200


class StaleUnit(Conflict):
    """Somebody else changed the unit in the meantime."""

    sentence = N_("器具 %(code)s 刚刚被别人办理过，请刷新页面看看现在的情况，再决定下一步。")


class SerialNumberTaken(Conflict):
    """Another unit of the site has the serial number."""

    sentence = N_("这个出厂编号已经登记在另一件器具上，请核对后改正，或者留空。")


class TooManySerialNumbers(Invalid):
    """More serial numbers than units, or one of them twice."""

    sentence = N_("出厂编号有重复，或者比件数多。请每行写一个，数目不要超过件数。")
    field = "serial_numbers"


class ZoneUnknown(Invalid):
    """The site has no such zone."""

    sentence = N_("没有这个区域，请从列表里重新选一个。")
    field = "zone"


_STOCK = table_of(Stock)


_STOCK_LOCKED = (
    select(_STOCK.c.id)
    .where(_STOCK.c.site_id == bindparam("site_id"), _STOCK.c.kind_id == bindparam("kind_id"))
    .with_for_update()
)
_INSERT = insert_ignoring(Stock)


def lock_stock(session: Session, *, site_id: int, kind_id: int) -> int:
    """Hold the row of one kind at one site until the transaction ends; return its key.

    Whoever promises a unit of the kind takes this lock first. The row is made when missing.
    """
    wanted = {"site_id": site_id, "kind_id": kind_id}
    connection = session.connection()
    found = connection.execute(_STOCK_LOCKED, wanted).scalar()
    if found is None:
        connection.execute(_INSERT, wanted)
        found = connection.execute(_STOCK_LOCKED, wanted).scalar_one()
    return int(found)
