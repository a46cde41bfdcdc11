"""Settings across processes: a service asks the main deployment what was set of its plugin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import msgspec

from meishi.context import current_scope
from meishi.declarations import PluginContext, SettingsLevel
from meishi.levels import repository
from meishi.levels.environment import environment
from meishi.levels.repository import StoredValues
from meishi.refusals import Forbidden
from meishi.sdk.contract import query


@dataclass(frozen=True, slots=True)
class StoredLevels:
    """What a workspace, and a user in it, set of one plugin: JSON objects."""

    workspace: bytes
    user: bytes

    def values(self) -> dict[SettingsLevel, StoredValues]:
        """Return the same as the settings have it; versions are the main deployment's affair."""
        return {
            SettingsLevel.WORKSPACE: StoredValues(msgspec.json.decode(self.workspace)),
            SettingsLevel.USER: StoredValues(msgspec.json.decode(self.user)),
        }


class StoredSettings(Protocol):
    """What services ask the main deployment for."""

    @query(errors=(Forbidden,))
    def of(self, plugin: str, user: UUID | None) -> StoredLevels:
        """Return what the current workspace, and a user in it, set of a plugin.

        :raises Forbidden: if the service is that of others, whose manifests do not name it
        """
        ...


class StoredSettingService:
    """Implements `StoredSettings`."""

    def __init__(self, context: PluginContext) -> None:
        self._plugin = context.plugin

    def of(self, plugin: str, user: UUID | None) -> StoredLevels:
        """Return what the current workspace, and a user in it, set of a plugin."""
        if not _may_read(plugin):
            raise Forbidden(f"This service may not read what is set of {plugin}.")
        found = repository.read(plugin, user)
        return StoredLevels(
            workspace=msgspec.json.encode(found[SettingsLevel.WORKSPACE].values),
            user=msgspec.json.encode(found[SettingsLevel.USER].values),
        )


def _may_read(plugin: str) -> bool:
    """Whether who asks may know: a service what was set of its plugins, and of those they name."""
    asking = current_scope().asked_by
    if asking is None:
        return True
    known = environment().plugins.contributions
    return any(
        name == plugin or (name in known and known[name].manifest.names(plugin)) for name in asking
    )
