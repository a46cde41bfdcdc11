"""What operations let their callers choose of a resource: its fields, and what comes along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from marshmallow import Schema, fields

from meishi.http.includes import Include

F = TypeVar("F", bound=Callable[..., Any])

FIELDS, INCLUDE = "fields", "include"

#: The field without which nobody could tell resources apart; it is always shown.
ID = "id"

#: Where the related resources stand in an answer.
INCLUDED = "included"

#: Under which name an operation's documentation keeps what can be chosen.
DOCUMENTED = "selectable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selectable:
    """What can be chosen of an answer: `schema` is the answer's, `resource` that of what is in it.

    The two are one unless it is a page. `names` are those of the resource's fields.
    """

    schema: type[Schema]
    resource: type[Schema]
    names: tuple[str, ...]
    includes: tuple[Include, ...]

    def __post_init__(self) -> None:
        for include in self.includes:
            if include.of not in self.names:
                said = f"has no field {include.of!r} to include {include.name!r} by"
                raise TypeError(f"{self.resource.__name__} {said}")

    @classmethod
    def of_resource(cls, schema: type[Schema], includes: Sequence[Include]) -> Self:
        """Return what can be chosen of one resource."""
        return cls(schema=schema, resource=schema, names=_names(schema), includes=tuple(includes))

    @classmethod
    def of_page(cls, schema: type[Schema], includes: Sequence[Include]) -> Self:
        """Return what can be chosen of a page, whose schema says under `items` what it is of."""
        items = schema().fields.get("items")
        item = items.inner if isinstance(items, fields.List) else None
        if not isinstance(item, fields.Nested):
            raise TypeError(f"{schema.__name__} needs `items`, a list of a nested schema")
        resource = type(item.schema)
        return cls(
            schema=schema, resource=resource, names=_names(resource), includes=tuple(includes)
        )

    @property
    def paged(self) -> bool:
        """Whether it is a page of resources."""
        return self.schema is not self.resource

    @property
    def relations(self) -> tuple[str, ...]:
        """The names of what can be included."""
        return tuple(include.name for include in self.includes)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters that choose."""
        return (FIELDS, INCLUDE) if self.includes else (FIELDS,)


def mark_selectable(operation: F, selectable: Selectable) -> F:
    """Keep with an operation, where its documentation is kept, what can be chosen of its answer."""
    documented = getattr(operation, "_apidoc", {}) | {DOCUMENTED: selectable}
    setattr(operation, "_apidoc", documented)  # noqa: B010 (flask-smorest's attribute)
    return operation


def selectable_of(operation: Callable[..., Any]) -> Selectable | None:
    """Return what can be chosen of an operation's answer, None if it is sent as it is."""
    found: Selectable | None = getattr(operation, "_apidoc", {}).get(DOCUMENTED)
    return found


def _names(schema: type[Schema]) -> tuple[str, ...]:
    shown = schema().dump_fields.items()
    return tuple(field.data_key or name for name, field in shown)
