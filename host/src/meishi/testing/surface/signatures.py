"""Two lines about one object: what of their difference breaks those who use it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from meishi.testing.surface.changes import Change

_LINE = re.compile(r"(?:(?P<marks>.*?) )?(?P<kind>def|fields)(?P<rest>\(.*)")
_VALUE = re.compile(
    r"(?P<kind>property|attribute|fixture(?:\(.*?\))?)(?P<type> (?!= ).*?)?(?: = (?P<value>.*))?"
)
_MARK = re.compile(r"(?P<kind>\w+)(?:\((?:errors=\((?P<errors>.*?),?\))?\))?")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: how it is given, its type and its default as they are written."""

    kind: str
    type: str
    default: str | None

    @property
    def required(self) -> bool:
        """Whether every caller gives it."""
        return self.default is None and self.kind not in {"*", "**"}


@dataclass(frozen=True, slots=True)
class Signature:
    """How something is called: by what marks, with which parameters, with what result."""

    marks: str
    kind: str
    parameters: dict[str, Parameter]
    returns: str

    @classmethod
    def of(cls, line: str) -> Signature:
        """Return what a line says."""
        found = _LINE.fullmatch(line)
        assert found is not None, line
        tree = ast.parse(f"def _{found['rest']}: ...").body[0]
        assert isinstance(tree, ast.FunctionDef)
        returns = ast.unparse(tree.returns) if tree.returns else ""
        parameters = dict(_parameters(tree.args))
        return cls(found["marks"] or "", found["kind"], parameters, returns)


def _parameters(args: ast.arguments) -> Iterator[tuple[str, Parameter]]:
    plain = [*args.posonlyargs, *args.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(args.defaults))
    for place, (item, default) in enumerate(zip(plain, [*defaults, *args.defaults], strict=True)):
        kind = "positional" if place < len(args.posonlyargs) else "positional or keyword"
        yield item.arg, _parameter(kind, item, default)
    if args.vararg:
        yield args.vararg.arg, _parameter("*", args.vararg, None)
    for item, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield item.arg, _parameter("keyword", item, default)
    if args.kwarg:
        yield args.kwarg.arg, _parameter("**", args.kwarg, None)


def _parameter(kind: str, item: ast.arg, default: ast.expr | None) -> Parameter:
    noted = ast.unparse(item.annotation) if item.annotation else ""
    return Parameter(kind, noted, ast.unparse(default) if default else None)


def signature_changes(name: str, old: str, new: str) -> Iterator[Change]:
    """Yield what has changed between two lines about one name."""
    if old == new:
        return
    if _LINE.fullmatch(old) and _LINE.fullmatch(new):
        yield from _call_changes(name, Signature.of(old), Signature.of(new))
    elif old.startswith("class") and new.startswith("class"):
        yield from _base_changes(name, old, new)
    else:
        yield from _value_changes(name, old, new)


def _call_changes(name: str, old: Signature, new: Signature) -> Iterator[Change]:
    if old.kind != new.kind:
        yield Change(name, f"was `{old.kind}`, is `{new.kind}`", breaking=True)
    yield from _mark_changes(name, old.marks, new.marks)
    hook = old.marks == "hook" == new.marks
    yield from _parameter_changes(name, old, new, hook=hook)
    if old.returns != new.returns:
        fine = widened if hook else narrowed
        what = f"returned `{old.returns}`, returns `{new.returns}`"
        yield Change(name, what, breaking=not fine(old.returns, new.returns))


def _parameter_changes(
    name: str, old: Signature, new: Signature, *, hook: bool
) -> Iterator[Change]:
    """Yield changes of parameters: a hook is called by the host, with what it names of them."""
    fine = narrowed if hook else same if old.kind == "fields" else widened
    for key in old.parameters.keys() - new.parameters.keys():
        yield Change(name, f"`{key}` is gone", breaking=True)
    for key, item in new.parameters.items():
        if key not in old.parameters:
            needed = " and has to be given" if item.required else ""
            yield Change(name, f"`{key}` is new{needed}", breaking=item.required and not hook)
        else:
            yield from _parameter_change(name, key, old.parameters[key], item, fine)
    shared = [key for key in old.parameters if key in new.parameters and _placed(old, key)]
    if shared != [key for key in new.parameters if key in shared]:
        yield Change(name, "its positional parameters have another order", breaking=True)
    elif _pushed_back(old, new):
        yield Change(name, "a new parameter stands before those given by place", breaking=True)


