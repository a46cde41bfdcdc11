"""What values of a schema are, said in a few words that link to other schemas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from meishi.http.docs.document import Document, Json, as_list, as_object, as_text

#: How deep a type is spelled out: `array of array of …`.
_DEPTH = 6

_OF_OBJECTS = frozenset({"properties", "patternProperties", "additionalProperties", "required"})
_COMBINATIONS = (("oneOf", " or "), ("anyOf", " or "), ("allOf", " and "))
_JSON_TYPES = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"))


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a type's name; with an anchor it is a link to a schema."""

    text: str
    anchor: str = ""


TypeName = tuple[Segment, ...]


def type_name(document: Document, schema: object, depth: int = 0) -> TypeName:
    """Return the name of a schema's type: `array of Contact`, `string (uuid) or null`."""
    if isinstance(schema, bool):
        return (Segment("any" if schema else "nothing"),)
    name = document.schema_name(schema)
    if name is not None:
        return (Segment(name, document.schema_anchors[name]),)
    if depth > _DEPTH:
        return (Segment("…"),)
    resolved = document.resolve(schema)
    combined = tuple(_combined(document, resolved, depth))
    if combined:
        return combined
    return _joined(" or ", [_simple(document, resolved, kind, depth) for kind in kinds(resolved)])


def kinds(schema: Json) -> list[str]:
    """Return the JSON types of a schema, from its `type` or from what else it says."""
    said = schema.get("type")
    if said:
        return [as_text(kind) for kind in (said if isinstance(said, list) else [said])]
    if "const" in schema or as_list(schema.get("enum")):
        values = as_list(schema.get("enum")) or [schema.get("const")]
        return list(dict.fromkeys(_kind_of(value) for value in values))
    if not _OF_OBJECTS.isdisjoint(schema):
        return ["object"]
    return ["array"] if "items" in schema or "prefixItems" in schema else ["any"]


def _kind_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, list):
        return "array"
    return next((name for kind, name in _JSON_TYPES if isinstance(value, kind)), "object")


def _combined(document: Document, schema: Json, depth: int) -> Iterator[Segment]:
    for keyword, word in _COMBINATIONS:
        parts = [type_name(document, part, depth + 1) for part in as_list(schema.get(keyword))]
        if parts:
            yield from _joined(word, list(dict.fromkeys(parts)))
            return


def _simple(document: Document, schema: Json, kind: str, depth: int) -> TypeName:
    if kind == "array" and schema.get("items") is not None:
        return (Segment("array of "), *type_name(document, schema["items"], depth + 1))
    others = schema.get("additionalProperties")
    if kind == "object" and as_object(others) and not schema.get("properties"):
        return (Segment("map of "), *type_name(document, others, depth + 1))
    form = as_text(schema.get("format"))
    return (Segment(f"{kind} ({form})" if form and kind not in {"null", "any"} else kind),)


def _joined(word: str, names: list[TypeName]) -> TypeName:
    first, *rest = names or [(Segment("any"),)]
    return (*first, *(part for name in rest for part in (Segment(word), *name)))


def literal(value: Any) -> str:
    """Return a value as JSON writes it."""
    return msgspec.json.encode(value).decode()
