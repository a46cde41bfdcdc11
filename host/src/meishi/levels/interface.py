"""What the settings offer: what holds of a plugin's, who said so, and changing it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol

from meishi.sdk.contract import DomainError, Event, VersionMismatch, command, query


class ValueSource(StrEnum):
    """Where a value comes from: the plugin itself, or who set it."""

    DEFAULT = "default"
    DEPLOYMENT = "deployment"
    WORKSPACE = "workspace"
    USER = "user"


class SettableLevel(StrEnum):
    """Who sets a value: the current workspace, or who acts, for themselves alone."""

    WORKSPACE = "workspace"
    USER = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingValue:
    """One setting as it holds at a level; `value`, `default` and `schema` are JSON text.

    `level` is the lowest that may set it. `refused` says why the value that was set here is not
    used, if it is not.
    """

    key: str
    level: SettableLevel
    value: str
    source: ValueSource
    default: str
    refused: str | None
    schema: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginValues:
    """The settings of a plugin at a level; `own` is JSON text of what is set at just that.

    `version` grows with every change at that level; it is 0 before the first.
    """

    plugin: str
    title: str
    level: SettableLevel
    version: int
    own: str
    settings: tuple[SettingValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChanged(Event):
    """A workspace, or a user for themselves, set a plugin's settings otherwise."""

    event_type: ClassVar[str] = "settings.changed.v1"
    subject: ClassVar[str] = "plugin"

    plugin: str
    level: SettableLevel
    keys: tuple[str, ...]


class SettingsNotFound(DomainError):
    """No active plugin of this name has settings that are not the deployment's alone."""

    code = "settings-not-found"
    title = "Settings not found"
    status = 404


class InvalidSettings(DomainError):
    """A value is not what the plugin accepts, or may not be set at this level."""

    code = "invalid-settings"
    title = "Invalid settings"
    status = 422


class PluginSettingValues(Protocol):
    """What the current workspace, and who acts in it, set about plugins."""

    @query()
    def all(self) -> tuple[PluginValues, ...]:
        """Return the settings of every plugin as they hold for who acts."""
        ...

    @query(errors=(SettingsNotFound,))
    def of(self, plugin: str, *, level: SettableLevel = SettableLevel.WORKSPACE) -> PluginValues:
        """Return the settings of a plugin as they hold at a level."""
        ...

    @command(errors=(SettingsNotFound, InvalidSettings, VersionMismatch))
    def change(
        self,
        plugin: str,
        patch: str,
        *,
        level: SettableLevel = SettableLevel.WORKSPACE,
        versions: tuple[int, ...] | None = None,
    ) -> PluginValues:
        """Set what a JSON object says; null gives a key back to the level above.

        Emits `settings.changed.v1` if anything is otherwise then.

        :param versions: the change is meant for one of these; None for any
        :raises InvalidSettings: naming every key whose value is not accepted
        """
        ...
