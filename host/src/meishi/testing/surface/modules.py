"""Which modules are public: those that plugins may import of the host, and every contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pkgutil import iter_modules

from meishi.lifecycle.discovery import discover
from meishi.testing.imports.parts import PluginPackage

HOST = "meishi"
_HOST_MODULES = ("meishi.hookspecs", "meishi.sdk")
_TESTING = "meishi.testing"


def public_modules() -> Mapping[str, tuple[str, ...]]:
    """Return the public modules of the host and of every installed plugin, by their package."""
    packages = [package for found in discover() if (package := PluginPackage.of(found))]
    found: dict[str, list[str]] = {HOST: [*_HOST_MODULES, *_inside("meishi.sdk"), _TESTING]}
    found[HOST] += _inside(_TESTING)
    for package in packages:
        found.setdefault(package.root, []).extend(package.modules("contract"))
    return {root: tuple(sorted(modules)) for root, modules in found.items()}


def _inside(package: str) -> Iterator[str]:
    """Yield the modules of a package of the host; of one inside of it, its face alone."""
    from importlib.util import find_spec

    spec = find_spec(package)
    assert spec is not None
    for module in iter_modules(spec.submodule_search_locations):
        if not module.name.startswith("_"):
            yield f"{package}.{module.name}"
