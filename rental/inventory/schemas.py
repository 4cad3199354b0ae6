"""What the API says of a unit."""

from datetime import date

from pydantic import BaseModel

from rental.inventory.policy import UnitState


class KindOut(BaseModel):
    """What the unit is."""

    id: str
    name: str


class ActionOut(BaseModel):
    """Something the caller may do next."""

    action: str
    method: str
    href: str


class UnitOut(BaseModel):
    """One unit as the caller may see it."""

    code: str
    state: UnitState
    kind: KindOut
    site: str
    zone: str | None
    due_on: date | None
    free_from: date | None
    missing_accessories: list[str]
    actions: list[ActionOut]
