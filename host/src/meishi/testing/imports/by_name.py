"""Imports by name at run time, as they stand in the source of one file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

COMPUTED = "name the module, do not compute it"
BY_FILE = "import a module by its name, not from its file"

#: Functions that import, or look up, the module that their first argument names.
_BY_NAME = {
    "builtins.__import__": "name",
    "importlib.__import__": "name",
    "importlib.import_module": "name",
    "importlib.util.find_spec": "name",
    "importlib.util.resolve_name": "name",
    "pkgutil.resolve_name": "name",
    "pkgutil.find_loader": "fullname",
    "pkgutil.get_loader": "module_or_name",
    "runpy.run_module": "mod_name",
    "sys.modules.get": "key",
    "sys.modules.pop": "key",
    "sys.modules.setdefault": "key",
}
#: Functions to which the name means nothing, because the file decides.
_BY_FILE = {
    "importlib.util.spec_from_file_location",
    "importlib.util.spec_from_loader",
    "importlib.machinery.SourceFileLoader",
    "importlib.machinery.SourcelessFileLoader",
    "importlib.machinery.ExtensionFileLoader",
    "runpy.run_path",
}
_MODULES = "sys.modules"
#: What is an import whatever it is an attribute of, and what `getattr` must not reach for.
_ANYWHERE = {"import_module": "name", "__import__": "name"}


@dataclass(frozen=True, slots=True)
class NamedImport:
    """An import by name; `fault` says what is wrong where the name cannot be told."""

    line: int
    name: str
    fault: str = ""


def imports_by_name(tree: ast.Module) -> Iterator[NamedImport]:
    """Yield the imports by functions, under whatever name they are known in the file."""
    known = dict(_bindings(tree))
    used: set[ast.expr] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = _dotted(node.func, known)
            key = _BY_NAME.get(function) or _ANYWHERE.get(function.rpartition(".")[2])
            if key:
                used.update((node.func, *_parts(node.func)))
                yield _named(node.lineno, _argument(node, 0, key), _argument(node, 1, "package"))
            elif function == "getattr" and _text(_argument(node, 1, "")) in _ANYWHERE:
                yield NamedImport(node.lineno, "", COMPUTED)
        elif isinstance(node, ast.Subscript) and _dotted(node.value, known) == _MODULES:
            used.add(node.value)
            yield _named(node.lineno, node.slice)
    yield from _handed_on(tree, known, used)


def _handed_on(
    tree: ast.Module, known: dict[str, str], used: set[ast.expr]
) -> Iterator[NamedImport]:
    """Yield where something that imports is named, but not called on the spot."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Name | ast.Attribute) or node in used:
            continue
        if not isinstance(node.ctx, ast.Load):
            continue
        name = _dotted(node, known)
        if name in _BY_FILE:
            yield NamedImport(node.lineno, "", BY_FILE)
        elif name in _BY_NAME or name == _MODULES:
            yield NamedImport(node.lineno, "", COMPUTED)


def _bindings(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the file's own names for what it imports, with the full names."""
    yield "__import__", "builtins.__import__"
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (top, top)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _dotted(node: ast.expr, known: dict[str, str]) -> str:
    """Return the full name of what an expression refers to; a part that is unknown is empty."""
    if isinstance(node, ast.Name):
        return known.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, known)}.{node.attr}"
    return ""


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    while isinstance(node, ast.Attribute):
        node = node.value
        yield node


def _argument(call: ast.Call, position: int, keyword: str) -> ast.expr | None:
    if len(call.args) > position:
        return call.args[position]
    return next((item.value for item in call.keywords if item.arg == keyword), None)


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _named(line: int, wanted: ast.expr | None, package: ast.expr | None = None) -> NamedImport:
    """Return an import by name; `pkgutil` separates an object from its module by a colon."""
    name, anchor = _text(wanted).partition(":")[0], _text(package)
    if name.startswith(".") and anchor:
        dots = len(name) - len(name.lstrip("."))
        above = anchor.split(".")[: len(anchor.split(".")) - dots + 1]
        name = ".".join((*above, name.lstrip("."))).rstrip(".")
    if not name or name.startswith("."):
        return NamedImport(line, "", COMPUTED)
    return NamedImport(line, name)
