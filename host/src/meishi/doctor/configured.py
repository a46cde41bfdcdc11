"""Settings that nobody reads: of plugins that do not run, and keys that no schema has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from meishi.core.identity.contract import Workspace
from meishi.declarations import SettingsLevel
from meishi.doctor.findings import Finding, warning
from meishi.host import Host
from meishi.lifecycle.states import FAULTS, PluginState

_STORED = """
    SELECT 'workspace', plugin, NULL::uuid, document FROM meishi_settings.workspace_settings
    UNION ALL
    SELECT 'user', plugin, user_id, document FROM meishi_settings.user_settings
    ORDER BY 2, 1, 3
"""


def configuration_findings(host: Host) -> Iterator[Finding]:
    """Yield what is set for plugins that do not run; of faults, the states tell already."""
    for name in host.settings.plugin_settings:
        status = host.plugins.statuses.get(name)
        if status is None or status.state is PluginState.ACTIVE or status.state in FAULTS:
            continue
        message = f"[plugin.{name}] is set, and nothing reads it: {name} is {status.state.value}."
        yield warning("unused-settings", name, message, f"meishi plugins purge {name} --dry-run")


def level_findings(host: Host, workspaces: Sequence[Workspace]) -> Iterator[Finding]:
    """Yield what workspaces and users set of running plugins, and what cannot be set any more."""
    running = {item.plugin for item in host.plugins.active()}
    for workspace in workspaces:
        with host.scope(workspace=workspace.id, plugin="meishi_settings") as scope:
            rows = scope.work.execute(_STORED)
        for level, plugin, user, document in rows:
            if plugin not in running:
                continue
            for key in _unknown(host, plugin, SettingsLevel(level), document):
                who = workspace.slug if user is None else f"the user {user} of {workspace.slug}"
                message = f"{who} has set {key!r} of {plugin}, which cannot be set there any more."
                command = f"meishi plugins settings {plugin} --workspace {workspace.slug}"
                command += f" --unset {key}" if user is None else ""
                yield warning("unknown-setting", plugin, message, command)


def _unknown(host: Host, plugin: str, level: SettingsLevel, document: str) -> list[str]:
    stored = msgspec.json.decode(document, type=Mapping[str, object])
    leveled = host.leveled_settings.get(plugin)
    return sorted(stored.keys() - set(() if leveled is None else leveled.keys(level)))
