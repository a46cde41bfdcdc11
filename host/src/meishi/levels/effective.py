"""What holds of a plugin's settings in a unit of work, read when it is first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from meishi.context import Scope
from meishi.declarations import SettingsLevel
from meishi.levels import repository
from meishi.levels.across import StoredSettings
from meishi.levels.environment import environment
from meishi.levels.models import DB_SCHEMA
from meishi.levels.repository import StoredValues
from meishi.lifecycle.leveled_settings import LeveledSettings, MergedSettings
from meishi.logs import logger

#: Whose values: the plugin's, in a workspace, for a user of it.
_Place = tuple[str, UUID | None, UUID | None]


class EffectiveSettings:
    """The values that were read in one unit of work.

    After a change nothing is remembered any more: a savepoint may undo it.
    """

    def __init__(self) -> None:
        self._found: dict[_Place, Mapping[str, Any]] = {}
        self._remembers = True

    def forget(self) -> None:
        """Read what is asked for from now on, every time."""
        self._found.clear()
        self._remembers = False

    def of(self, scope: Scope, leveled: LeveledSettings) -> Mapping[str, Any]:
        """Return a plugin's values for who acts."""
        user = scope.actor.user_id
        place = (leveled.plugin, scope.workspace_id, user)
        found = self._found.get(place)
        if found is None:
            found = _read(leveled, user).values
            if self._remembers:
                self._found[place] = found
        return found


def effective_settings(scope: Scope, leveled: LeveledSettings) -> Mapping[str, Any]:
    """Return a plugin's values for who acts in a workspace, with the rights of who keeps them."""
    with scope.work.entered(DB_SCHEMA):
        return scope.work.services.get(EffectiveSettings).of(scope, leveled)


def _stored(plugin: str, user: UUID | None) -> Mapping[SettingsLevel, StoredValues]:
    """Return what was set; a service has no such tables, and asks who has."""
    host = environment()
    if host.settings.only:
        return host.service(StoredSettings).of(plugin, user).values()
    return repository.read(plugin, user)


def _read(leveled: LeveledSettings, user: UUID | None) -> MergedSettings:
    stored = _stored(leveled.plugin, user)
    merged = leveled.merge(
        stored[SettingsLevel.WORKSPACE].values, stored[SettingsLevel.USER].values
    )
    for (level, key), reason in sorted(merged.refused.items()):
        log = logger(environment().settings.log_level)
        log.warning(
            "setting ignored", plugin=leveled.plugin, key=key, set_by=level.value, reason=reason
        )
    return merged
