"""Extensions in the OpenAPI document: what other plugins add to a resource, each under its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema

from meishi.http.extensions import AddedValues
from meishi.lifecycle.extension_faults import EXTENSIONS

#: Where the document says what seeing a plugin's values needs.
PERMISSION = "x-permission"

_DESCRIPTION = (
    "What other modules add. Null: a module has nothing to add to this resource. Left out: what"
    " the caller may not read, and what could not be loaded."
)


def document_extensions(spec: Any, extended: Mapping[type[Schema], Sequence[AddedValues]]) -> None:
    """Add to the described resources what others add to them."""
    converter = converter_of(spec)
    for resource, added in extended.items():
        described = spec.components.schemas.get(converter.schema_name_resolver(resource))
        if described is not None:
            described["properties"] |= extensions_member(spec, added)


def extensions_member(spec: Any, added: Sequence[AddedValues]) -> dict[str, Any]:
    """Return the member of a resource that holds others' values; none if there are no such."""
    if not added:
        return {}
    member = {
        "type": "object",
        "description": _DESCRIPTION,
        "readOnly": True,
        "properties": {
            item.plugin: {
                "description": f"Needs the permission {item.permission}.",
                PERMISSION: item.permission,
                "anyOf": [describe_values(spec, item.declared.schema), {"type": "null"}],
            }
            for item in added
        },
        "additionalProperties": False,
    }
    return {EXTENSIONS: member}


def extensions_for(described: Mapping[str, Any], permissions: frozenset[str]) -> Mapping[str, Any]:
    """Return the schema of a resource without others' values that need other permissions."""
    members = described.get("properties", {})
    added = members.get(EXTENSIONS, {}).get("properties", {})
    if not any(PERMISSION in said for said in added.values()):
        return described
    shown = {name: said for name, said in added.items() if said.get(PERMISSION, "") in permissions}
    member = {**members[EXTENSIONS], "properties": shown}
    return {**described, "properties": {**members, EXTENSIONS: member}}


def describe_values(spec: Any, schema: type[Schema]) -> dict[str, Any]:
    """Describe the values of an extension, and return the reference to that."""
    reference: dict[str, Any] = converter_of(spec).resolve_nested_schema(schema)
    return reference


def converter_of(spec: Any) -> Any:
    """Return what makes JSON schemas of marshmallow's."""
    return next(plugin.converter for plugin in spec.plugins if hasattr(plugin, "converter"))
