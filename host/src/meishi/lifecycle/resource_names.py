"""Names of resources, by which plugins mean those of others: `crm_contacts.Contact`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Protocol

from marshmallow import Schema

from meishi.declarations import MergeHandler, Schemas
from meishi.lifecycle.manifest import Manifest


class ResourcesOfPlugin(Protocol):
    """What one plugin shows, and what it has to do with what others show."""

    @property
    def plugin(self) -> str:
        """Its name."""
        ...

    @property
    def manifest(self) -> Manifest:
        """Its manifest."""
        ...

    @property
    def schemas(self) -> Schemas:
        """Its schemas."""
        ...

    @property
    def merge_handlers(self) -> Sequence[MergeHandler]:
        """What it does when resources of others are merged."""
        ...

    def permission_names(self) -> Sequence[str]:
        """Return the full names of its permissions."""
        ...


def resource_name(schema: type[Schema]) -> str:
    """Return what a resource is called, by its schema: `Note` for `NoteSchema`."""
    return schema.__name__.removesuffix("Schema")


def resources_of(declared: Schemas) -> Mapping[str, type[Schema]]:
    """Return a plugin's resource schemas by the names of the resources."""
    return {resource_name(schema): schema for schema in declared.resources}


def owner_of(full_name: str) -> str:
    """Return the name of the plugin whose resource it is."""
    return full_name.partition(".")[0]


def named(full_name: str, resources: Mapping[str, type[Schema]]) -> type[Schema]:
    """Return the schema of a resource, of those that its owner has.

    :raises LookupError: if it has none of the name; with what to say of that
    """
    owner, _, name = full_name.partition(".")
    found = resources.get(name)
    if found is None:
        close = get_close_matches(name, resources, n=1)
        hint = f"; did you mean {f'{owner}.{close[0]}'!r}?" if close else ""
        raise LookupError(f"names no resource of {owner}{hint}")
    return found
