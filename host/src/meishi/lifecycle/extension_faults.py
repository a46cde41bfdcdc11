"""What is wrong with extensions: of one plugin's own, and of resources that others do not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from marshmallow import Schema, fields

from meishi.declarations import Extension
from meishi.lifecycle.resource_names import ResourcesOfPlugin, named, owner_of, resources_of

#: The member of a resource under which others' values stand.
EXTENSIONS = "extensions"


def extension_faults(contribution: ResourcesOfPlugin) -> Iterator[str]:
    """Yield one sentence for each extension that the plugin itself could not have."""
    targets: set[str] = set()
    for extension in contribution.schemas.extensions:
        said = _said(extension)
        if extension.target in targets:
            yield f"{said} is declared twice"
        targets.add(extension.target)
        if owner_of(extension.target) == contribution.plugin:
            yield f"{said} is the plugin's own resource; give its schema a field"
        full = f"{contribution.manifest.prefix}.{extension.permission}"
        if full not in contribution.permission_names():
            yield f"{said} needs the permission {full}, which is not declared"


def target_faults(active: Sequence[ResourcesOfPlugin]) -> Iterator[tuple[str, str]]:
    """Yield plugin and fault for each extension of a resource that its owner does not have.

    An owner who is not there is no fault: nothing is shown, and nothing could be added to it.
    """
    owners = {item.plugin: resources_of(item.schemas) for item in active}
    for contribution in active:
        for extension in contribution.schemas.extensions:
            resources = owners.get(owner_of(extension.target))
            if resources is not None and (fault := _target_fault(extension, resources)):
                yield contribution.plugin, f"{_said(extension)} {fault}"


def _target_fault(extension: Extension, resources: Mapping[str, type[Schema]]) -> str:
    try:
        shown = named(extension.target, resources)().dump_fields
    except LookupError as error:
        return str(error)
    if not isinstance(shown.get("id"), fields.UUID):
        return "has no `id`, a UUID, by which values could be loaded"
    return f"has a field `{EXTENSIONS}` of its own" if EXTENSIONS in shown else ""


def _said(extension: Extension) -> str:
    return f"hook `schemas`: Extension: `target` {extension.target!r}"
