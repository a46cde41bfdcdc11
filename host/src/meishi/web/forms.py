"""Forms that are made of schemas: shown with values, read back into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields
from werkzeug.datastructures import MultiDict

from meishi.web.form_fields import FormField, form_field, kind_of

#: What guards a form against others' pages is the host's, and no field of the schema.
CSRF_FIELD = "csrf_token"

#: Under this name marshmallow keeps what is wrong with a form as a whole.
_WHOLE = "_schema"


class Form:
    """A schema as a form; `texts` are what its controls hold, as browsers send them."""

    def __init__(
        self,
        schema: Schema,
        values: Mapping[str, Any] | None = None,
        errors: Mapping[str, Any] | None = None,
        *,
        texts: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self._schema = schema
        self._errors = {name: tuple(_messages(found)) for name, found in (errors or {}).items()}
        self._fields = {field.data_key or name: field for name, field in schema.load_fields.items()}
        self._texts = _texts_of(schema.dump(values or {})) if texts is None else texts

    @property
    def fields(self) -> tuple[FormField, ...]:
        """Return the fields in the order of the schema."""
        return tuple(
            form_field(name, field, self._texts.get(name, ()), self._errors.get(name, ()))
            for name, field in self._fields.items()
        )

    @property
    def errors(self) -> tuple[str, ...]:
        """Return what is wrong with the form as a whole, and with names that it does not know."""
        return tuple(
            message if name == _WHOLE else f"{name}: {message}"
            for name, messages in self._errors.items()
            if name not in self._fields
            for message in messages
        )

    def load(self, sent: MultiDict[str, str]) -> Answer:
        """Return what a browser sent, as values, or as the form with its errors.

        A box that is not ticked is false. What is left empty is missing; it is none where the
        field is optional and may be none.
        """
        texts = {name: tuple(sent.getlist(name)) for name in sent if name != CSRF_FIELD}
        document: dict[str, Any] = {name: texts[name] for name in texts.keys() - self._fields}
        repeated = {}
        for name, field in self._fields.items():
            given = texts.get(name, ())
            kind = kind_of(field)
            if kind == "checkboxes":
                document[name] = list(given)
            elif len(given) > 1:
                repeated[name] = ["Sent more than once."]
            elif kind == "checkbox":
                document[name] = bool(given)
            elif given and given[0]:
                document[name] = _readable(field, given[0])
            elif given and field.allow_none and not field.required:
                document[name] = None
        try:
            values = self._schema.load(document, unknown=RAISE)
        except ValidationError as error:
            return Answer(None, Form(self._schema, errors=_by_name(error) | repeated, texts=texts))
        if repeated:
            return Answer(None, Form(self._schema, errors=repeated, texts=texts))
        return Answer(values, Form(self._schema, texts=texts))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a form: its values, or none, where `form` says what is wrong."""

    values: Any
    form: Form


def _by_name(error: ValidationError) -> dict[str, Any]:
    found = error.messages
    return dict(found) if isinstance(found, dict) else {_WHOLE: found}


def _messages(found: Any) -> list[str]:
    if isinstance(found, Mapping):
        return [message for inner in found.values() for message in _messages(inner)]
    return [str(message) for message in ([found] if isinstance(found, str) else found)]


def _texts_of(document: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(_text_list(value)) for name, value in document.items()}


def _text_list(value: Any) -> list[str]:
    if value is None or value is False:
        return []
    if isinstance(value, list):
        return [str(item) for item in value]
    return ["true" if value is True else str(value)]


def _readable(field: fields.Field[Any], text: str) -> Any:
    """Return a number for fields that refuse texts; browsers send nothing else."""
    if isinstance(field, fields.Integer) and field.strict:
        try:
            return int(text)
        except ValueError:
            return text
    return text
