"""A public object in one line: what kind it is, and what its users have to know of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import griffe

#: How a contract's method is called, and what a hook is told by.
_MARKS = ("query", "command", "atomic")
_FIXTURE = "pytest.fixture"


def described(path: str, item: griffe.Object | griffe.Alias) -> Iterator[tuple[str, str]]:
    """Yield an object's path and line, and those of what is public in it."""
    import griffe

    target = item.final_target if isinstance(item, griffe.Alias) else item
    if isinstance(target, griffe.Class):
        yield path, _class_line(target)
        yield from _members(path, target)
    elif isinstance(target, griffe.Function):
        yield path, _function_line(target)
    elif isinstance(target, griffe.Attribute):
        yield path, _attribute_line(target)
    else:
        yield path, target.kind.value


def _class_line(item: griffe.Class) -> str:
    bases = ", ".join(str(base) for base in item.bases)
    return f"class({bases})" if bases else "class"


def _members(path: str, item: griffe.Class) -> Iterator[tuple[str, str]]:
    """Yield what is public in a class; the fields of a dataclass are one line."""
    import griffe

    fields: set[str] = set()
    making = item.all_members.get("__init__")
    made = making.final_target if isinstance(making, griffe.Alias) else making
    if isinstance(made, griffe.Function):
        line = _function_line(made)
        if "dataclass" in item.labels:
            fields = {parameter.name for parameter in made.parameters}
            line = line.replace("def(self, ", "fields(").replace("def(self", "fields(")
            line = line.removesuffix(" -> None")
        yield f"{path}.__init__", line
    for name, member in sorted(item.all_members.items()):
        if not name.startswith("_") and name not in fields:
            yield from described(f"{path}.{name}", member)


def _function_line(item: griffe.Function) -> str:
    decorators = [str(decorator.value) for decorator in item.decorators]
    returns = f" -> {item.returns}" if item.returns is not None else ""
    for decorator in decorators:
        if decorator.split("(")[0] == _FIXTURE:
            return f"fixture{decorator.removeprefix(_FIXTURE)}{returns}"
    words = [mark for mark in decorators if mark.split("(")[0] in _MARKS]
    words += ["hook" for mark in decorators if mark.split("(")[0] == "hookspec"]
    words += [mark for mark in ("staticmethod", "classmethod") if mark in decorators]
    words += ["async"] if "async" in item.labels else []
    return " ".join([*words, f"def({', '.join(_parameters(item))}){returns}"])


def _parameters(item: griffe.Function) -> Iterator[str]:
    """Yield the parameters as they are written, with the bare `/` and `*` between them."""
    kinds: Sequence[str] = [
        parameter.kind.value if parameter.kind else "" for parameter in item.parameters
    ]
    for place, parameter in enumerate(item.parameters):
        before = kinds[place - 1] if place else ""
        if before == "positional-only" != kinds[place]:
            yield "/"
        if kinds[place] == "keyword-only" and before not in {"keyword-only", "variadic positional"}:
            yield "*"
        stars = {"variadic positional": "*", "variadic keyword": "**"}.get(kinds[place], "")
        noted = f": {parameter.annotation}" if parameter.annotation is not None else ""
        default = parameter.default if not stars else None
        preset = "" if default is None else f" = {default}" if noted else f"={default}"
        yield f"{stars}{parameter.name}{noted}{preset}"
    if kinds and kinds[-1] == "positional-only":
        yield "/"


def _attribute_line(item: griffe.Attribute) -> str:
    kind = "property" if "property" in item.labels else "attribute"
    noted = f" {item.annotation}" if item.annotation is not None else ""
    # A title is for people to read, and may be worded otherwise.
    value = "" if item.value is None or item.name == "title" else str(item.value)
    return f"{kind}{noted}{f' = {value}' if _is_plain(value) else ''}"


def _is_plain(value: str) -> bool:
    """Whether a value is a literal, which others may have written down as well."""
    try:
        ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return False
    return True
