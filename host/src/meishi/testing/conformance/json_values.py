"""JSON values held against the schemas of an OpenAPI document (JSON Schema 2020-12).

The vocabulary is what such documents describe data with; keywords beyond it are not asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from meishi.http.docs.document import Document, Json, as_list, as_object, as_text

_TYPES: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "array": (list,),
    "object": (dict,),
}
#: Of formats, what raises `ValueError` for a text that is not of them.
_FORMATS: dict[str, Callable[[str], object]] = {
    "uuid": UUID,
    "date-time": datetime.fromisoformat,
    "date": date.fromisoformat,
}
_NUMBER = (int, float)
#: Limits: what is measured, and whether a measure keeps one.
_LIMITS: dict[str, tuple[type | tuple[type, ...], Callable[[Any, Any], bool]]] = {
    "minimum": (_NUMBER, lambda value, limit: value >= limit),
    "maximum": (_NUMBER, lambda value, limit: value <= limit),
    "exclusiveMinimum": (_NUMBER, lambda value, limit: value > limit),
    "exclusiveMaximum": (_NUMBER, lambda value, limit: value < limit),
    "minLength": (str, lambda value, limit: len(value) >= limit),
    "maxLength": (str, lambda value, limit: len(value) <= limit),
    "pattern": (str, lambda value, limit: re.search(limit, value) is not None),
    "minItems": (list, lambda value, limit: len(value) >= limit),
    "maxItems": (list, lambda value, limit: len(value) <= limit),
    "minProperties": (dict, lambda value, limit: len(value) >= limit),
    "maxProperties": (dict, lambda value, limit: len(value) <= limit),
}


class JsonSchemas:
    """The schemas of a document, against which values are held.

    What only answers have (`readOnly`) a request may lack, and the other way round (`writeOnly`).
    """

    def __init__(self, document: Document, *, answer: bool = True) -> None:
        self._document = document
        self._hidden = "writeOnly" if answer else "readOnly"

    def faults(self, value: Any, schema: object, pointer: str = "") -> Iterator[str]:
        """Yield a phrase for each part of a value that a schema refuses, with its pointer."""
        name = pointer or "it"
        if schema is False:
            yield f"{name} is not known"
        said_here = as_object(schema)
        if "$ref" in said_here and len(said_here) > 1:
            # What stands beside a reference holds as well, and takes nothing of it away.
            yield from self.faults(value, {"$ref": said_here["$ref"]}, pointer)
            beside = {keyword: limit for keyword, limit in said_here.items() if keyword != "$ref"}
            yield from self.faults(value, beside, pointer)
            return
        found = self._document.resolve(schema)
        said = found.get("type", [])
        kinds = [said] if isinstance(said, str) else said
        if kinds and not any(_is_of(value, kind) for kind in kinds):
            yield f"{name} is no {' or '.join(kinds)}"
            return
        if "const" in found and value != found["const"]:
            yield f"{name} is not {found['const']!r}"
        if "enum" in found and value not in as_list(found["enum"]):
            yield f"{name} is none of {as_list(found['enum'])!r}"
        yield from _limit_faults(value, found, name)
        yield from self._combined(value, found, pointer)
        if isinstance(value, dict):
            yield from self._members(value, found, pointer)
        elif isinstance(value, list):
            for position, item in enumerate(value):
                yield from self.faults(item, found.get("items", True), f"{pointer}/{position}")

    def _combined(self, value: Any, schema: Json, pointer: str) -> Iterator[str]:
        for part in as_list(schema.get("allOf")):
            yield from self.faults(value, part, pointer)
        for keyword in ("anyOf", "oneOf"):
            alternatives = [
                list(self.faults(value, part, pointer)) for part in as_list(schema.get(keyword))
            ]
            if alternatives and all(alternatives):
                yield from min(alternatives, key=len)

    def _members(self, value: Json, schema: Json, pointer: str) -> Iterator[str]:
        known = as_object(schema.get("properties"))
        for name in as_list(schema.get("required")):
            if name not in value and not self._is_hidden(known.get(name)):
                yield f"{pointer}/{name} is missing"
        for name, member in value.items():
            described = known.get(name, schema.get("additionalProperties", True))
            yield from self.faults(member, described, f"{pointer}/{name}")

    def _is_hidden(self, schema: object) -> bool:
        return self._document.resolve(schema).get(self._hidden) is True


def _is_of(value: Any, kind: str) -> bool:
    """Whether a value is of a JSON type; a truth value is no number."""
    return isinstance(value, _TYPES.get(kind, ())) and (
        not isinstance(value, bool) or kind == "boolean"
    )


def _limit_faults(value: Any, schema: Json, name: str) -> Iterator[str]:
    for keyword, (kinds, keeps) in _LIMITS.items():
        measured = isinstance(value, kinds) and not isinstance(value, bool)
        if keyword in schema and measured and not keeps(value, schema[keyword]):
            yield f"{name} breaks {keyword} {schema[keyword]!r}"
    read = _FORMATS.get(as_text(schema.get("format")))
    if read is not None and isinstance(value, str):
        try:
            read(value)
        except ValueError:
            yield f"{name} is no {schema['format']}"
