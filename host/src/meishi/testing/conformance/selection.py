"""The plugin to check and those that it needs, whatever the deployment runs otherwise."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from meishi.errors import OperatorError
from meishi.http.mounting import take_out_unservable
from meishi.lifecycle.discovery import FoundPlugin, discover
from meishi.lifecycle.loading import PluginSet, load_plugins
from meishi.settings import BootPolicy, Settings

#: Part of the names of roles and databases, on a server where there is no other deployment.
DEPLOYMENT = "conformance"


def require_installed(plugin: str) -> None:
    """Raise `OperatorError` if no installed plugin has this name."""
    installed = {item.name for item in discover()}
    if plugin not in installed:
        close = difflib.get_close_matches(plugin, installed, n=1)
        raise OperatorError(
            f"No installed plugin is called {plugin!r}.",
            hint=f"Did you mean {close[0]!r}?" if close else "`meishi plugins` lists them.",
        )


def settings_for(plugin: str, settings: Settings, home: Path) -> Settings:
    """Return settings with which a plugin runs alone with what it needs, on a server in `home`.

    Only the settings of these plugins are the deployment's.
    """
    installed = {item.name: item for item in discover()}
    names = _with_required(plugin, installed)
    return replace(
        settings,
        home=home,
        deployment=DEPLOYMENT,
        database_url=None,
        database_admin_url=None,
        plugins=tuple(sorted(name for name in names if not installed[name].built_in)),
        plugin_settings={
            name: values for name, values in settings.plugin_settings.items() if name in names
        },
        boot_policy=BootPolicy.DEGRADE,
    )


def loaded_plugins(settings: Settings) -> PluginSet:
    """Return the plugins of these settings as an application would load them."""
    plugins = load_plugins(settings)
    take_out_unservable(plugins)
    return plugins


def _with_required(plugin: str, installed: Mapping[str, FoundPlugin]) -> set[str]:
    """Return a plugin's name with those of all that it needs, as far as they are installed."""
    names: set[str] = set()
    waiting = [plugin]
    while waiting:
        name = waiting.pop()
        found = installed.get(name)
        if found is None or name in names:
            continue
        names.add(name)
        waiting += found.manifest.requires if found.manifest else ()
    return names
