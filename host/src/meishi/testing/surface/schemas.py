"""JSON schemas of the web API: what of their difference breaks those who send or read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

from meishi.testing.surface.changes import Change

Json = Mapping[str, Any]
Found = tuple[str, bool]

#: Bounds of what may be sent, and whether more of it is stricter.
_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_EXACT = ("format", "pattern", "additionalProperties", "uniqueItems", "const", "multipleOf")
_CHOICES = ("anyOf", "oneOf", "allOf")


class Direction(Enum):
    """Who writes a value: callers, who may not be asked for more, or we, who keep our word.

    What we refuse with may have fewer reasons than before.
    """

    SENT = "what is sent"
    ANSWERED = "what is answered"
    REFUSED = "what is refused"


class SchemaComparison:
    """The schemas of two documents; shared ones are compared once, under their own names."""

    def __init__(self, old: Json, new: Json) -> None:
        self._old = old
        self._new = new
        self._shared: list[tuple[str, Direction]] = []

    def old_item(self, node: Any) -> Json:
        """Return what a node of the old document is, or refers to."""
        return _resolved(self._old, node)

    def new_item(self, node: Any) -> Json:
        """Return what a node of the new document is, or refers to."""
        return _resolved(self._new, node)

    def old_items(self, nodes: Sequence[Any]) -> Iterator[Json]:
        """Yield what nodes of the old document are, or refer to."""
        return (self.old_item(node) for node in nodes)

    def new_items(self, nodes: Sequence[Any]) -> Iterator[Json]:
        """Yield what nodes of the new document are, or refer to."""
        return (self.new_item(node) for node in nodes)

    def shared_changes(self) -> Iterator[Change]:
        """Yield changes of the shared schemas that `changes` has met, and of those they have."""
        for name, direction in self._shared:  # it grows meanwhile
            place = f"schema {name}"
            old, new = ({"$ref": f"#/components/schemas/{name}"},) * 2
            for what, breaking in self._inner(self.old_item(old), self.new_item(new), direction):
                yield Change(place, f"{direction.value}{what}", breaking=breaking)

    def changes(self, old: Any, new: Any, direction: Direction) -> Iterator[Found]:
        """Yield what has changed, as the rest of a sentence, and whether that breaks."""
        reference = _reference(old)
        if reference and reference == _reference(new):
            name = reference.rpartition("/")[2]
            if (name, direction) not in self._shared:
                self._shared.append((name, direction))
            yield from self._inner(_beside(old), _beside(new), direction)
        else:
            before = {**self.old_item(old), **_beside(old)}
            yield from self._inner(before, {**self.new_item(new), **_beside(new)}, direction)

    def _inner(self, old: Json, new: Json, direction: Direction) -> Iterator[Found]:
        yield from _type_changes(old, new, direction)
        yield from _enum_changes(old, new, direction)
        if direction is Direction.SENT:
            yield from _bound_changes(old, new)
        for key in _EXACT:
            if old.get(key) != new.get(key):
                loose = direction is Direction.SENT and key not in new
                yield f": `{key}` was {old.get(key)}, is {new.get(key)}", not loose
        yield from self._property_changes(old, new, direction)
        if "items" in old and "items" in new:
            for what, breaking in self.changes(old["items"], new["items"], direction):
                yield f", each{what}", breaking
        for key in _CHOICES:
            yield from self._choice_changes(key, old.get(key, []), new.get(key, []), direction)

    def _property_changes(self, old: Json, new: Json, direction: Direction) -> Iterator[Found]:
        before, after = old.get("properties", {}), new.get("properties", {})
        needed, needed_now = set(old.get("required", [])), set(new.get("required", []))
        sent = direction is Direction.SENT
        for key in sorted(before.keys() | after.keys()):
            if key not in after:
                yield f": `{key}` is gone", True
            elif key not in before:
                more = " and has to be given" if sent and key in needed_now else ""
                yield f": `{key}` is new{more}", bool(more)
            else:
                if (key in needed) != (key in needed_now):
                    word = "has to be there" if key in needed_now else "may be missing"
                    yield f": `{key}` {word}", sent == (key in needed_now)
                for what, breaking in self.changes(before[key], after[key], direction):
                    yield f": `{key}`{what}", breaking

    def _choice_changes(
        self, key: str, old: Sequence[Any], new: Sequence[Any], direction: Direction
    ) -> Iterator[Found]:
        if len(old) == len(new):
            for was, now in zip(old, new, strict=True):
                yield from self.changes(was, now, direction)
        else:
            yield f": `{key}` had {len(old)} choices, has {len(new)}", True


def _resolved(document: Json, node: Any) -> Json:
    """Return a node, or what its reference leads to."""
    found: Any = node
    while isinstance(found, Mapping) and "$ref" in found:
        reference = found["$ref"]
        found = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
    return found if isinstance(found, Mapping) else {}


def _reference(node: Any) -> str:
    """Return where a node leads to, if it does."""
    return str(node.get("$ref", "")) if isinstance(node, Mapping) else ""


def _beside(node: Any) -> Json:
    """Return what a node says beside its reference."""
    found: Json = node if isinstance(node, Mapping) else {}
    return {key: value for key, value in found.items() if key != "$ref"}


def _type_changes(old: Json, new: Json, direction: Direction) -> Iterator[Found]:
    before, after = _types(old), _types(new)
    if before != after:
        fine = before <= after if direction is Direction.SENT else after <= before
        yield f" was {_told(before)}, is {_told(after)}", not (fine and before and after)


def _types(schema: Json) -> set[str]:
    found = schema.get("type", [])
    return {found} if isinstance(found, str) else set(found)


def _told(types: set[str]) -> str:
    return " or ".join(sorted(types)) or "anything"


def _enum_changes(old: Json, new: Json, direction: Direction) -> Iterator[Found]:
    before, after = _values(old), _values(new)
    if before is None or after is None:
        if before is not after:
            yield f" may be {'anything' if after is None else 'some values only'}", True
        return
    for value in sorted(before - after):
        yield f" is never `{value}` any more", direction is not Direction.REFUSED
    for value in sorted(after - before):
        yield f" may be `{value}`", False


def _values(schema: Json) -> set[str] | None:
    return {str(value) for value in schema["enum"]} if "enum" in schema else None


def _bound_changes(old: Json, new: Json) -> Iterator[Found]:
    for keys, sign in ((_LEAST, 1), (_MOST, -1)):
        for key in keys:
            was, now = old.get(key), new.get(key)
            if was != now:
                stricter = now is not None and (was is None or (now - was) * sign > 0)
                yield f": `{key}` was {was}, is {now}", stricter
