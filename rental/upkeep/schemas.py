"""What the API takes and says of the wash room."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from rental.inventory.policy import UnitState
from rental.upkeep.policy import Agent, StepKind

Text200 = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
    ),
]
Amount = Annotated[int, Field(ge=1, le=100_000)]


class StepIn(BaseModel):
    """A step that was done; ``agent`` and its strength belong to a disinfection."""

    model_config = ConfigDict(extra="forbid")

    step: StepKind
    passed: bool = True
    agent: Agent | None = None
    concentration_mg_l: Amount | None = None
    contact_minutes: Amount | None = None
    dose: Amount | None = None
    separate_tools: bool = False
    note: Text200 = ""
    missing_accessories: Annotated[list[Text200], Field(max_length=30)] | None = None
    broken: bool = False


class StepOut(BaseModel):
    """Where the unit stands after the step."""

    unit_code: str
    state: UnitState
    steps_left: list[StepKind]


class SetAsideIn(BaseModel):
    """Where a unit goes when it is taken out of service, and why."""

    model_config = ConfigDict(extra="forbid")

    to: Literal[UnitState.REPAIR, UnitState.QUARANTINE, UnitState.SCRAPPED, UnitState.LOST]
    reason: Text200


class SetAsideOut(BaseModel):
    """The unit is out of service; who has no device now must be called."""

    unit_code: str
    state: UnitState
    reservations_without_device: list[str]


class ReleaseOut(BaseModel):
    """The unit is lendable."""

    unit_code: str
    state: UnitState
