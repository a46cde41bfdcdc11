"""Loading plugins: allow-list, versions, order, guarded import, hooks, states."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import ModuleType

import pluggy

from meishi.errors import BootRefused
from meishi.hookspecs import PROJECT, Hooks
from meishi.lifecycle.contribution import Contribution, collect
from meishi.lifecycle.deadline import Deadline
from meishi.lifecycle.discovery import FoundPlugin, discover
from meishi.lifecycle.event_versions import retired_faults
from meishi.lifecycle.extension_faults import target_faults
from meishi.lifecycle.extensions import Extensions, InstalledPlugin
from meishi.lifecycle.guarding import guarded
from meishi.lifecycle.hook_results import ContributionError, refuse_unknown_hooks
from meishi.lifecycle.idle_parts import idle_parts
from meishi.lifecycle.manifest import Manifest
from meishi.lifecycle.merge_faults import kind_faults
from meishi.lifecycle.ordering import in_order
from meishi.lifecycle.placing import needed_by, pinning, placed
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
    extensions: Extensions = field(default_factory=Extensions)

    def active(self) -> Iterator[Contribution]:
        """Yield what active plugins supply, in the order of their dependencies."""
        for name, contribution in self.contributions.items():
            if self.statuses[name].state is PluginState.ACTIVE:
                yield contribution

    def replace_each(self, made: Callable[[Contribution], Contribution]) -> None:
        """Have something else stand for plugins, or themselves."""
        self.contributions = {name: made(item) for name, item in self.contributions.items()}

    def mark(self, name: str, state: PluginState, reason: str) -> None:
        """Take an active plugin out, and all that need it with it."""
        old = self.statuses[name]
        self.statuses[name] = replace(old, state=state, reason=reason, note="")
        for other in list(self.active()):
            if name in other.manifest.requires:
                self.mark(other.plugin, PluginState.MISSING_DEPENDENCY, f"skipped: needs {name}")
        self.note_inactive_hooks()

    def is_active(self, name: str) -> bool:
        """Whether a plugin is there and runs."""
        return name in self.statuses and self.statuses[name].state is PluginState.ACTIVE

    def url_of(self, name: str) -> str | None:
        """Return where an active plugin is that runs elsewhere, None for all others."""
        found = self.contributions.get(name) if self.is_active(name) else None
        return None if found is None or found.placement is None else found.placement.url

    def note_inactive_hooks(self) -> None:
        """Say of each active plugin which of others' hooks it implements for nobody."""
        for item in self.active():
            note = self.extensions.note(item.plugin, self.is_active)
            self.statuses[item.plugin] = replace(self.statuses[item.plugin], note=note)

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
    if settings.only:
        settings = _of_service(settings, plugins)
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
    _extend(candidates, settings, result)
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
            contribution = _where_it_runs(contribution, plugin, settings)
            _claim(registrations, contribution)
        except ContributionError as error:
            result.statuses[plugin.name] = status_of(plugin, PluginState.BROKEN, str(error))
        else:
            result.contributions[plugin.name] = contribution
            result.statuses[plugin.name] = status_of(plugin, PluginState.ACTIVE)


def _of_service(settings: Settings, plugins: Sequence[FoundPlugin]) -> Settings:
    """Return the settings of a service with the plugins that it has, or needs the contracts of."""
    manifests = {item.name: item.manifest for item in plugins if item.manifest is not None}
    needed = needed_by(settings.only, manifests)
    return replace(settings, plugins=needed, plugins_listed=True)


def _where_it_runs(
    contribution: Contribution, plugin: FoundPlugin, settings: Settings
) -> Contribution:
    """Return what stands for a plugin here, which is itself unless it is placed elsewhere."""
    placement = settings.placement_of(plugin.name, built_in=plugin.built_in)
    if placement is None:
        return contribution
    reason = next(pinning(contribution), None)
    if reason is not None:
        raise ContributionError(f"it cannot run elsewhere: {reason}")
    return placed(contribution, placement, hooked=not settings.only)


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


def _extend(candidates: Mapping[str, FoundPlugin], settings: Settings, result: PluginSet) -> None:
    """Have the plugins implement each other's hooks; one that fails costs nobody else."""
    installed = {
        name: InstalledPlugin(status.manifest.hook_prefix, result.is_active(name))
        for name, status in result.statuses.items()
        if status.manifest is not None
    }
    for contribution in result.active():
        result.extensions.add(contribution)
    for contribution in map(partial(_as_asked, result), list(result.active())):
        folder = candidates[contribution.plugin].folder
        assert folder is not None

        def ask(limit: Deadline, asked: Contribution = contribution) -> None:
            result.extensions.ask(asked, installed, limit)

        if contribution.implementations and result.is_active(contribution.plugin):
            try:
                guarded(settings.plugin_load_seconds, folder, ask)
            except ContributionError as error:
                result.mark(contribution.plugin, PluginState.BROKEN, str(error))
    result.note_inactive_hooks()


def _as_asked(result: PluginSet, contribution: Contribution) -> Contribution:
    """Return a plugin with the hooks that it is asked for: of one elsewhere, of who is here."""
    if contribution.placement is None:
        return contribution
    added = result.extensions.added
    kept = {
        hook: function
        for hook, function in contribution.implementations.items()
        if hook in added and result.contributions[added[hook].plugin].placement is None
    }
    return replace(contribution, implementations=kept)


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

    def load(limit: Deadline) -> Contribution:
        module = _import(plugin.module, limit)
        manager.register(module, name=plugin.name)
        refuse_unknown_hooks(manager, module)
        return collect(manager, module, manifest, values, limit)

    try:
        return guarded(settings.plugin_load_seconds, plugin.folder, load)
    except ContributionError:
        if manager.has_plugin(plugin.name):
            manager.unregister(name=plugin.name)
        raise


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
