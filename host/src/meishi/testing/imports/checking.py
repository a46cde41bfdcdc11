"""The check as a whole: discover, generate, run, and put what was found in order."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterator, Sequence
from copy import deepcopy
from importlib.metadata import entry_points, packages_distributions, requires

import grimp
from grimp import ImportGraph
from importlinter import configuration
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from meishi.lifecycle.discovery import ENTRY_POINT_GROUP, discover
from meishi.lifecycle.ordering import in_order
from meishi.testing.imports.breaches import Breach, contract_breaches
from meishi.testing.imports.contracts import HOST, contracts
from meishi.testing.imports.parts import PluginPackage
from meishi.testing.imports.source import host_breaches, source_breaches, syntax_breaches


def import_breaches(only: Collection[str] = ()) -> list[Breach]:
    """Return every breach in the host and the installed plugins, or in some packages only.

    No plugin is imported. An import that breaks several rules is reported once. Of a package
    that Python cannot read, nothing else is reported.
    """
    installed = discover()
    packages = [package for item in installed if (package := PluginPackage.of(item))]
    known = {HOST, *(package.name for package in packages)}
    unreadable = [
        breach
        for package in packages
        if package.root != HOST
        for breach in syntax_breaches(package)
    ]
    left_out = {re.split(r"[./]", breach.importer)[0] for breach in unreadable}
    found: dict[tuple[str, int, str], Breach] = {}
    for breach in (
        *(Breach(item.name, 0, "", item.fault) for item in installed if item.fault),
        *(Breach(name, 0, "", "no installed plugin has this package") for name in {*only} - known),
        *unreadable,
        *_all_breaches([package for package in packages if package.name not in left_out]),
    ):
        found.setdefault((breach.importer, breach.line, breach.imported), breach)
    return sorted(
        breach
        for breach in found.values()
        if not only or any(re.match(rf"{re.escape(name)}\b", breach.importer) for name in only)
    )


def _all_breaches(packages: Sequence[PluginPackage]) -> Iterator[Breach]:
    for name, reason in in_order([package.manifest for package in packages])[1].items():
        yield Breach(name, 0, "", reason)
    configuration.configure()
    roots = sorted({HOST, *(package.root for package in packages)})
    graph = grimp.build_graph(*roots, include_external_packages=True, cache_dir=None)
    for contract in contracts(packages):
        check = contract.check(deepcopy(graph), verbose=False)
        yield from contract_breaches(contract, check, graph)
    yield from host_breaches(packages)
    for package in packages:
        yield from source_breaches(package, packages)
        if package.root != HOST:
            yield from _undeclared(package, graph)


def _undeclared(package: PluginPackage, graph: ImportGraph) -> Iterator[Breach]:
    """Yield imports of what neither the package's distribution nor the host's depends on."""
    points = entry_points(group=ENTRY_POINT_GROUP, name=package.manifest.name)
    own = sorted({point.dist.name for point in points if point.dist})
    providers, allowed = packages_distributions(), _dependencies(HOST) | _with_extras(*own)
    for module in sorted({package.name, *graph.find_descendants(package.name)}):
        for imported in sorted(graph.find_modules_directly_imported_by(module)):
            if not graph.is_module_squashed(imported) or imported in sys.stdlib_module_names:
                continue
            names = {canonicalize_name(name) for name in providers.get(imported, [])}
            if not names & allowed:
                details = graph.get_import_details(importer=module, imported=imported)
                rule = f"[dependencies] of {', '.join(own)} must name what is imported"
                yield Breach(module, details[0]["line_number"], imported, rule)


def _with_extras(*distributions: str) -> set[str]:
    """Return the normalised names of what distributions ask for, with each of their extras."""
    texts = [text for name in distributions for text in requires(name) or []]
    return {canonicalize_name(Requirement(text).name) for text in texts}


def _dependencies(*distributions: str) -> set[str]:
    """Return the normalised names of what distributions ask for without extras."""
    wanted = [Requirement(text) for name in distributions for text in requires(name) or []]
    return {
        canonicalize_name(item.name)
        for item in wanted
        if item.marker is None or item.marker.evaluate({"extra": ""})
    }
