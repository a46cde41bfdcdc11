"""The character U+0000, which PostgreSQL stores in no text: refused wherever a request has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import INCLUDE, Schema, fields

from meishi.http.suggestions import data_keys

NUL = "\0"
NO_TEXT = "The character U+0000 is in no text."


class PassedOnField(fields.Dict):
    """A document that becomes the body of another request, which looks at it by itself."""


def nul_errors(document: Any, schema: Schema) -> Any:
    """Return what is to be said of a document's texts, as marshmallow would; None for nothing."""
    if not isinstance(document, Mapping):
        return _of_value(document, None)
    known = data_keys(schema)
    found = {
        name: _of_value(value, known.get(name))
        for name, value in document.items()
        if name in known or schema.unknown == INCLUDE
    }
    return {name: said for name, said in found.items() if said} or None


def _of_value(value: Any, field: fields.Field[Any] | None) -> Any:
    if isinstance(field, PassedOnField):
        return None
    if isinstance(field, fields.Nested) and isinstance(value, Mapping):
        return nul_errors(value, field.schema)
    if isinstance(value, list):
        inner = field.inner if isinstance(field, fields.List) else field
        return _of_each(enumerate(value), inner)
    texts = (value, *value) if isinstance(value, Mapping) else (value,)
    if any(isinstance(text, str) and NUL in text for text in texts):
        return [NO_TEXT]
    return _of_each(value.items(), None) if isinstance(value, Mapping) else None


def _of_each(values: Iterable[tuple[Any, Any]], field: fields.Field[Any] | None) -> Any:
    found = {place: _of_value(value, field) for place, value in values}
    return {place: said for place, said in found.items() if said} or None
