"""Rules of the catalogue: classes, search, guides, the data file and its comparison. Pure."""

from rental.catalogue.policy.cautions import for_borrowers
from rental.catalogue.policy.changes import Change, Changes, LoadReport, compare
from rental.catalogue.policy.classes import (
    HYGIENE_SAID,
    Fitting,
    Hygiene,
    fitting_said,
    wants_showing,
)
from rental.catalogue.policy.code_notes import code_note_said
from rental.catalogue.policy.counter_words import counter_words
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
    "HYGIENE_SAID",
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
    "code_note_said",
    "compare",
    "compose",
    "counter_words",
    "fitting_said",
    "fold",
    "for_borrowers",
    "rank",
    "read",
    "wants_showing",
    "words_of",
]
