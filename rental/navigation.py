"""The main navigation: which entry leads where, and who gets to see it."""

from rental.foundation.actor import STAFF, Role
from rental.foundation.words import N_
from rental.web.pages import Entry

_DESK = frozenset({Role.CLERK, Role.MANAGER, Role.THERAPIST})
_WASH = frozenset({Role.CLEANER, Role.TECHNICIAN, Role.MANAGER, Role.CLERK})


def navigation() -> list[Entry]:
    """Return the entries in the order they are shown."""
    return [
        Entry(N_("首页"), "/"),
        Entry(N_("能不能借"), "/eligibility", hidden_from=STAFF),
        Entry(N_("找器具"), "/catalogue"),
        Entry(N_("我的租借"), "/my", signed_in=True, hidden_from=STAFF),
        Entry(N_("窗口"), "/desk", roles=_DESK | _WASH),
        Entry(N_("租借"), "/loans", roles=_DESK),
        Entry(N_("居民"), "/people", roles=_DESK | {Role.GRID_WORKER, Role.REVIEWER}),
        Entry(N_("器具"), "/units", roles=_DESK | _WASH),
        Entry(N_("洗消检修"), "/upkeep", roles=_WASH),
        Entry(N_("资格审核"), "/review", roles=frozenset({Role.REVIEWER, Role.MANAGER})),
        Entry(N_("管理"), "/manage", roles=frozenset({Role.MANAGER})),
    ]
