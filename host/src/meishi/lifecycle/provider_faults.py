"""What is wrong with what a plugin provides to the host's parts: permissions of others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from meishi.declarations import SearchProvider
from meishi.lifecycle.manifest import Manifest


class ProvidersOfPlugin(Protocol):
    """What one plugin provides to be found."""

    @property
    def manifest(self) -> Manifest:
        """Its manifest."""
        ...

    @property
    def search_providers(self) -> Sequence[SearchProvider]:
        """What is found of it."""
        ...

    def permission_names(self) -> Sequence[str]:
        """Return the full names of its permissions."""
        ...


def provider_faults(contribution: ProvidersOfPlugin) -> Iterator[str]:
    """Yield one sentence for each provider that needs a permission which is not declared."""
    declared = contribution.permission_names()
    asked = [
        ("search provider", provider.name, provider.permission)
        for provider in contribution.search_providers
    ]
    for kind, name, permission in asked:
        full = f"{contribution.manifest.prefix}.{permission}"
        if full not in declared:
            yield f"the {kind} {name!r} needs the permission {full}, which is not declared"
