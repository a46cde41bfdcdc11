"""Importers: which there are for whom, and which take a file of some kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from meishi.context import current_scope
from meishi.declarations import Importer
from meishi.imports.environment import environment
from meishi.imports.records import FileImport, ImporterNotFound
from meishi.lifecycle.contribution import Contribution
from meishi.placement import Placement
from meishi.refusals import Forbidden, PluginDisabled

#: What programs call a file of which they know nothing.
UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedImporter:
    """An importer of a loaded plugin; `permission` is the full name of what it needs.

    With a `placement` it runs elsewhere, and is to be asked there.
    """

    plugin: str
    importer: Importer
    permission: str
    placement: Placement | None = None

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"importer {self.importer.name!r} of the module {self.plugin!r}"


def offered_importers() -> list[OfferedImporter]:
    """Return the importers that are switched on and that the caller may use."""
    scope = current_scope()
    enabled = environment().enabled(scope.workspace_id)
    return [item for item in importers_of(enabled) if item.permission in scope.actor.permissions]


def importer_called(name: str) -> OfferedImporter:
    """Return an importer by its name.

    :raises ImporterNotFound: if there is none
    :raises PluginDisabled: if its plugin is switched off here
    :raises Forbidden: if the caller lacks the permission for it
    """
    scope, host = current_scope(), environment()
    found = next(
        (item for item in importers_of(host.plugins.active()) if item.importer.name == name), None
    )
    if found is None:
        raise ImporterNotFound(f"There is no importer {name!r}.")
    if not host.is_on(found.plugin, scope.workspace_id):
        raise PluginDisabled(f"The module {found.plugin} is switched off in this workspace.")
    if found.permission not in scope.actor.permissions:
        raise Forbidden(f"This needs the permission {found.permission}.")
    return found


def importers_for(media_type: str, name: str | None) -> list[OfferedImporter]:
    """Return the importers that a file may be for, by its media type or the end of its name."""
    return [item for item in offered_importers() if _may_take(item.importer, media_type, name)]


def candidates(found: FileImport) -> Iterator[OfferedImporter]:
    """Yield who may read a file, of the importers that are switched on, whoever asks."""
    for item in importers_of(environment().enabled(current_scope().workspace_id)):
        fits = _may_take(item.importer, found.media_type, found.name)
        if fits and found.size <= item.importer.max_bytes:
            yield item


def _may_take(importer: Importer, media_type: str, name: str | None) -> bool:
    if media_type in importer.media_types:
        return True
    return name is not None and PurePosixPath(name.lower()).name.endswith(tuple(importer.suffixes))


def importers_of(plugins: Iterable[Contribution]) -> Iterator[OfferedImporter]:
    """Yield the importers of some plugins."""
    for contribution in plugins:
        for importer in contribution.importers:
            yield OfferedImporter(
                plugin=contribution.plugin,
                importer=importer,
                permission=f"{contribution.manifest.prefix}.{importer.permission}",
                placement=contribution.placement,
            )
