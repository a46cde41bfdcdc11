"""What the switches offer: what is on, and switching it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from meishi.sdk.contract import DomainError, command, query
from meishi.switches.state import WorkspaceDefault


class PluginNotFound(DomainError):
    """There is no plugin of that name."""

    code = "plugin-not-found"
    title = "Module not found"
    status = 404


class PluginNeeded(DomainError):
    """Others that are on need the plugin."""

    code = "plugin-needed"
    title = "Module needed by others"
    status = 409


class PluginNeeds(DomainError):
    """The plugin needs others, which are off."""

    code = "plugin-needs-others"
    title = "Module needs others"
    status = 409


class PluginNotSwitchable(DomainError):
    """The plugin is a part of the host, does not run, or is the deployment's to decide."""

    code = "plugin-not-switchable"
    title = "Module cannot be switched"
    status = 409


class PluginRefused(DomainError):
    """The plugin raised an error when it was told."""

    code = "plugin-refused"
    title = "Module refused"
    status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchedPlugin:
    """A plugin as operators see it: its state with the reason, and its switches.

    `enabled` is the deployment's switch, `workspaces` what holds in workspaces that have said
    nothing; `chosen` is what the current workspace has said, `on` what holds there. `requires`
    and `required_by` name plugins. `elsewhere` says that it runs as a service of its own.
    """

    name: str
    title: str
    description: str
    version: str | None
    state: str
    reason: str
    built_in: bool
    requires: tuple[str, ...]
    required_by: tuple[str, ...]
    enabled: bool
    workspaces: WorkspaceDefault
    chosen: bool | None
    on: bool
    elsewhere: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginSubscription:
    """A subscription of a plugin: its state, how many events wait for it, and for how long.

    `parked` is how many failed, or wait behind one that did.
    """

    name: str
    state: str
    lag_events: int
    lag_seconds: float
    parked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginChange:
    """What was switched: `said` is `on`, `off` or `default …`, in a workspace or for all."""

    at: datetime
    said: str
    workspace: UUID | None
    actor: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginCondition:
    """How a plugin stands in the database: its `revision`, those that are `pending`, its events.

    `changes` are the last ones of its switches, the newest first. `placement` is where the service
    is of a plugin that runs elsewhere: what it has in its database is to be asked there.
    """

    placement: str | None
    revision: str | None
    pending: tuple[str, ...]
    subscriptions: tuple[PluginSubscription, ...]
    changes: tuple[PluginChange, ...]


#: Why something is not switched.
REFUSALS = (PluginNotFound, PluginNeeded, PluginNeeds, PluginNotSwitchable, PluginRefused)


class PluginSwitches(Protocol):
    """The switches of all plugins; what is switched is followed everywhere within a second."""

    @query()
    def all(self) -> tuple[SwitchedPlugin, ...]:
        """Return all plugins that are installed, the host's parts last."""
        ...

    @query(errors=(PluginNotFound,))
    def get(self, plugin: str) -> SwitchedPlugin:
        """Return one plugin."""
        ...

    @query(errors=(PluginNotFound,))
    def condition(self, plugin: str) -> PluginCondition:
        """Return how a plugin stands in the database; for those who run the deployment."""
        ...

    @command(errors=REFUSALS)
    def switch(self, plugin: str, *, on: bool, cascade: bool = False) -> tuple[str, ...]:
        """Switch a plugin for the deployment; return what was switched, in order.

        Whatever of its would be in the way goes along with `cascade`: what is needed goes on
        before, what needs it goes off before. One with a fault can be switched off; it is not told.
        """
        ...

    @command(errors=REFUSALS)
    def switch_here(self, plugin: str, *, on: bool, cascade: bool = False) -> tuple[str, ...]:
        """Switch a plugin for the current workspace; return what was switched, in order."""
        ...

    @command(errors=(PluginNotFound, PluginNotSwitchable))
    def set_default(self, plugin: str, default: WorkspaceDefault) -> None:
        """Say what holds in workspaces that have said nothing."""
        ...
