"""Whether a package's imports keep to the boundaries that its manifest draws.

The contracts are generated from the manifests of all installed plugins and run by
import-linter; what a graph of imports cannot show is found in the source. `python -m
meishi.testing.imports [PACKAGE ...]` prints one line per breach.
"""

from meishi.testing.imports.breaches import Breach
from meishi.testing.imports.checking import import_breaches

__all__ = ["Breach", "import_breaches"]
