"""What no graph of imports shows: imports by name at run time, test folders, stray folders."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import meishi
from meishi.testing.imports.breaches import Breach
from meishi.testing.imports.by_name import imports_by_name
from meishi.testing.imports.contracts import HOST, NO_PLUGIN, SDK
from meishi.testing.imports.parts import PluginPackage

TESTING = f"{HOST}.testing"


def source_breaches(package: PluginPackage, packages: Sequence[PluginPackage]) -> Iterator[Breach]:
    """Yield the breaches in a package's files, and in its tests where they stand beside it."""
    for file in sorted(package.folder.rglob("*.py")):
        module = ".".join((package.name, *file.relative_to(package.folder).with_suffix("").parts))
        if not (file.parent / "__init__.py").exists():
            yield Breach(module, 0, "", "a folder of modules needs an __init__.py to be checked")
        tree = _parsed(file)
        for found in imports_by_name(tree):
            rule = found.fault or _fault(found.name, package, packages)
            if rule:
                yield Breach(module, found.line, found.name, rule)
        if file == package.folder / "__init__.py":
            for line, name in _imports(tree):
                rule = "it is run with every import of the contract, so it imports nothing"
                yield Breach(package.name, line, name, rule)
    yield from _test_breaches(package, packages)


def syntax_breaches(package: PluginPackage) -> Iterator[Breach]:
    """Yield the files of a package, and of its tests, that Python could not read either."""
    tests = _tests(package)
    yield from _unreadable(package.folder, package.name)
    if tests is not None:
        yield from _unreadable(tests, f"{package.name}/tests")


def host_breaches(packages: Sequence[PluginPackage]) -> Iterator[Breach]:
    """Yield where the host names a plugin's module at run time; it may compute names."""
    root = Path(meishi.__file__).parent
    built_in = [package.folder for package in packages if package.root == HOST]
    for file in sorted(root.rglob("*.py")):
        if any(file.is_relative_to(folder) for folder in built_in):
            continue
        for found in imports_by_name(_parsed(file)):
            for package in packages:
                if package.root != HOST and _inside(found.name, package.name):
                    module = ".".join((HOST, *file.relative_to(root).with_suffix("").parts))
                    yield Breach(module, found.line, found.name, NO_PLUGIN)


def _test_breaches(package: PluginPackage, packages: Sequence[PluginPackage]) -> Iterator[Breach]:
    """Yield the breaches in tests, which a source tree has beside its folder `src`."""
    folder = _tests(package)
    if folder is None:
        return
    for file in sorted(folder.rglob("*.py")):
        tree = _parsed(file)
        named = ((found.line, found.name) for found in imports_by_name(tree))
        for line, name in (*_imports(tree), *named):
            if name and not _inside(name, TESTING):
                rule = _fault(name, package, packages)
                if rule:
                    place = f"{package.name}/tests/{file.relative_to(folder)}"
                    yield Breach(place, line, name, f"{rule} (tests also {TESTING})")


def _unreadable(folder: Path, name: str) -> Iterator[Breach]:
    for file in sorted(folder.rglob("*.py")):
        try:
            _parsed(file)
        except (SyntaxError, ValueError) as error:
            module = ".".join((name, *file.relative_to(folder).with_suffix("").parts))
            line = (error.lineno or 0) if isinstance(error, SyntaxError) else 0
            reason = " ".join(str(error).split())
            yield Breach(module, line, "", f"Python must be able to read it: {reason}")


def _tests(package: PluginPackage) -> Path | None:
    """Return where a package's tests are; None where it is not a source tree's."""
    beside_src = package.folder.parent.name == "src"
    return package.folder.parents[1] / "tests" if beside_src else None


def _fault(name: str, package: PluginPackage, packages: Sequence[PluginPackage]) -> str:
    """Say what forbids an import from a package; empty if nothing does."""
    if _inside(name, package.name) or _inside(name, SDK):
        return ""
    for other in packages:
        if package.root == HOST != other.root and _inside(name, other.name):
            return NO_PLUGIN
        if _inside(name, f"{other.name}.contract"):
            if package.manifest.names(other.manifest.name):
                return ""
            return f"[requires] in plugin.toml must name {other.manifest.name}"
        if _inside(name, other.name):
            return f"of another plugin, import the contract only: {other.name}.contract"
    return f"of the host, import {SDK} only" if _inside(name, HOST) else ""


def _inside(name: str, package: str) -> bool:
    return f"{name}.".startswith(f"{package}.")


def _parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and name of import statements; what is relative stays in its own folder."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            start = "." * node.level + (node.module or "")
            joint = "" if start.endswith(".") else "."
            yield from ((node.lineno, f"{start}{joint}{alias.name}") for alias in node.names)
