"""Which of the installed plugins may be loaded, and why the others may not."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from packaging.version import Version

from meishi import __version__
from meishi.lifecycle.discovery import FoundPlugin
from meishi.lifecycle.reserved import reserved_name
from meishi.lifecycle.states import PluginState, PluginStatus
from meishi.settings import FIRST_PARTY_PLUGINS, Settings


def status_of(plugin: FoundPlugin, state: PluginState, reason: str = "") -> PluginStatus:
    """Return the status of an installed plugin."""
    return PluginStatus(
        name=plugin.name,
        state=state,
        reason=reason,
        manifest=plugin.manifest,
        built_in=plugin.built_in,
    )


def select(
    plugins: Sequence[FoundPlugin], settings: Settings, statuses: dict[str, PluginStatus]
) -> dict[str, FoundPlugin]:
    """Keep what may be loaded; give everything else its state."""
    selected: dict[str, FoundPlugin] = {}
    by_name: dict[str, list[FoundPlugin]] = {}
    for plugin in plugins:
        by_name.setdefault(plugin.name, []).append(plugin)
    for name, (plugin, *others) in by_name.items():
        state, reason = _selection(plugin, settings)
        if plugin.built_in:
            _refuse_borrowed_name(name, others, statuses)
        elif others and state is not PluginState.DISABLED:
            packages = ", ".join(sorted(item.module for item in (plugin, *others)))
            state, reason = PluginState.BROKEN, f"several packages register {name!r}: {packages}"
        if state is PluginState.ACTIVE:
            selected[name] = plugin
        else:
            statuses[name] = status_of(plugin, state, reason)
    return selected


def _selection(plugin: FoundPlugin, settings: Settings) -> tuple[PluginState, str]:
    if not plugin.module:
        return PluginState.BROKEN, plugin.fault
    if not plugin.built_in and plugin.name not in settings.plugins:
        return PluginState.DISABLED, _not_chosen(plugin, settings)
    prefix = plugin.manifest.api_prefix if plugin.manifest else None
    reserved = "" if plugin.built_in else reserved_name(plugin.name, prefix)
    if reserved:
        return PluginState.BROKEN, reserved
    if plugin.manifest is None or plugin.fault:
        return PluginState.BROKEN, plugin.fault
    if not plugin.manifest.host.contains(Version(__version__), prereleases=True):
        return (
            PluginState.INCOMPATIBLE,
            f"needs meishi {plugin.manifest.host}, this is {__version__}",
        )
    return PluginState.ACTIVE, ""


def _not_chosen(plugin: FoundPlugin, settings: Settings) -> str:
    """Say why a plugin is known and no more."""
    if settings.plugins_listed:
        return "not in the setting `plugins`"
    return f"known, not installed; `meishi plugins install {plugin.name}`"


def _refuse_borrowed_name(
    name: str, others: Sequence[FoundPlugin], statuses: dict[str, PluginStatus]
) -> None:
    """Leave the host's own part alone, and list the package that calls itself the same."""
    for other in others:
        label = f"{name} ({other.module})"
        reason = f"the name {name!r} belongs to the host"
        statuses[label] = PluginStatus(name=label, state=PluginState.BROKEN, reason=reason)


def check_named(settings: Settings, installed: set[str], statuses: dict[str, PluginStatus]) -> None:
    """Report plugins that the settings name and that nobody installed."""
    named = settings.plugins if settings.plugins_listed else FIRST_PARTY_PLUGINS
    for name in (*named, *settings.plugin_settings):
        if name in installed or name in statuses:
            continue
        where = "the setting `plugins`" if name in settings.plugins else f"[plugin.{name}]"
        close = difflib.get_close_matches(name, installed, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        reason = f"named in {where}, but not installed{hint}"
        statuses[name] = PluginStatus(
            name=name, state=PluginState.MISSING_DEPENDENCY, reason=reason
        )
