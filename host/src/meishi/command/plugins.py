"""`meishi plugins`: what is installed, and the state of each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from meishi.command.deployment import current_deployment
from meishi.command.output import print_json, print_table
from meishi.command.plugin_installation import install
from meishi.command.plugin_switches import default, disable, enable, show
from meishi.command.purge import purge
from meishi.command.session import workspace_option
from meishi.errors import OperatorError
from meishi.lifecycle.states import PluginStatus

if TYPE_CHECKING:
    from meishi.host import Host


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def plugins(context: click.Context, *, as_json: bool) -> None:
    """List plugins with their states."""
    if context.invoked_subcommand is None:
        _print_statuses(as_json=as_json)


@plugins.command()
@click.argument("name")
@workspace_option
@click.option("--set", "given", multiple=True, metavar="KEY=VALUE", help="For the workspace.")
@click.option("--unset", "taken", multiple=True, metavar="KEY", help="Back to the deployment's.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def settings(
    *,
    name: str,
    workspace: str | None,
    given: tuple[str, ...],
    taken: tuple[str, ...],
    as_json: bool,
) -> None:
    """Show the settings of the plugin NAME, and change what the workspace sets."""
    from meishi.command.plugin_settings import change_settings, rows_of_settings

    patch = dict.fromkeys(taken) | dict(map(_assignment, given))
    if patch:
        change_settings(name, workspace, patch)
    rows = rows_of_settings(name, workspace)
    if as_json:
        print_json([{"key": key, "value": value, "source": source} for key, value, source in rows])
    else:
        print_table(("setting", "value", "set by"), rows)


for _command in (enable, disable, default, install, show, purge):
    plugins.add_command(_command)


def _assignment(text: str) -> tuple[str, object]:
    """Return the key and the value, which is JSON, or else text as it stands."""
    key, equals, value = text.partition("=")
    if not equals:
        raise OperatorError(f"{text!r} sets nothing.", hint="Write --set KEY=VALUE.")
    try:
        return key, msgspec.json.decode(value)
    except msgspec.DecodeError:
        return key, value


def _print_statuses(*, as_json: bool) -> None:
    host = _examined()
    statuses = [*host.statuses().values()]
    if as_json:
        print_json(
            [
                {"name": item.name, "state": item.state.value, "reason": item.reason,
                 "note": item.note, "version": _version(item), "built_in": item.built_in,
                 "placement": host.plugins.url_of(item.name)}
                for item in statuses
            ]
        )  # fmt: skip
        return
    print_table(
        ("plugin", "version", "state", "reason"),
        [
            (
                item.name,
                _version(item),
                item.state.value,
                _told(item, host.plugins.url_of(item.name)),
            )
            for item in statuses
        ],
    )


def _version(status: PluginStatus) -> str:
    return str(status.manifest.version) if status.manifest else ""


def _told(status: PluginStatus, url: str | None) -> str:
    """Return what is said beside a state: the reason, or where it runs and what of it does not."""
    where = "" if url is None else f"runs at {url}"
    return status.reason or "; ".join(filter(None, (where, status.note)))


def _examined() -> Host:
    """Return a host that knows what is installed, and what only the database remembers."""
    deployment = current_deployment()
    deployment.prepare_embedded()
    host = deployment.unwired_host()
    host.check_migrations()
    if host.settings.only:
        # What is switched, a service asks the main deployment.
        host.wire()
    else:
        host.read_switches()
    return host
