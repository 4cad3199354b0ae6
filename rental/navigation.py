"""The main navigation: which entry leads where, and who gets to see it."""

from rental.foundation.actor import HANDLES_UNITS, KNOWS_PEOPLE, OF_THE_POINT, REVIEWS, STAFF, Role
from rental.foundation.words import N_
from rental.web.pages import Entry


def navigation() -> list[Entry]:
    """Return the entries in the order they are shown."""
    return [
        Entry(N_("首页"), "/"),
        Entry(N_("能不能借"), "/eligibility", hidden_from=STAFF),
        Entry(N_("找器具"), "/catalogue"),
        Entry(N_("我的租借"), "/my", signed_in=True, hidden_from=STAFF),
        Entry(N_("窗口"), "/desk", roles=OF_THE_POINT),
        Entry(N_("租借"), "/loans", roles=KNOWS_PEOPLE),
        Entry(N_("居民"), "/people", roles=KNOWS_PEOPLE | {Role.GRID_WORKER, Role.REVIEWER}),
        Entry(N_("器具"), "/units", roles=OF_THE_POINT),
        Entry(N_("洗消检修"), "/upkeep", roles=HANDLES_UNITS),
        Entry(N_("资格审核"), "/review", roles=REVIEWS),
        Entry(N_("管理"), "/manage", roles=frozenset({Role.MANAGER})),
    ]