def _placed(signature: Signature, key: str) -> bool:
    return signature.parameters[key].kind.startswith("positional")


def _pushed_back(old: Signature, new: Signature) -> bool:
    """Whether what callers give by its place arrives elsewhere now."""
    places = [key for key in new.parameters if _placed(new, key)]
    return any(
        key in places and places.index(key) > place
        for place, key in enumerate(key for key in old.parameters if _placed(old, key))
    )


def _parameter_change(
    name: str, key: str, old: Parameter, new: Parameter, fine: Callable[[str, str], bool]
) -> Iterator[Change]:
    if old.kind != new.kind:
        more = new.kind == "positional or keyword" and old.kind in {"positional", "keyword"}
        what = f"`{key}` was {old.kind}, is {new.kind}"
        yield Change(name, what, breaking=not more)
    if old.type != new.type:
        what = f"`{key}` was `{old.type}`, is `{new.type}`"
        yield Change(name, what, breaking=not fine(old.type, new.type))
    if old.default is None and new.default is not None:
        yield Change(name, f"`{key}` may be left out", breaking=False)
    elif old.default != new.default:
        is_now = "has to be given" if new.default is None else f"is {new.default} by default"
        yield Change(name, f"`{key}` {is_now}, and was {old.default}", breaking=True)


def _mark_changes(name: str, old: str, new: str) -> Iterator[Change]:
    if old == new:
        return
    before, after = _MARK.fullmatch(old), _MARK.fullmatch(new)
    if before is None or after is None or before["kind"] != after["kind"]:
        yield Change(name, f"was marked `{old}`, is marked `{new}`", breaking=True)
        return
    errors, now = _errors(before), _errors(after)
    for error in sorted(now - errors):
        yield Change(name, f"may end with {error}, which callers do not expect", breaking=True)
    for error in sorted(errors - now):
        yield Change(name, f"does not end with {error} any more", breaking=False)


def _errors(found: re.Match[str]) -> set[str]:
    return {error.strip() for error in (found["errors"] or "").split(",")} - {""}


def _base_changes(name: str, old: str, new: str) -> Iterator[Change]:
    before, after = _bases(old), _bases(new)
    for base in sorted(before - after):
        yield Change(name, f"is no {base} any more", breaking=True)
    for base in sorted(after - before):
        yield Change(name, f"is a {base} now", breaking=False)


def _bases(line: str) -> set[str]:
    call = ast.parse(f"_{line.removeprefix('class') or '()'}", mode="eval").body
    assert isinstance(call, ast.Call)
    return {ast.unparse(base) for base in call.args}


def _value_changes(name: str, old: str, new: str) -> Iterator[Change]:
    before, after = _VALUE.fullmatch(old), _VALUE.fullmatch(new)
    if before is None or after is None or before["kind"] != after["kind"]:
        yield Change(name, f"was `{old}`, is `{new}`", breaking=True)
        return
    if before["type"] != after["type"]:
        types = (before["type"] or "").strip(), (after["type"] or "").strip()
        fine = before["kind"] != "attribute" and narrowed(*types)
        yield Change(name, f"was `{types[0]}`, is `{types[1]}`", breaking=not fine)
    if before["value"] != after["value"]:
        what = f"was {before['value']}, is {after['value']}"
        yield Change(name, what, breaking=before["value"] is not None)


def same(old: str, new: str) -> bool:
    """Whether two types are written alike."""
    return _alternatives(old) == _alternatives(new)


def widened(old: str, new: str) -> bool:
    """Whether a type takes all that it took."""
    return _alternatives(old) <= _alternatives(new)


def narrowed(old: str, new: str) -> bool:
    """Whether a type is nothing that it was not."""
    return _alternatives(new) <= _alternatives(old)


def _alternatives(written: str) -> set[str]:
    """Return what stands between the bars of a type."""
    if not written:
        return set()
    found, waiting = set(), [ast.parse(written, mode="eval").body]
    while waiting:
        item = waiting.pop()
        if isinstance(item, ast.BinOp) and isinstance(item.op, ast.BitOr):
            waiting += [item.left, item.right]
        else:
            found.add(ast.unparse(item))
    return found
