"""`meishi plugins enable|disable|default|show`: what is on, while everything runs."""

from __future__ import annotations

import click

from meishi.command.deployment import current_deployment
from meishi.command.output import print_json
from meishi.command.session import chosen_workspace
from meishi.errors import OperatorError
from meishi.sdk.contract import DomainError

_workspace = click.option(
    "--workspace", metavar="SLUG", help="Only there; without it, for the deployment."
)
_cascade = click.option(
    "--cascade", is_flag=True, help="Switch those along that would be in the way."
)
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")

_HINT = "`meishi plugins` lists all states."


@click.command()
@click.argument("name")
@_workspace
@_cascade
@_json
def enable(*, name: str, workspace: str | None, cascade: bool, as_json: bool) -> None:
    """Switch the plugin NAME on; running processes follow within a second."""
    _switch(name, workspace, on=True, cascade=cascade, as_json=as_json)


@click.command()
@click.argument("name")
@_workspace
@_cascade
@_json
def disable(*, name: str, workspace: str | None, cascade: bool, as_json: bool) -> None:
    """Switch the plugin NAME off; its data stays as it is."""
    _switch(name, workspace, on=False, cascade=cascade, as_json=as_json)


@click.command()
@click.argument("name")
@click.argument("default", type=click.Choice(["on", "off", "forced"]))
def default(*, name: str, default: str) -> None:
    """Say whether the plugin NAME is on in workspaces that have chosen nothing, or in all."""
    from meishi.switches.interface import PluginSwitches
    from meishi.switches.models import DB_SCHEMA
    from meishi.switches.state import WorkspaceDefault

    host = current_deployment().host()
    try:
        with host.within(DB_SCHEMA):
            host.service(PluginSwitches).set_default(name, WorkspaceDefault(default))
    except DomainError as error:
        raise OperatorError(error.detail, hint=_HINT) from error
    click.echo(f"In workspaces, {name} is {default}.")


@click.command()
@click.argument("name")
@_json
def show(*, name: str, as_json: bool) -> None:
    """Show how the plugin NAME stands: its revision, what waits for it, who has switched it."""
    from meishi.switches.interface import PluginSwitches
    from meishi.switches.models import DB_SCHEMA

    host = current_deployment().host()
    try:
        with host.within(DB_SCHEMA):
            found = host.service(PluginSwitches).condition(name)
    except DomainError as error:
        raise OperatorError(error.detail, hint=_HINT) from error
    if as_json:
        print_json(found)
        return
    pending = f"; pending: {', '.join(found.pending)}" if found.pending else ""
    # Of one that runs elsewhere the tables are there.
    place = found.placement or found.revision
    click.echo(f"{name} is {host.status_of(name).state.value}, at {place}{pending}.")
    for item in found.subscriptions:
        click.echo(
            f"{item.name}: {item.state}, {item.lag_events} events behind, {item.parked} parked"
        )
    for change in found.changes:
        where = "everywhere" if change.workspace is None else f"in {change.workspace}"
        by = "from the command line" if change.actor is None else f"by {change.actor}"
        click.echo(f"{change.at.isoformat()}: {change.said} {where}, {by}")


def _switch(name: str, workspace: str | None, *, on: bool, cascade: bool, as_json: bool) -> None:
    """Switch a plugin, for the deployment or in one workspace, and say what was switched."""
    changed = switched(name, workspace, on=on, cascade=cascade)
    if as_json:
        print_json({"changed": changed})
    elif changed:
        click.echo(f"Switched {'on' if on else 'off'}: {', '.join(changed)}.")
    else:
        click.echo(f"{name} was {'on' if on else 'off'} already.")


def switched(name: str, workspace: str | None, *, on: bool, cascade: bool) -> tuple[str, ...]:
    """Return what was switched with a plugin, for the deployment or in one workspace."""
    from meishi.switches.interface import PluginNeeded, PluginNeeds, PluginSwitches
    from meishi.switches.models import DB_SCHEMA

    host = current_deployment().host()
    place = None if workspace is None else chosen_workspace(workspace).id
    try:
        with host.scope(workspace=place, plugin=DB_SCHEMA):
            switches = host.service(PluginSwitches)
            change = switches.switch if place is None else switches.switch_here
            return change(name, on=on, cascade=cascade)
    except (PluginNeeded, PluginNeeds) as error:
        raise OperatorError(error.detail, hint="--cascade switches them along.") from error
    except DomainError as error:
        raise OperatorError(error.detail, hint=_HINT) from error
