"""Settings across processes: a service asks the main deployment what was set of its plugin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import msgspec

from meishi.declarations import PluginContext, SettingsLevel
from meishi.levels import repository
from meishi.levels.repository import StoredValues
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

    @query()
    def of(self, plugin: str, user: UUID | None) -> StoredLevels:
        """Return what the current workspace, and a user in it, set of a plugin."""
        ...


class StoredSettingService:
    """Implements `StoredSettings`."""

    def __init__(self, context: PluginContext) -> None:
        self._plugin = context.plugin

    def of(self, plugin: str, user: UUID | None) -> StoredLevels:
        """Return what the current workspace, and a user in it, set of a plugin."""
        found = repository.read(plugin, user)
        return StoredLevels(
            workspace=msgspec.json.encode(found[SettingsLevel.WORKSPACE].values),
            user=msgspec.json.encode(found[SettingsLevel.USER].values),
        )
