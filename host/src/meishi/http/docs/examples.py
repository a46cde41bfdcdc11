"""Examples of values: the document's own, or made from their schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from meishi.http.docs.document import Document, Json, as_list, as_object, as_text
from meishi.http.docs.type_names import kinds

#: How many values a made example has at most; optional members beyond are left out.
_VALUES = 200
_DEPTH = 8

_NOTHING: Final = object()

EXAMPLE_ID = "01939d2c-5f6e-7a1b-8c3d-4e5f60718293"

_FORMATS = {
    "uuid": EXAMPLE_ID,
    "date-time": "2026-01-31T09:30:00Z",
    "date": "2026-01-31",
    "time": "09:30:00Z",
    "duration": "P1D",
    "email": "anna@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uri-reference": "/path",
    "byte": "bWVpc2hp",
    "binary": "@file",
}


def media_example(document: Document, media: Json, *, answer: bool) -> Any:
    """Return the example of a media type; an `answer` has what is read only, a request not."""
    if "example" in media:
        return media["example"]
    for named in as_object(media.get("examples")).values():
        given = document.resolve(named)
        if "value" in given:
            return given["value"]
    return example_of(document, media.get("schema"), answer=answer)


def example_of(document: Document, schema: object, *, answer: bool) -> Any:
    """Return a plausible value of a schema, of bounded size however the schema refers to itself."""
    made = _Maker(document, "writeOnly" if answer else "readOnly").make(schema, frozenset(), 0)
    return None if made is _NOTHING else made


class _Maker:
    """Makes one example; `hidden` is the keyword of the members to leave out."""

    def __init__(self, document: Document, hidden: str) -> None:
        self._document = document
        self._hidden = hidden
        self._left = _VALUES

    def make(self, schema: object, inside: frozenset[str], depth: int) -> Any:
        """Return a value, or `_NOTHING` where the schema is open already or all is spent."""
        reference = as_text(as_object(schema).get("$ref"))
        if reference in inside or self._left < 1 or depth > _DEPTH or schema is False:
            return _NOTHING
        self._left -= 1
        if reference:
            inside = inside | {reference}
        found = self._document.resolve(schema)
        given = _given(found)
        return self._built(found, inside, depth + 1) if given is _NOTHING else given

    def _built(self, schema: Json, inside: frozenset[str], depth: int) -> Any:
        made = list(self._combined(schema, inside, depth))
        objects = [value for value in made if isinstance(value, dict)]
        if objects:
            own = self._members(schema, inside, depth)
            return {name: value for part in (*objects, own) for name, value in part.items()}
        if made:
            return made[0]
        kind = next((kind for kind in kinds(schema) if kind != "null"), "null")
        if kind == "object":
            return self._members(schema, inside, depth)
        if kind == "array":
            return self._items(schema, inside, depth)
        return _scalar(kind, schema)

    def _combined(self, schema: Json, inside: frozenset[str], depth: int) -> Iterator[Any]:
        """Yield what every part of `allOf` makes, and the first alternative that makes anything."""
        for part in as_list(schema.get("allOf")):
            made = self.make(part, inside, depth)
            if made is not _NOTHING:
                yield made
        for part in (*as_list(schema.get("oneOf")), *as_list(schema.get("anyOf"))):
            made = self.make(part, inside, depth)
            if made is not None and made is not _NOTHING:
                yield made
                return

    def _members(self, schema: Json, inside: frozenset[str], depth: int) -> dict[str, Any]:
        made = {}
        members = as_object(schema.get("properties"))
        required = as_list(schema.get("required"))
        for name in sorted(members, key=lambda name: name not in required):
            resolved = self._document.resolve(members[name])
            if resolved.get(self._hidden) is not True:
                made[name] = self.make(members[name], inside, depth)
        if not members and (others := as_object(schema.get("additionalProperties"))):
            made["key"] = self.make(others, inside, depth)
        return {name: value for name, value in made.items() if value is not _NOTHING}

    def _items(self, schema: Json, inside: frozenset[str], depth: int) -> list[Any]:
        schemas = as_list(schema.get("prefixItems")) or [schema.get("items", {})]
        made = (self.make(item, inside, depth) for item in schemas)
        return [value for value in made if value is not _NOTHING]


def _given(schema: Json) -> Any:
    """Return the value that a schema names itself, the most telling one first.

    Null is only said to be one by `example`; it is a usual default of texts that tell more.
    """
    if "example" in schema:
        return schema["example"]
    for keyword in ("const", "examples", "default", "enum"):
        said = schema.get(keyword)
        values = as_list(said) if keyword in {"examples", "enum"} else [said]
        if values and values[0] is not None:
            return values[0]
    return _NOTHING


def _scalar(kind: str, schema: Json) -> Any:
    if kind == "boolean":
        return True
    if kind in {"integer", "number"}:
        return _number(schema)
    return None if kind == "null" else _string(schema)


def _number(schema: Json) -> float:
    """Return a number within the limits where these are simple."""
    above, low = schema.get("exclusiveMinimum"), schema.get("minimum")
    if isinstance(above, int | float):
        return above + 1
    if isinstance(low, int | float):
        return low
    high = schema.get("maximum")
    return min(1, high) if isinstance(high, int | float) else 1


def _string(schema: Json) -> str:
    text = _FORMATS.get(as_text(schema.get("format")), "string")
    low, high = schema.get("minLength"), schema.get("maxLength")
    if isinstance(low, int) and len(text) < low <= _VALUES:
        text = text.ljust(low, "x")
    return text[:high] if isinstance(high, int) else text
