"""Changing the catalogue: loading a data file, editing a guide."""

from rental.catalogue.service.guide import GuideTooLong, set_guide
from rental.catalogue.service.load import CatalogueMovedOn, load, preview

__all__ = ["CatalogueMovedOn", "GuideTooLong", "load", "preview", "set_guide"]
