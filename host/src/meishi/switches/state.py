"""The state of all switches at one moment, and what follows of it for a plugin in a workspace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class WorkspaceDefault(StrEnum):
    """What holds in workspaces that have said nothing: on, off, or on whatever they say."""

    ON = "on"
    OFF = "off"
    FORCED = "forced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """What was switched: `off` in the deployment, the `defaults`, and what workspaces chose.

    What nobody has ever touched is on. `epoch` is another one after every change.
    """

    epoch: int = 0
    off: frozenset[str] = frozenset()
    defaults: Mapping[str, WorkspaceDefault] = field(default_factory=dict)
    chosen: Mapping[UUID, Mapping[str, bool]] = field(default_factory=dict)

    @property
    def untouched(self) -> bool:
        """Whether everything is on everywhere."""
        return not (self.off or self.defaults or self.chosen)

    def default(self, plugin: str) -> WorkspaceDefault:
        """Return what holds in workspaces that have said nothing."""
        return self.defaults.get(plugin, WorkspaceDefault.ON)

    def choice(self, plugin: str, workspace: UUID) -> bool | None:
        """Return what a workspace has said, None if nothing."""
        return self.chosen.get(workspace, {}).get(plugin)

    def is_set(self, plugin: str, workspace: UUID | None) -> bool:
        """Whether a plugin's own switches are on, whatever those are of what it needs."""
        if plugin in self.off:
            return False
        if workspace is None:
            return True
        default = self.default(plugin)
        choice = self.choice(plugin, workspace)
        if default is WorkspaceDefault.FORCED or choice is None:
            return default is not WorkspaceDefault.OFF
        return choice


class Needs:
    """Which plugins need which others, directly or through others."""

    def __init__(self, requires: Mapping[str, Iterable[str]]) -> None:
        self._all: dict[str, tuple[str, ...]] = {}
        for name in requires:
            found: list[str] = []
            _gather(name, requires, found)
            self._all[name] = tuple(found)

    def of(self, plugin: str) -> tuple[str, ...]:
        """Return what a plugin needs, each behind what itself needs."""
        return self._all.get(plugin, ())

    def dependents(self, plugin: str) -> tuple[str, ...]:
        """Return who needs a plugin, each behind those that need it in turn."""
        found = [name for name, needed in self._all.items() if plugin in needed]
        return tuple(sorted(found, key=lambda name: (-len(self._all[name]), name)))

    def is_on(self, switches: Switches, plugin: str, workspace: UUID | None) -> bool:
        """Whether a plugin is on, and everything that it needs."""
        return all(switches.is_set(name, workspace) for name in (plugin, *self.of(plugin)))


def _gather(name: str, requires: Mapping[str, Iterable[str]], found: list[str]) -> None:
    for needed in sorted(requires.get(name, ())):
        if needed not in found:
            _gather(needed, requires, found)
            found.append(needed)
