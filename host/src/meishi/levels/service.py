"""The rules of the settings: who sets what, and what is shown of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import msgspec
from marshmallow import missing

from meishi.context import current_scope
from meishi.declarations import PluginContext, SettingsLevel
from meishi.levels import repository
from meishi.levels.descriptions import setting_schema
from meishi.levels.effective import EffectiveSettings
from meishi.levels.environment import environment
from meishi.levels.interface import (
    InvalidSettings,
    PluginValues,
    SettableLevel,
    SettingsChanged,
    SettingsNotFound,
    SettingValue,
    ValueSource,
)
from meishi.levels.repository import StoredValues
from meishi.lifecycle.leveled_settings import LeveledSettings, MergedSettings
from meishi.sdk.contract import FieldError, check_version

_Stored = Mapping[SettingsLevel, StoredValues]


class SettingService:
    """Implements `PluginSettingValues`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock

    def all(self) -> tuple[PluginValues, ...]:
        """Return the settings of every plugin as they hold for who acts."""
        known = sorted(environment().leveled_settings)
        return tuple(self.of(plugin, level=SettableLevel.USER) for plugin in known)

    def of(self, plugin: str, *, level: SettableLevel = SettableLevel.WORKSPACE) -> PluginValues:
        """Return the settings of a plugin as they hold at a level."""
        return _shown(_leveled(plugin), level, repository.read(plugin, _user(level)))

    def change(
        self,
        plugin: str,
        patch: str,
        *,
        level: SettableLevel = SettableLevel.WORKSPACE,
        versions: tuple[int, ...] | None = None,
    ) -> PluginValues:
        """Set what a JSON object says; null gives a key back to the level above."""
        leveled, user, at = _leveled(plugin), _user(level), self._clock()
        if level is SettableLevel.USER and user is None:
            raise InvalidSettings("Nobody in particular acts: settings of a user are a user's.")
        wanted: dict[str, Any] = msgspec.json.decode(patch)
        repository.lock(plugin, user, at)
        stored = repository.read(plugin, user)
        before = stored[SettingsLevel(level)]
        check_version(before.version, versions)
        after = _patched(before.values, wanted)
        changed = tuple(sorted(key for key in wanted if before.values.get(key) != after.get(key)))
        now = dict(stored) | {SettingsLevel(level): StoredValues(after, before.version + 1)}
        _check(leveled, level, wanted, now)
        if not changed:
            return _shown(leveled, level, stored)
        repository.write(plugin, user, after, at)
        scope = current_scope()
        scope.work.services.get(EffectiveSettings).forget()
        scope.host.publish([SettingsChanged(plugin=plugin, level=level, keys=changed)])
        return _shown(leveled, level, now)


def _patched(values: Any, patch: Any) -> Any:
    """Return values as a merge patch (RFC 7396) makes them."""
    if not isinstance(patch, dict):
        return patch
    result = dict(values) if isinstance(values, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _patched(result.get(key), value)
    return result


def _leveled(plugin: str) -> LeveledSettings:
    found = environment().leveled_settings.get(plugin)
    if found is None:
        raise SettingsNotFound(
            f"There is no active plugin {plugin!r} with settings of workspaces or users."
        )
    return found


def _user(level: SettableLevel) -> UUID | None:
    return current_scope().actor.user_id if level is SettableLevel.USER else None


def _check(
    leveled: LeveledSettings, level: SettableLevel, wanted: Mapping[str, Any], stored: _Stored
) -> None:
    """Raise if a value that is wanted is not accepted together with the others."""
    allowed = leveled.keys(SettingsLevel(level))
    refused = _merged(leveled, stored).refused
    errors = []
    for key, value in wanted.items():
        if key not in allowed and value is not None:
            may = ", ".join(allowed) or "none"
            message = f"It cannot be set at the level {level.value}; these can: {may}."
            errors.append(FieldError(f"/values/{key}", "not-settable", message))
        elif (reason := refused.get((SettingsLevel(level), key))) is not None:
            errors.append(FieldError(f"/values/{key}", "invalid", reason))
    if errors:
        names = ", ".join(item.pointer.rpartition("/")[2] for item in errors)
        raise InvalidSettings(f"{leveled.plugin} does not accept: {names}.", errors=errors)


def _merged(leveled: LeveledSettings, stored: _Stored) -> MergedSettings:
    return leveled.merge(stored[SettingsLevel.WORKSPACE].values, stored[SettingsLevel.USER].values)


def _shown(leveled: LeveledSettings, level: SettableLevel, stored: _Stored) -> PluginValues:
    own = stored[SettingsLevel(level)]
    return PluginValues(
        plugin=leveled.plugin,
        title=leveled.title,
        level=level,
        version=own.version,
        own=_json(own.values),
        settings=tuple(_values(leveled, level, _merged(leveled, stored))),
    )


def _values(
    leveled: LeveledSettings, level: SettableLevel, merged: MergedSettings
) -> Iterator[SettingValue]:
    schema = leveled.declared.schema()
    shown: dict[str, Any] = schema.dump(merged.values)
    for key, name in leveled.names().items():
        field = schema.fields[name]
        default = None if field.load_default is missing else field.load_default
        default = default() if callable(default) else default
        source = merged.sources.get(key)
        yield SettingValue(
            key=key,
            level=SettableLevel(leveled.declared.levels[key]),
            value=_json(shown.get(key)),
            source=ValueSource.DEFAULT if source is None else ValueSource(source),
            default=_json(schema.dump({name: default}).get(key)),
            refused=merged.refused.get((SettingsLevel(level), key)),
            schema=_json(setting_schema(field)),
        )


def _json(value: Any) -> str:
    return msgspec.json.encode(value, enc_hook=str).decode()
