"""What is wrong with extensions: of one plugin's own, and of resources that others do not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Protocol

from marshmallow import Schema, fields

from meishi.declarations import Extension, Schemas
from meishi.lifecycle.manifest import Manifest

#: The member of a resource under which others' values stand.
EXTENSIONS = "extensions"


class SchemasOfPlugin(Protocol):
    """What one plugin shows, and adds to what others show."""

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

    def permission_names(self) -> Sequence[str]:
        """Return the full names of its permissions."""
        ...


def resource_name(schema: type[Schema]) -> str:
    """Return what a resource is called, by its schema: `Note` for `NoteSchema`."""
    return schema.__name__.removesuffix("Schema")


def extension_faults(contribution: SchemasOfPlugin) -> Iterator[str]:
    """Yield one sentence for each extension that the plugin itself could not have."""
    targets: set[str] = set()
    for extension in contribution.schemas.extensions:
        said = _said(extension)
        if extension.target in targets:
            yield f"{said} is declared twice"
        targets.add(extension.target)
        if owner_of(extension) == contribution.plugin:
            yield f"{said} is the plugin's own resource; give its schema a field"
        full = f"{contribution.manifest.prefix}.{extension.permission}"
        if full not in contribution.permission_names():
            yield f"{said} needs the permission {full}, which is not declared"


def target_faults(active: Sequence[SchemasOfPlugin]) -> Iterator[tuple[str, str]]:
    """Yield plugin and fault for each extension of a resource that its owner does not have.

    An owner who is not there is no fault: nothing is shown, and nothing could be added to it.
    """
    owners = {item.plugin: _resources(item.schemas) for item in active}
    for contribution in active:
        for extension in contribution.schemas.extensions:
            resources = owners.get(owner_of(extension))
            if resources is not None and (fault := _target_fault(extension, resources)):
                yield contribution.plugin, f"{_said(extension)} {fault}"


def owner_of(extension: Extension) -> str:
    """Return the name of the plugin whose resource is extended."""
    return extension.target.partition(".")[0]


def extended_schema(extension: Extension, owner: Schemas) -> type[Schema]:
    """Return the schema of the resource that is extended, which its owner has."""
    return _resources(owner)[extension.target.partition(".")[2]]


def _resources(declared: Schemas) -> Mapping[str, type[Schema]]:
    return {resource_name(schema): schema for schema in declared.resources}


def _target_fault(extension: Extension, resources: Mapping[str, type[Schema]]) -> str:
    owner, _, name = extension.target.partition(".")
    if name not in resources:
        close = get_close_matches(name, resources, n=1)
        hint = f"; did you mean {f'{owner}.{close[0]}'!r}?" if close else ""
        return f"names no resource of {owner}{hint}"
    shown = resources[name]().dump_fields
    if not isinstance(shown.get("id"), fields.UUID):
        return "has no `id`, a UUID, by which values could be loaded"
    return f"has a field `{EXTENSIONS}` of its own" if EXTENSIONS in shown else ""


def _said(extension: Extension) -> str:
    return f"hook `schemas`: Extension: `target` {extension.target!r}"
