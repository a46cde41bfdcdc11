"""What the source of a plugin says of others: whose contracts it imports, and what it calls."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Uses:
    """What a package uses: names that it imports, by module, and names of methods that it calls."""

    imports: Mapping[str, frozenset[str]] = field(default_factory=dict)
    called: frozenset[str] = frozenset()

    def of_contract(self, package: str) -> frozenset[str]:
        """Return what is imported from a package's contract; of a whole module, its own name."""
        contract = f"{package}.contract"
        return frozenset().union(
            *(
                names
                for module, names in self.imports.items()
                if f"{module}.".startswith(f"{contract}.")
            )
        )


def uses(package: str) -> Uses:
    """Return what an importable package uses, without running any of it."""
    imports: dict[str, set[str]] = {}
    called: set[str] = set()
    for file in _files(package):
        try:
            tree = ast.parse(file.read_text(encoding="utf-8"))
        except (OSError, SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    imports.setdefault(alias.name, set()).add(alias.name.rpartition(".")[2])
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    imports.setdefault(node.module, set()).add(alias.name)
                    # `from package import contract` imports that, too.
                    imports.setdefault(f"{node.module}.{alias.name}", set()).add(alias.name)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                called.add(node.func.attr)
    return Uses({name: frozenset(names) for name, names in imports.items()}, frozenset(called))


def unnamed(found: Uses, packages: Mapping[str, str], named: Collection[str]) -> list[str]:
    """Return the plugins whose contracts are used, and that no manifest names.

    `packages` has the plugins by their packages.
    """
    return sorted(
        plugin
        for package, plugin in packages.items()
        if plugin not in named and found.of_contract(package)
    )


def _files(package: str) -> list[Path]:
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        spec = None
    folders = (spec.submodule_search_locations if spec else None) or ()
    return [file for folder in folders for file in sorted(Path(folder).rglob("*.py"))]
