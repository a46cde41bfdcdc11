"""Texts of packages, and whether their catalogues have them all."""

from meishi.testing.texts.checking import catalogue_faults
from meishi.testing.texts.updating import Source, sources, update

__all__ = ["Source", "catalogue_faults", "sources", "update"]
