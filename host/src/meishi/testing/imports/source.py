"""What no graph of imports shows: imports by name at run time, test folders, stray folders."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

from meishi.testing.imports.breaches import Breach
from meishi.testing.imports.contracts import HOST, SDK
from meishi.testing.imports.parts import PluginPackage

TESTING = f"{HOST}.testing"
_IMPORTERS = ("__import__", "import_module")


def source_breaches(package: PluginPackage, packages: Sequence[PluginPackage]) -> Iterator[Breach]:
    """Yield the breaches in a package's files, and in its tests where they stand beside it."""
    for file in sorted(package.folder.rglob("*.py")):
        module = ".".join((package.name, *file.relative_to(package.folder).with_suffix("").parts))
        if not (file.parent / "__init__.py").exists():
            yield Breach(module, 0, "", "a folder of modules needs an __init__.py to be checked")
        for line, name in _run_time_imports(file):
            rule = _fault(name, package, packages) if name else "name the module, do not compute it"
            if rule:
                yield Breach(module, line, name, rule)
    yield from _test_breaches(package, packages)


def _test_breaches(package: PluginPackage, packages: Sequence[PluginPackage]) -> Iterator[Breach]:
    """Yield the breaches in tests, which a source tree has beside its folder `src`."""
    if package.folder.parent.name != "src":
        return
    folder = package.folder.parents[1] / "tests"
    for file in sorted(folder.rglob("*.py")):
        for line, name in (*_imports(file), *_run_time_imports(file)):
            if name and not _inside(name, TESTING):
                rule = _fault(name, package, packages)
                if rule:
                    place = f"{package.name}/tests/{file.relative_to(folder)}"
                    yield Breach(place, line, name, f"{rule} (tests also {TESTING})")


def _fault(name: str, package: PluginPackage, packages: Sequence[PluginPackage]) -> str:
    """Say what forbids an import from a package; empty if nothing does."""
    if _inside(name, package.name) or _inside(name, SDK):
        return ""
    for other in packages:
        if _inside(name, f"{other.name}.contract"):
            if other.manifest.name in package.manifest.requires:
                return ""
            return f"[requires] in plugin.toml must name {other.manifest.name}"
        if _inside(name, other.name):
            return f"of another plugin, import the contract only: {other.name}.contract"
    return f"of the host, import {SDK} only" if _inside(name, HOST) else ""


def _inside(name: str, package: str) -> bool:
    return f"{name}.".startswith(f"{package}.")


def _imports(file: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _run_time_imports(file: Path) -> Iterator[tuple[int, str]]:
    """Yield line and name of imports by function; the name is empty if it is computed."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args:
            function = node.func
            called = getattr(function, "attr", None) or getattr(function, "id", None)
            if called in _IMPORTERS:
                wanted = node.args[0]
                yield node.lineno, str(wanted.value) if isinstance(wanted, ast.Constant) else ""
