"""Suggestions: what a caller probably meant by a name that nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from marshmallow import Schema, fields

from meishi.http.problem_schema import UNKNOWN_FIELD

#: Comparing costs time: names longer than any of ours, and more than anybody mistypes, go without.
_MAX_NAME = 64
MAX_SUGGESTIONS = 20


def unknown_field(name: str, known: Iterable[str]) -> str:
    """Return what is said where an unknown name stands: which known one is like it."""
    return f"{UNKNOWN_FIELD}{_suggestion(name, known)}"


def unknown_name(name: str, known: Iterable[str]) -> str:
    """Return what is said of one of several names in a text, if it is not known."""
    quoted = name if len(name) <= _MAX_NAME else f"{name[:_MAX_NAME]}…"
    return f"{UNKNOWN_FIELD.removesuffix('.')} `{quoted}`.{_suggestion(name, known)}"


def _suggestion(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, known, n=1) if len(name) <= _MAX_NAME else []
    return f" Did you mean `{close[0]}`?" if close else ""


def data_keys(schema: Schema) -> dict[str, fields.Field[Any]]:
    """Return what a schema loads, by the names that it has in documents."""
    return {field.data_key or name: field for name, field in schema.load_fields.items()}


class UnknownFields:
    """Finds the unknown fields in what marshmallow says of a document, and adds suggestions."""

    def __init__(self) -> None:
        self.found = 0

    def of_schema(self, messages: Any, schema: Schema, *, many: bool | None = False) -> Any:
        """Return the messages about a document, or about several."""
        if not isinstance(messages, Mapping):
            return messages
        if many or schema.many:
            return {key: self._of_object(said, schema) for key, said in messages.items()}
        return self._of_object(messages, schema)

    def _of_object(self, messages: Any, schema: Schema) -> Any:
        if not isinstance(messages, Mapping):
            return messages
        known = data_keys(schema)
        return {
            key: self._of_field(said, known[key])
            if key in known
            else self._of_stranger(str(key), said, known)
            for key, said in messages.items()
        }

    def _of_stranger(self, key: str, said: Any, known: Iterable[str]) -> Any:
        if said != [UNKNOWN_FIELD]:
            return said
        self.found += 1
        return said if self.found > MAX_SUGGESTIONS else [unknown_field(key, known)]

    def _of_field(self, said: Any, field: fields.Field[Any]) -> Any:
        if not isinstance(said, Mapping):
            return said
        if isinstance(field, fields.Nested):
            return self.of_schema(said, field.schema, many=field.many)
        if isinstance(field, fields.List):
            return {key: self._of_field(item, field.inner) for key, item in said.items()}
        if isinstance(field, fields.Dict) and field.value_field is not None:
            return {key: self._of_value(item, field.value_field) for key, item in said.items()}
        return said

    def _of_value(self, said: Any, field: fields.Field[Any]) -> Any:
        """Return the messages about a value of a mapping, which marshmallow keeps as `value`."""
        if not isinstance(said, Mapping):
            return said
        return {
            part: self._of_field(item, field) if part == "value" else item
            for part, item in said.items()
        }
