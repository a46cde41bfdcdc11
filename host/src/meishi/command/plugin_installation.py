"""`meishi plugins install`: from a package that is known to a plugin that runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from meishi.command.deployment import Deployment, current_deployment
from meishi.command.plugin_switches import switched
from meishi.errors import OperatorError


@click.command()
@click.argument("name")
def install(*, name: str) -> None:
    """Bring the database up to date for the plugin NAME and what it needs, and switch it on."""
    from meishi.database.migrations import MigrationFailed
    from meishi.lifecycle.installation import remember_without_tables, upgrade_all
    from meishi.switches.state import Needs

    deployment = current_deployment()
    with _admitted(deployment, name) as admitted:
        _refuse_unloadable(deployment, name)
        active = {item.plugin: item for item in deployment.installed.active()}
        needs = Needs({item.plugin: item.manifest.requires for item in active.values()})
        going = [item for item in (*needs.of(name), name) if item in active]
        wanted = [item for item in going if active[item].versions]
        try:
            done = upgrade_all(
                deployment.settings, deployment.location, deployment.installed, wanted
            )
        except MigrationFailed as failure:
            hint = f"`meishi plugins install {name}` tries again."
            raise MigrationFailed(failure.message, hint=hint) from failure
        remember_without_tables(
            deployment.settings, deployment.location, deployment.installed, going
        )
        changed = switched(name, None, on=True, cascade=True)
    fresh = [item for item in (*needs.of(name), name) if item in admitted or done.get(item)]
    if fresh:
        click.echo(f"Installed: {', '.join(fresh)}.")
    if changed:
        click.echo(f"Switched on: {', '.join(changed)}.")
    if admitted:
        click.echo("Processes that run load it when they are restarted.")
    elif not fresh and not changed:
        click.echo(f"{name} was on already.")


@contextmanager
def _admitted(deployment: Deployment, name: str) -> Iterator[list[str]]:
    """Have a plugin loaded that is only known, and what it needs; for good if the block ends.

    Not before: what ends the process, or never comes back, would do so to every command there is.
    """
    from meishi.admitted_plugins import admit

    settings = deployment.settings
    admitted = [] if settings.plugins_listed else _only_known(name, {*settings.plugins})
    if admitted:
        deployment.try_plugins(admitted)
    yield admitted
    if admitted:
        admit(settings.home, admitted)


def _only_known(name: str, chosen: set[str]) -> list[str]:
    """Return which packages have to be admitted for a plugin to be loaded."""
    from meishi.lifecycle.discovery import discover

    known = {item.name: item for item in discover() if not item.built_in}
    found, open_ends = [], [name]
    while open_ends:
        wanted = open_ends.pop()
        plugin = known.get(wanted)
        if plugin is not None and wanted not in chosen and wanted not in found:
            found.append(wanted)
            open_ends += plugin.manifest.requires if plugin.manifest else ()
    return found


def _refuse_unloadable(deployment: Deployment, name: str) -> None:
    """Raise if a plugin cannot be loaded."""
    from meishi.lifecycle.states import PluginState

    status = deployment.installed.statuses.get(name)
    if status is not None and status.state is PluginState.ACTIVE:
        return
    if status is None:
        reason, hint = "there is no such package", "`pip install` brings a package."
    elif deployment.settings.plugins_listed and status.state is PluginState.DISABLED:
        reason = f"it is {status.reason}"
        hint = "Your settings say which plugins run: name it in `plugins`, or leave that out."
    else:
        reason, hint = f"it is {status.state.value}: {status.reason}", "`meishi plugins` lists all."
    raise OperatorError(f"{name} cannot be installed: {reason}.", hint=hint)
