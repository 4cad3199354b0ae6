"""What roles are called, and which of them may do what for whom."""

from rental.foundation.actor import AT_DESK, Role
from rental.foundation.words import N_

ROLE_NAMES: dict[Role, str] = {
    Role.RESIDENT: N_("居民或家属"),
    Role.GRID_WORKER: N_("网格员"),
    Role.CLERK: N_("窗口人员"),
    Role.CLEANER: N_("洗消员"),
    Role.TECHNICIAN: N_("维修员"),
    Role.THERAPIST: N_("康复师"),
    Role.REVIEWER: N_("街道审核"),
    Role.MANAGER: N_("负责人"),
}

#: Who may look any resident up; a grid worker only those of the own grid.
LOOKS_UP_ANYONE = frozenset({Role.CLERK, Role.REVIEWER, Role.MANAGER, Role.THERAPIST})

#: Whom residents' pages are for; a grid worker only sees those of the own grid.
LOOKS_UP = LOOKS_UP_ANYONE | {Role.GRID_WORKER}

#: Who may also do something for any resident; a grid worker only for those of the own grid.
ACTS_FOR_ANYONE = AT_DESK

#: Who registers residents; a grid worker only those of the own grid.
REGISTERS = AT_DESK | {Role.GRID_WORKER}
