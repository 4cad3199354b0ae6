"""Reads of the wash room: frozen read models go out, rows stay."""

from rental.upkeep.queries import export as export
from rental.upkeep.queries.aside import GO_WITHOUT, GoesWithout, go_without, why_aside
from rental.upkeep.queries.faults import (
    MOST_OPEN_FAULTS,
    FaultNotFound,
    FaultPage,
    FaultView,
    count_open_faults,
    fault,
    fault_open,
    open_faults,
    open_faults_of_site,
)
from rental.upkeep.queries.reported import (
    Reported,
    reported,
    reported_of,
)
from rental.upkeep.queries.turns import (
    STATES_WAITING,
    StepView,
    UpkeepView,
    Waiting,
    WaitingUnit,
    blockers_for,
    count_waiting,
    last_released_at,
    limits,
    open_upkeep,
    release_facts,
    turn_of,
    underway,
    waiting,
)

__all__ = [
    "GO_WITHOUT",
    "MOST_OPEN_FAULTS",
    "STATES_WAITING",
    "FaultNotFound",
    "FaultPage",
    "FaultView",
    "GoesWithout",
    "Reported",
    "StepView",
    "UpkeepView",
    "Waiting",
    "WaitingUnit",
    "blockers_for",
    "count_open_faults",
    "count_waiting",
    "fault",
    "fault_open",
    "go_without",
    "last_released_at",
    "limits",
    "open_faults",
    "open_faults_of_site",
    "open_upkeep",
    "release_facts",
    "reported",
    "reported_of",
    "turn_of",
    "underway",
    "waiting",
    "why_aside",
]
