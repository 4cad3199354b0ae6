"""Changing the catalogue: loading a data file, editing a guide."""

from rental.catalogue.service.guide import GuideTooLong, set_guide
from rental.catalogue.service.load import CatalogueMovedOn, load, preview, refresh_words

__all__ = ["CatalogueMovedOn", "GuideTooLong", "load", "preview", "refresh_words", "set_guide"]
