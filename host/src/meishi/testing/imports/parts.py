"""The parts of a package that are checked: which modules it has, and what each may do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from meishi.lifecycle.discovery import FoundPlugin
from meishi.lifecycle.manifest import Manifest

#: Where HTTP, pages, events and commands enter a package.
ENTRIES = ("routes", "pages", "subscribers", "jobs", "cli")
#: What implements the contract; `importing` is a long procedure of the service.
RULES = ("service", "importing")
#: What knows tables; `rows` maps between them and the contract's records.
STORAGE = ("repository", "rows", "models")
#: The modules that every package may have, from what knows most to what knows least. Any
#: other module is pure: it stands in one layer above the contract and knows no framework.
LAYERS = (("plugin",), ENTRIES, ("schemas", "settings"), *((name,) for name in (*RULES, *STORAGE)))
LOWEST = ("contract", "migrations")

_NAMED = {*(name for layer in LAYERS for name in layer), *LOWEST}


@dataclass(frozen=True, slots=True)
class PluginPackage:
    """A plugin's package as its files show it, without importing anything."""

    manifest: Manifest
    name: str
    folder: Path

    @classmethod
    def of(cls, found: FoundPlugin) -> PluginPackage | None:
        """Return the package of a plugin; None for parts of the host that offer no contract."""
        if found.manifest is None or found.folder is None:
            return None
        package = cls(found.manifest, found.module.rpartition(".")[0], found.folder)
        return package if "contract" in package.children() or not found.built_in else None

    @property
    def root(self) -> str:
        """The top-level package."""
        return self.name.partition(".")[0]

    def children(self) -> frozenset[str]:
        """Return the names of modules and packages directly inside."""
        modules = {file.stem for file in self.folder.glob("*.py")} - {"__init__"}
        return frozenset(modules | {file.parent.name for file in self.folder.glob("*/__init__.py")})

    def modules(self, *names: str) -> list[str]:
        """Return the full names of those modules that exist."""
        return [f"{self.name}.{name}" for name in names if name in self.children()]

    def pure_modules(self) -> list[str]:
        """Return the names of the modules that have no part of their own."""
        return sorted(self.children() - _NAMED)

    def layers(self) -> Iterator[str]:
        """Yield the package's layers in import-linter's notation, highest first."""
        children = self.children()
        for names, separator in (
            *((layer, " | ") for layer in LAYERS),
            (self.pure_modules(), " : "),
            (LOWEST, " | "),
        ):
            present = [name for name in names if name in children]
            if present:
                yield separator.join(present)
