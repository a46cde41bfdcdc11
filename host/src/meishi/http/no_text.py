"""What JSON can say and no text holds, refused wherever a request has it.

PostgreSQL stores the character U+0000 in no text, and half of a surrogate pair is no character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from marshmallow import INCLUDE, Schema, fields

from meishi.http.suggestions import data_keys

NUL = "\0"
NO_TEXT = "The character U+0000 is in no text."
HALF = "Half of a surrogate pair is in no text."

_HALF = re.compile("[\ud800-\udfff]")


class PassedOnField(fields.Dict):
    """A document that becomes the body of another request, which looks at it by itself."""


def text_errors(document: Any, schema: Schema) -> Any:
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
        return text_errors(value, field.schema)
    if isinstance(value, list):
        inner = field.inner if isinstance(field, fields.List) else field
        return _of_each(enumerate(value), inner)
    texts = (value, *value) if isinstance(value, Mapping) else (value,)
    said = [word for text in texts if isinstance(text, str) for word in _said_of(text)]
    if said:
        return list(dict.fromkeys(said))
    return _of_each(value.items(), None) if isinstance(value, Mapping) else None


def _of_each(values: Iterable[tuple[Any, Any]], field: fields.Field[Any] | None) -> Any:
    found = {place: _of_value(value, field) for place, value in values}
    return {place: said for place, said in found.items() if said} or None


def _said_of(text: str) -> Iterator[str]:
    if NUL in text:
        yield NO_TEXT
    if _HALF.search(text):
        yield HALF
