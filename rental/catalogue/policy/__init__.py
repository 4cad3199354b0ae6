"""Rules of the catalogue: classes, search, guides, the data file and its comparison. Pure."""

from rental.catalogue.policy.cautions import for_borrowers
from rental.catalogue.policy.changes import Change, Changes, LoadReport, compare
from rental.catalogue.policy.classes import Fitting, Hygiene
from rental.catalogue.policy.data_file import (
    CatalogueFile,
    CatalogueFileWrong,
    Fault,
    as_data,
    check,
    read,
)
from rental.catalogue.policy.guide import Guidance, compose
from rental.catalogue.policy.search import Searchable, fold, rank, words_of

__all__ = [
    "CatalogueFile",
    "CatalogueFileWrong",
    "Change",
    "Changes",
    "Fault",
    "Fitting",
    "Guidance",
    "Hygiene",
    "LoadReport",
    "Searchable",
    "as_data",
    "check",
    "compare",
    "compose",
    "fold",
    "for_borrowers",
    "rank",
    "read",
    "words_of",
]
