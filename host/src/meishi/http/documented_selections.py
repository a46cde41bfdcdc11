"""What callers may choose of resources, in the OpenAPI document: parameters, partial answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask

from meishi.http.documented_extensions import converter_of, extensions_member
from meishi.http.extensions import EXTENDED, AddedValues
from meishi.http.selectables import DOCUMENTED, FIELDS, ID, INCLUDE, INCLUDED, Selectable
from meishi.lifecycle.extension_faults import EXTENSIONS

_JSON = "application/json"


def document_selection(
    operation: dict[str, Any], documented: Mapping[str, Any], *, app: Flask, spec: Any, **_: Any
) -> dict[str, Any]:
    """Add to an operation's description what can be chosen of its answer (flask-smorest's hook).

    What is left out of an answer cannot be required: a partial resource has a schema of its own.
    """
    selectable: Selectable | None = documented.get(DOCUMENTED)
    if selectable is None:
        return operation
    parameters = operation.setdefault("parameters", [])
    added = app.extensions.get(EXTENDED, {}).get(selectable.resource, ())
    names = (*selectable.names, EXTENSIONS) if added else selectable.names
    parameters.append(_parameter(FIELDS, names, "Names of the fields to show; `id` is."))
    if selectable.includes:
        description = f"What comes along under `{INCLUDED}`, once each."
        parameters.append(_parameter(INCLUDE, selectable.relations, description))
    schemas = _Schemas(spec, selectable, added)
    answer = schemas.page() if selectable.paged else schemas.resource()
    for status in operation["responses"].keys() & {200, "200"}:
        operation["responses"][status]["content"][_JSON]["schema"] = answer
    return operation


class _Schemas:
    """The schemas of one operation's answers; those that get a name are added to the document."""

    def __init__(self, spec: Any, selectable: Selectable, added: Sequence[AddedValues]) -> None:
        self._spec = spec
        self._converter = converter_of(spec)
        self._selectable = selectable
        self._added = added

    def resource(self) -> dict[str, Any]:
        """Return the schema of a resource, whole or as it was chosen."""
        extra = {INCLUDED: self._included()} if self._selectable.includes else {}
        return self._whole_or_part("Selected" if extra else "Part", extra)

    def page(self) -> dict[str, Any]:
        """Return the schema of a page of resources, whole or as they were chosen.

        It is the author's own, made wider: another operation may answer with it, too.
        """
        reference: dict[str, Any] = self._converter.resolve_nested_schema(self._selectable.schema)
        name = reference["$ref"].rpartition("/")[2]
        members = self._spec.components.schemas[name]["properties"]
        members["items"]["items"] = self._whole_or_part("Part", {})
        if self._selectable.includes:
            members[INCLUDED] = self._included()
        return reference

    def _whole_or_part(self, suffix: str, extra: Mapping[str, Any]) -> dict[str, Any]:
        whole = self._converter.resolve_nested_schema(self._selectable.resource)
        part = self._converter.schema2jsonschema(self._selectable.resource())
        part["properties"] |= {**extensions_member(self._spec, self._added), **extra}
        part["required"] = [name for name in part.get("required", ()) if name == ID]
        name = self._converter.schema_name_resolver(self._selectable.resource)
        return {"anyOf": [whole, self._named(f"{name}{suffix}", part)]}

    def _included(self) -> dict[str, Any]:
        """Return the schema of what is included: collections of resources by their ids."""
        return {
            "type": "object",
            "properties": {
                include.into: {
                    "type": "object",
                    "additionalProperties": self._converter.resolve_nested_schema(include.schema),
                }
                for include in self._selectable.includes
            },
            "additionalProperties": False,
        }

    def _named(self, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        if name not in self._spec.components.schemas:
            self._spec.components.schema(name, schema)
        return {"$ref": f"#/components/schemas/{name}"}


def _parameter(name: str, choices: Sequence[str], description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "description": description,
        "style": "form",
        "explode": False,
        "schema": {
            "type": "array",
            "items": {"type": "string", "enum": list(choices)},
            "minItems": 1,
        },
    }
