"""`meishi plugins`: what is installed, and the state of each with its reason."""

from __future__ import annotations

import click

from meishi.command.deployment import current_deployment
from meishi.command.output import print_json, print_table
from meishi.lifecycle.states import PluginState, PluginStatus


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def plugins(context: click.Context, *, as_json: bool) -> None:
    """List plugins with their states."""
    if context.invoked_subcommand is None:
        _print_statuses(as_json=as_json)


def _print_statuses(*, as_json: bool) -> None:
    statuses = _all_statuses()
    if as_json:
        print_json(
            [
                {"name": item.name, "state": item.state.value, "reason": item.reason,
                 "version": _version(item), "built_in": item.built_in}
                for item in statuses
            ]
        )  # fmt: skip
        return
    print_table(
        ("plugin", "version", "state", "reason"),
        [(item.name, _version(item), item.state.value, item.reason) for item in statuses],
    )


def _version(status: PluginStatus) -> str:
    return str(status.manifest.version) if status.manifest else ""


def _all_statuses() -> list[PluginStatus]:
    """Return the states of what is installed, and of what only the database remembers."""
    from meishi.lifecycle.installation import HOST_PART, remembered

    deployment = current_deployment()
    deployment.prepare_embedded()
    host = deployment.unwired_host()
    host.check_migrations()
    statuses = deployment.installed.statuses
    orphans = []
    if statuses[HOST_PART].state is PluginState.ACTIVE:
        orphans = [
            PluginStatus(
                name=name,
                state=PluginState.ORPHANED,
                reason="in the database, but its package is not installed",
            )
            for name in remembered(host)
            if name not in statuses
        ]
    return [*statuses.values(), *orphans]
