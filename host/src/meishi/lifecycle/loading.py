"""Loading plugins: allow-list, versions, order, guarded import, hooks, states."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from types import ModuleType

import pluggy

from meishi.errors import BootRefused
from meishi.hookspecs import PROJECT, Hooks
from meishi.lifecycle.contribution import Contribution, collect
from meishi.lifecycle.deadline import Deadline, DeadlineMissed
from meishi.lifecycle.discovery import FoundPlugin, discover
from meishi.lifecycle.event_versions import retired_faults
from meishi.lifecycle.extension_faults import target_faults
from meishi.lifecycle.hook_results import ContributionError, refuse_unknown_hooks
from meishi.lifecycle.idle_parts import idle_parts
from meishi.lifecycle.manifest import Manifest
from meishi.lifecycle.merge_faults import kind_faults
from meishi.lifecycle.ordering import in_order
from meishi.lifecycle.raised import raised
from meishi.lifecycle.registrations import Registrations
from meishi.lifecycle.selection import check_named, select, status_of
from meishi.lifecycle.states import FAULTS, PluginState, PluginStatus
from meishi.settings import BootPolicy, Settings


@dataclass(slots=True)
class PluginSet:
    """The plugins of one application object: what the active ones supply, and all states."""

    contributions: dict[str, Contribution] = field(default_factory=dict)
    statuses: dict[str, PluginStatus] = field(default_factory=dict)

    def active(self) -> Iterator[Contribution]:
        """Yield what active plugins supply, in the order of their dependencies."""
        for name, contribution in self.contributions.items():
            if self.statuses[name].state is PluginState.ACTIVE:
                yield contribution

    def is_active(self, name: str) -> bool:
        """Whether a plugin runs."""
        status = self.statuses.get(name)
        return status is not None and status.state is PluginState.ACTIVE

    def mark(self, name: str, state: PluginState, reason: str) -> None:
        """Take an active plugin out, and all that need it with it."""
        old = self.statuses[name]
        self.statuses[name] = PluginStatus(
            name=name, state=state, reason=reason, manifest=old.manifest, built_in=old.built_in
        )
        for other in list(self.active()):
            if name in other.manifest.requires:
                self.mark(other.plugin, PluginState.MISSING_DEPENDENCY, f"skipped: needs {name}")

    def idle_parts(self, name: str) -> str:
        """Return which parts of an active plugin do nothing for now, and why; empty if none do."""
        active = {item.plugin: item for item in self.active()}
        if name not in active:
            return ""
        return "; ".join(idle_parts(active[name], list(active.values())))

    def faults(self) -> list[PluginStatus]:
        """Return the statuses that stop a strict boot."""
        return [status for status in self.statuses.values() if status.state in FAULTS]

    def enforce(self, policy: BootPolicy) -> None:
        """Raise `BootRefused` if anything is wrong and the policy is strict."""
        faults = self.faults()
        if faults and policy is BootPolicy.STRICT:
            first = faults[0]
            raise BootRefused(
                f"The plugin {first.name} is {first.state.value}: {first.reason}",
                hint='`meishi plugins` lists all states; boot_policy = "degrade" runs the rest.',
            )
        broken = [status for status in faults if status.built_in]
        if broken:
            raise BootRefused(f"The host's own part {broken[0].name} failed: {broken[0].reason}")


def load_plugins(settings: Settings, found: Sequence[FoundPlugin] | None = None) -> PluginSet:
    """Load what is installed and allowed; nothing that a plugin does can raise from here."""
    plugins = discover() if found is None else found
    result = PluginSet()
    candidates = select(plugins, settings, result.statuses)
    check_named(settings, {plugin.name for plugin in plugins}, result.statuses)
    order, circular = in_order([item.manifest for item in candidates.values() if item.manifest])
    for name, reason in circular.items():
        result.statuses[name] = status_of(candidates[name], PluginState.BROKEN, reason)
    ordered = [candidates[manifest.name] for manifest in order]
    _load_in_order(sorted(ordered, key=lambda item: not item.built_in), settings, result)
    _take_out_listeners_to_retired(result)
    _take_out_mistaken(result)
    return result


def _load_in_order(plugins: Sequence[FoundPlugin], settings: Settings, result: PluginSet) -> None:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    registrations = Registrations()
    for plugin in plugins:
        assert plugin.manifest is not None
        missing = _missing_requirement(plugin.manifest, result)
        if missing:
            state = PluginState.MISSING_DEPENDENCY
            result.statuses[plugin.name] = status_of(plugin, state, missing)
            continue
        try:
            contribution = _load_one(manager, plugin, plugin.manifest, settings)
            _claim(registrations, contribution)
        except ContributionError as error:
            result.statuses[plugin.name] = status_of(plugin, PluginState.BROKEN, str(error))
        else:
            result.contributions[plugin.name] = contribution
            result.statuses[plugin.name] = status_of(plugin, PluginState.ACTIVE)


def _take_out_listeners_to_retired(result: PluginSet) -> None:
    """Take out who wants to hear an event type that its owner no longer publishes."""
    active = [(item.manifest, item.event_types) for item in result.active()]
    for name, fault in retired_faults(active):
        if result.statuses[name].state is PluginState.ACTIVE:
            result.mark(name, PluginState.BROKEN, fault)


def _take_out_mistaken(result: PluginSet) -> None:
    """Take out who names a resource that its owner does not have."""
    active = list(result.active())
    for name, fault in (*target_faults(active), *kind_faults(active)):
        if result.statuses[name].state is PluginState.ACTIVE:
            result.mark(name, PluginState.BROKEN, fault)


def _missing_requirement(manifest: Manifest, result: PluginSet) -> str:
    for name, wanted in manifest.requires.items():
        status = result.statuses.get(name)
        if status is None or status.state is not PluginState.ACTIVE:
            state = f" ({status.state.value})" if status else " (not installed)"
            return f"skipped: needs {name}{state}"
        assert status.manifest is not None
        if not wanted.contains(status.manifest.version, prereleases=True):
            return f"skipped: needs {name} {wanted}, {status.manifest.version} is installed"
    return ""


def _load_one(
    manager: pluggy.PluginManager, plugin: FoundPlugin, manifest: Manifest, settings: Settings
) -> Contribution:
    assert plugin.folder is not None
    values = settings.plugin_settings.get(plugin.name, {})
    module: ModuleType | None = None
    try:
        with (
            redirect_stdout(sys.stderr),
            _no_thread_left(),
            Deadline(settings.plugin_load_seconds, plugin.folder) as limit,
        ):
            module = _import(plugin.module, limit)
            manager.register(module, name=plugin.name)
            refuse_unknown_hooks(manager, module)
            return collect(manager, module, manifest, values, limit)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        if module is not None and manager.is_registered(module):
            manager.unregister(module)
        if isinstance(error, ContributionError):
            raise
        told = isinstance(error, DeadlineMissed | pluggy.PluginValidationError)
        reason = " ".join(str(error).split()) if told else raised(error)
        raise ContributionError(reason) from error


def _claim(registrations: Registrations, contribution: Contribution) -> None:
    """Take the names that a plugin uses; one that cannot even be read is its fault alone."""
    try:
        registrations.claim(contribution)
    except ContributionError:
        raise
    except Exception as error:
        raise ContributionError(f"its names cannot be read: {raised(error)}") from error


def _import(module: str, limit: Deadline) -> ModuleType:
    """Import a plugin; whatever it raises, `sys.exit` included, becomes its fault alone."""
    limit.step = f"importing {module}"
    try:
        return importlib.import_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise ContributionError(f"importing {module} raised {raised(error)}") from error


@contextmanager
def _no_thread_left() -> Iterator[None]:
    """Raise if the block leaves a thread behind that the end of the process would wait for."""
    before = set(threading.enumerate())
    yield
    for thread in threading.enumerate():
        if thread not in before and not thread.daemon:
            raise ContributionError(
                f"loading it started the thread {thread.name!r}; "
                "start threads where there is work for them"
            )
