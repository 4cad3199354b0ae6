"""Classes that decide how a kind is cleaned and fitted."""

from enum import StrEnum


class Hygiene(StrEnum):
    """How a unit is made clean between two loans (domain.md, section 4)."""

    H1 = "H1"
    H2 = "H2"
    H3 = "H3"
    H4 = "H4"
    H5 = "H5"


class Fitting(StrEnum):
    """What a person needs before taking the kind home (domain.md, section 4)."""

    F0 = "F0"
    F1 = "F1"
    F2 = "F2"
