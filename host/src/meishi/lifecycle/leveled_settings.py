"""Settings that workspaces and users set for themselves, laid over the deployment's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import ValidationError

from meishi.declarations import PluginSettings, SettingsLevel

#: The levels above that of a key which may set it too: a workspace sets for all of its users.
_SETTABLE: Mapping[SettingsLevel, frozenset[SettingsLevel]] = {
    SettingsLevel.DEPLOYMENT: frozenset(),
    SettingsLevel.WORKSPACE: frozenset({SettingsLevel.WORKSPACE, SettingsLevel.USER}),
    SettingsLevel.USER: frozenset({SettingsLevel.USER}),
}

#: What is said of a stored value whose key the level may not set any more.
_NOT_OF_THIS_LEVEL = "It cannot be set here."


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedSettings:
    """A plugin's values with their types; `sources` has the keys that some level sets.

    `refused` has, by level and key, why a value is not used.
    """

    values: Mapping[str, Any]
    sources: Mapping[str, SettingsLevel]
    refused: Mapping[tuple[SettingsLevel, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeveledSettings:
    """The settings of a plugin some of which others may set than the deployment.

    `configured` holds what the deployment sets, as it was written.
    """

    plugin: str
    title: str
    declared: PluginSettings
    configured: Mapping[str, Any]

    def keys(self, level: SettingsLevel) -> tuple[str, ...]:
        """Return the keys that may be set at a level, in the order of the schema."""
        allowed = _SETTABLE[level]
        return tuple(key for key in self.names() if self.declared.levels[key] in allowed)

    def names(self) -> dict[str, str]:
        """Return the names of the schema's fields by the keys that have a level of their own."""
        fields = self.declared.schema._declared_fields
        found = {item.data_key or name: name for name, item in fields.items()}
        leveled = self.declared.levels
        return {
            key: name
            for key, name in found.items()
            if leveled.get(key, SettingsLevel.DEPLOYMENT) is not SettingsLevel.DEPLOYMENT
        }

    def merge(
        self, workspace: Mapping[str, Any], user: Mapping[str, Any] | None = None
    ) -> MergedSettings:
        """Return what holds: a user's value before the workspace's before the deployment's.

        What the schema refuses together with the levels above is left out.
        """
        refused: dict[tuple[SettingsLevel, str], str] = {}
        layers: list[tuple[SettingsLevel, dict[str, Any]]] = []
        for level, stored in (
            (SettingsLevel.WORKSPACE, workspace),
            (SettingsLevel.USER, user or {}),
        ):
            allowed = set(self.keys(level))
            refused |= {(level, key): _NOT_OF_THIS_LEVEL for key in stored.keys() - allowed}
            layers.append((level, {key: stored[key] for key in stored.keys() & allowed}))
            self._refuse(layers, refused)
        values, sources = self._laid(layers)
        return MergedSettings(
            values=self.declared.schema().load(values), sources=sources, refused=refused
        )

    def _laid(
        self, layers: list[tuple[SettingsLevel, dict[str, Any]]]
    ) -> tuple[dict[str, Any], dict[str, SettingsLevel]]:
        values = dict(self.configured)
        sources = dict.fromkeys(values, SettingsLevel.DEPLOYMENT)
        for level, stored in layers:
            values |= stored
            sources |= dict.fromkeys(stored, level)
        return values, sources

    def _refuse(
        self,
        layers: list[tuple[SettingsLevel, dict[str, Any]]],
        refused: dict[tuple[SettingsLevel, str], str],
    ) -> None:
        """Take out of the lowest layer what the schema does not accept on top of the others."""
        level, stored = layers[-1]
        while stored:
            try:
                self.declared.schema().load(self._laid(layers)[0])
            except ValidationError as error:
                messages = error.messages_dict
                # What is said of the whole, or of a key above, is the doing of all that is new.
                blamed = stored.keys() & messages.keys() or set(stored)
                for key in blamed:
                    del stored[key]
                    refused[level, key] = _sentence(messages.get(key) or messages)
            else:
                return


def _sentence(found: Any) -> str:
    """Return what a schema says, which may be nested, in one line."""
    if isinstance(found, Mapping):
        return " ".join(_sentence(item) for item in found.values())
    if isinstance(found, list | tuple):
        return " ".join(_sentence(item) for item in found)
    return str(found)
