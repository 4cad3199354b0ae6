"""JSON of a scan."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class ScanIn(BaseModel):
    """What was scanned or typed: a code, or an address that ends with one."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(min_length=1, max_length=200)]


class ActionOut(BaseModel):
    """Something this caller may do next."""

    action: str
    method: str
    href: str


class ScanOut(BaseModel):
    """What the code is and what may be done next.

    ``type`` is unit, resident, document, zone or command; ``document`` says which document.
    """

    type: str
    code: str
    document: str | None = None
    state: str | None = None
    href: str | None
    actions: list[ActionOut]
