"""What is wrong with what a plugin provides to the host's parts: permissions of others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from meishi.declarations import Exporter, Importer, SearchProvider
from meishi.lifecycle.manifest import Manifest


class ProvidersOfPlugin(Protocol):
    """What one plugin provides to be found, read and written."""

    @property
    def manifest(self) -> Manifest:
        """Its manifest."""
        ...

    @property
    def search_providers(self) -> Sequence[SearchProvider]:
        """What is found of it."""
        ...

    @property
    def importers(self) -> Sequence[Importer]:
        """The formats that it reads."""
        ...

    @property
    def exporters(self) -> Sequence[Exporter]:
        """The formats that it writes."""
        ...

    def permission_names(self) -> Sequence[str]:
        """Return the full names of its permissions."""
        ...


def provider_faults(contribution: ProvidersOfPlugin) -> Iterator[str]:
    """Yield one sentence for each provider that needs a permission which is not declared."""
    declared = contribution.permission_names()
    asked: Iterable[tuple[str, SearchProvider | Importer | Exporter]] = (
        *(("search provider", provider) for provider in contribution.search_providers),
        *(("importer", importer) for importer in contribution.importers),
        *(("exporter", exporter) for exporter in contribution.exporters),
    )
    for kind, item in asked:
        full = f"{contribution.manifest.prefix}.{item.permission}"
        if full not in declared:
            yield f"the {kind} {item.name!r} needs the permission {full}, which is not declared"
