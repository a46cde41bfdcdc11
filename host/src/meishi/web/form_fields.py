"""Fields of forms, as a template shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from marshmallow import fields, validate

#: What a field's metadata may say of its control, besides `title` and `description`.
_CONTROLS = ("autocomplete", "inputmode", "placeholder")

#: The first that fits counts: a subclass stands before its base.
_KINDS: tuple[tuple[type[fields.Field[Any]], str], ...] = (
    (fields.Boolean, "checkbox"),
    (fields.List, "checkboxes"),
    (fields.Email, "email"),
    (fields.Url, "url"),
    (fields.Number, "number"),
    (fields.NaiveDateTime, "datetime-local"),
    (fields.Date, "date"),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values that a field may have."""

    value: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """A field of a form: `values` are the texts that its controls hold."""

    name: str
    kind: str
    title: str
    help: str
    required: bool
    choices: tuple[Choice, ...]
    values: tuple[str, ...]
    errors: tuple[str, ...]
    attributes: Mapping[str, str]

    @property
    def value(self) -> str:
        """Return the only text, or none."""
        return self.values[0] if self.values else ""


def form_field(
    name: str, field: fields.Field[Any], values: tuple[str, ...], errors: tuple[str, ...]
) -> FormField:
    """Return how a schema's field is shown. `values` of a password are never shown."""
    kind = kind_of(field)
    return FormField(
        name=name,
        kind=kind,
        title=field.metadata.get("title") or name.replace("_", " ").capitalize(),
        help=field.metadata.get("description") or "",
        required=field.required and kind not in ("checkbox", "checkboxes"),
        choices=_choices(field),
        values=() if kind == "password" else values,
        errors=errors,
        attributes=_attributes(field, kind),
    )


def kind_of(field: fields.Field[Any]) -> str:
    """Return a field's kind of control: an input's type, `textarea`, `select` or `checkboxes`.

    The metadata's `widget` comes before what the field's type suggests.
    """
    if widget := field.metadata.get("widget"):
        return str(widget)
    for type_, kind in _KINDS:
        if isinstance(field, type_):
            return kind
    return "select" if _choices(field) else "text"


def _choices(field: fields.Field[Any]) -> tuple[Choice, ...]:
    if isinstance(field, fields.List):
        return _choices(field.inner)
    if isinstance(field, fields.Enum):
        names = [member.name for member in field.enum]
        return tuple(Choice(name, name.replace("_", " ").capitalize()) for name in names)
    for rule in field.validators:
        if isinstance(rule, validate.OneOf):
            values = [str(value) for value in rule.choices]
            labels = [str(label) for label in rule.labels]
            return tuple(map(Choice, values, labels + values[len(labels) :]))
    return ()


def _attributes(field: fields.Field[Any], kind: str) -> dict[str, str]:
    found = {name: str(field.metadata[name]) for name in _CONTROLS if name in field.metadata}
    if kind == "number" and not isinstance(field, fields.Integer):
        found["step"] = "any"
    for rule in field.validators:
        if isinstance(rule, validate.Range):
            found |= _limits(rule)
        elif isinstance(rule, validate.Length) and rule.max is not None and kind != "checkboxes":
            found["maxlength"] = str(rule.max)
    return found


def _limits(rule: validate.Range) -> dict[str, str]:
    limits = {"min": rule.min, "max": rule.max}
    return {
        name: limit.isoformat() if isinstance(limit, date) else str(limit)
        for name, limit in limits.items()
        if limit is not None
    }
