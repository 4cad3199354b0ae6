"""The main navigation: which entry leads where, and who gets to see it."""

from flask_babel import lazy_gettext as _l

from rental.foundation.actor import STAFF, Role
from rental.web.pages import Entry

_DESK = frozenset({Role.CLERK, Role.MANAGER, Role.THERAPIST})
_WASH = frozenset({Role.CLEANER, Role.TECHNICIAN, Role.MANAGER, Role.CLERK})


def navigation() -> list[Entry]:
    """Return the entries in the order they are shown."""
    return [
        Entry(_l("首页"), "/"),
        Entry(_l("能不能借"), "/eligibility", hidden_from=STAFF),
        Entry(_l("找器具"), "/catalogue"),
        Entry(_l("我的租借"), "/my", signed_in=True, hidden_from=STAFF),
        Entry(_l("窗口"), "/desk", roles=_DESK | _WASH),
        Entry(_l("租借"), "/loans", roles=_DESK),
        Entry(_l("居民"), "/people", roles=_DESK | {Role.GRID_WORKER, Role.REVIEWER}),
        Entry(_l("器具"), "/units", roles=_DESK | _WASH),
        Entry(_l("洗消检修"), "/upkeep", roles=_WASH),
        Entry(_l("资格审核"), "/review", roles=frozenset({Role.REVIEWER, Role.MANAGER})),
        Entry(_l("管理"), "/manage", roles=frozenset({Role.MANAGER})),
    ]
