"""Switches across processes: a service asks the main deployment what is on."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from meishi.calls.registry import CallRegistry
from meishi.context import Scope, current_scope
from meishi.declarations import PluginContext
from meishi.remote.errors import RemoteCallError
from meishi.sdk.contract import query
from meishi.settings import Settings
from meishi.switches import repository
from meishi.switches.models import DB_SCHEMA
from meishi.switches.state import Switches, WorkspaceDefault


@dataclass(frozen=True, slots=True)
class PluginDefault:
    """What holds of a plugin in workspaces that have said nothing."""

    plugin: str
    default: WorkspaceDefault


@dataclass(frozen=True, slots=True)
class WorkspaceChoice:
    """What a workspace has said of a plugin."""

    workspace: UUID
    plugin: str
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchState:
    """All switches at one moment."""

    epoch: int
    off: frozenset[str]
    defaults: tuple[PluginDefault, ...]
    chosen: tuple[WorkspaceChoice, ...]

    def switches(self) -> Switches:
        """Return the same as processes keep it."""
        chosen: dict[UUID, dict[str, bool]] = {}
        for choice in self.chosen:
            chosen.setdefault(choice.workspace, {})[choice.plugin] = choice.enabled
        return Switches(
            epoch=self.epoch,
            off=self.off,
            defaults={item.plugin: item.default for item in self.defaults},
            chosen=chosen,
        )


class AskingHost(Protocol):
    """The host, as far as it can be asked for what was switched."""

    settings: Settings
    calls: CallRegistry

    def scope(self) -> AbstractContextManager[Scope]:
        """Run a block as one unit of work."""
        ...

    def within(self, plugin: str) -> AbstractContextManager[Scope]:
        """Run a block as one unit of work of a part of the host."""
        ...


def read_switches(host: AskingHost, known: int) -> Switches | None:
    """Return the state of all switches, None if it is that of the known epoch still.

    A service has no such tables, and asks who has.
    """
    if host.settings.only:
        with host.scope():
            told = host.calls.get(SwitchStates).since(known)
            return None if told is None else told.switches()
    with host.within(DB_SCHEMA) as scope:
        return repository.read(scope.work, known)


def not_told(plugin: str) -> RemoteCallError:
    """Return what a service answers that does not know yet what is on: that it cannot now."""
    return RemoteCallError(
        plugin,
        "since",
        "the main deployment has not told yet what is switched on",
        may_have_happened=False,
    )


class SwitchStates(Protocol):
    """What services ask the main deployment again and again."""

    @query()
    def since(self, epoch: int) -> SwitchState | None:
        """Return the state of all switches, None if it is that of an epoch still."""
        ...


class SwitchStateService:
    """Implements `SwitchStates`."""

    def __init__(self, context: PluginContext) -> None:
        self._plugin = context.plugin

    def since(self, epoch: int) -> SwitchState | None:
        """Return the state of all switches, None if it is that of an epoch still."""
        found = repository.read(current_scope().work, epoch)
        if found is None:
            return None
        return SwitchState(
            epoch=found.epoch,
            off=found.off,
            defaults=tuple(PluginDefault(*item) for item in found.defaults.items()),
            chosen=tuple(
                WorkspaceChoice(workspace, plugin, enabled)
                for workspace, said in found.chosen.items()
                for plugin, enabled in said.items()
            ),
        )
