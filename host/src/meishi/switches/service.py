"""The rules of switching: nothing is on without what it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from meishi.context import current_scope
from meishi.declarations import PluginContext
from meishi.lifecycle.manifest import is_plugin_name
from meishi.lifecycle.states import FAULTS, PluginState, PluginStatus
from meishi.lifecycle.turns import TurnFailed, call_turn
from meishi.logs import logger
from meishi.sdk.contract import DomainError
from meishi.switches import repository
from meishi.switches.condition import condition_of
from meishi.switches.environment import environment
from meishi.switches.interface import (
    PluginCondition,
    PluginNeeded,
    PluginNeeds,
    PluginNotFound,
    PluginNotSwitchable,
    PluginRefused,
    SwitchedPlugin,
)
from meishi.switches.shown import reason_of, shown
from meishi.switches.state import Switches, WorkspaceDefault

#: Sets one switch, in the current transaction.
_Set = Callable[[Switches, str, bool], None]


class SwitchService:
    """Implements `PluginSwitches`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock

    def all(self) -> tuple[SwitchedPlugin, ...]:
        """Return all plugins."""
        switches = _now()
        statuses = environment().plugins.statuses.values()
        found = (shown(status, switches, current_scope().workspace_id) for status in statuses)
        return tuple(sorted(found, key=lambda item: (item.built_in, item.name)))

    def get(self, plugin: str) -> SwitchedPlugin:
        """Return one plugin."""
        return shown(_status(plugin), _now(), current_scope().workspace_id)

    def condition(self, plugin: str) -> PluginCondition:
        """Return how a plugin stands in the database."""
        return condition_of(_status(plugin).name)

    def switch(self, plugin: str, *, on: bool, cascade: bool = False) -> tuple[str, ...]:
        """Switch a plugin for the deployment."""
        return self._switch(plugin, None, self._set, on=on, cascade=cascade)

    def switch_here(self, plugin: str, *, on: bool, cascade: bool = False) -> tuple[str, ...]:
        """Switch a plugin for the current workspace."""
        workspace = current_scope().workspace_id
        if workspace is None:
            raise LookupError("there is no current workspace")
        return self._switch(plugin, workspace, self._choose, on=on, cascade=cascade)

    def set_default(self, plugin: str, default: WorkspaceDefault) -> None:
        """Set a plugin's default."""
        _switchable(plugin)
        work = current_scope().work
        switches = repository.locked(work)
        if switches.default(plugin) is not default:
            repository.set_deployment(
                work, plugin, enabled=plugin not in switches.off, default=default
            )
            self._note(plugin, f"default {default.value}", None)

    def _switch(
        self, plugin: str, workspace: UUID | None, set_one: _Set, *, on: bool, cascade: bool
    ) -> tuple[str, ...]:
        _switchable(plugin, with_faults=workspace is None and not on)
        switches = repository.locked(current_scope().work)
        others = _in_the_way(switches, plugin, workspace, on=on)
        if others and not cascade:
            raise _refusal(plugin, others, on=on)
        changed = [name for name in (*others, plugin) if switches.is_set(name, workspace) is not on]
        for name in changed:
            set_one(switches, name, on)
            _tell(name, on=on, workspace=workspace)
            self._note(name, "on" if on else "off", workspace)
        return tuple(changed)

    def _set(self, switches: Switches, plugin: str, on: bool) -> None:
        repository.set_deployment(
            current_scope().work, plugin, enabled=on, default=switches.default(plugin)
        )

    def _choose(self, switches: Switches, plugin: str, on: bool) -> None:
        scope = current_scope()
        assert scope.workspace_id is not None
        if on and plugin in switches.off:
            raise PluginNotSwitchable(f"{plugin} is off for the whole deployment.")
        if not on and switches.default(plugin) is WorkspaceDefault.FORCED:
            raise PluginNotSwitchable(f"{plugin} is on in every workspace, whatever they say.")
        repository.choose(scope.work, scope.workspace_id, plugin, enabled=on)

    def _note(self, plugin: str, said: str, workspace: UUID | None) -> None:
        scope = current_scope()
        repository.note(
            scope.work, plugin, said,
            at=self._clock(), workspace=workspace, actor=scope.actor.user_id,
        )  # fmt: skip


def _tell(plugin: str, *, on: bool, workspace: UUID | None) -> None:
    """Have a plugin do what it does at this turn; who raises undoes the change."""
    if not environment().plugins.is_active(plugin):
        return
    try:
        call_turn(environment(), plugin, "enabled" if on else "disabled", workspace=workspace)
    except TurnFailed as error:
        raise PluginRefused(_told(plugin, error)) from error


def _told(plugin: str, failure: TurnFailed) -> str:
    """Return why a plugin refused: its own words, or for operators alone what went wrong in it."""
    cause = failure.__cause__
    if isinstance(cause, DomainError):
        return f"{plugin}: {cause.detail or cause.title}"
    if current_scope().actor.user_id is None:
        return failure.message
    logger("error").error("plugin_refused", plugin=plugin, exc_info=cause)
    return f"{plugin} failed when it was told, and nothing was changed; the log says why."


def _now() -> Switches:
    """Return the state as this transaction sees it, which may be newer than the process knows."""
    found = repository.read(current_scope().work, -1)
    assert found is not None
    return found


def _status(plugin: str) -> PluginStatus:
    found = environment().plugins.statuses.get(plugin)
    if found is None:
        raise PluginNotFound(f"There is no plugin {plugin!r}.")
    return found


def _switchable(plugin: str, *, with_faults: bool = False) -> None:
    """Raise for a part of the host, and for what does not run; `with_faults`, only if unwanted."""
    status = _status(plugin)
    if status.built_in:
        raise PluginNotSwitchable(f"{plugin} is a part of the host.")
    faulty = status.state in FAULTS and is_plugin_name(plugin)
    if status.state is not PluginState.ACTIVE and not (faulty and with_faults):
        raise PluginNotSwitchable(f"{plugin} is {status.state.value}: {reason_of(status)}.")


def _in_the_way(
    switches: Switches, plugin: str, workspace: UUID | None, *, on: bool
) -> Sequence[str]:
    """Return who has to be switched before a plugin, in that order."""
    plugins, needs = environment().plugins, environment().switches.needs
    if on:
        return [
            name
            for name in needs.of(plugin)
            if not plugins.statuses[name].built_in and not switches.is_set(name, workspace)
        ]
    return [name for name in needs.dependents(plugin) if needs.is_on(switches, name, workspace)]


def _refusal(plugin: str, others: Sequence[str], *, on: bool) -> PluginNeeded | PluginNeeds:
    names = ", ".join(others)
    if on:
        return PluginNeeds(f"{plugin} needs {names}; switch them on first, or `cascade`.")
    return PluginNeeded(f"{names} would be without {plugin}; switch them off first, or `cascade`.")
