"""`meishi extract NAME --check`: whether a plugin may run as a service of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from meishi.command.deployment import current_deployment
from meishi.command.output import print_json
from meishi.errors import OperatorError

if TYPE_CHECKING:
    from meishi.lifecycle.loading import PluginSet

_LISTED = "`meishi plugins` lists what is installed, with states and reasons."


@click.command()
@click.argument("name")
@click.option(
    "--check", is_flag=True, required=True, help="Say what there is to say, and change nothing."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def extract(context: click.Context, *, name: str, check: bool, as_json: bool) -> None:  # noqa: ARG001 (there is nothing else yet)
    """Say whether the plugin NAME may run as a service; exit code 1 if anything pins it."""
    from meishi.extraction.catalogue import database_reasons
    from meishi.extraction.examining import reasons
    from meishi.extraction.reasons import Weight

    deployment = current_deployment()
    deployment.prepare_embedded()
    host = deployment.unwired_host()
    host.check_migrations()
    _check(host.plugins, name, service=bool(host.settings.only))
    found = list(reasons(host.plugins, name))
    others = [
        status.name
        for status in host.plugins.statuses.values()
        if status.name != name and not status.built_in
    ]
    with host.scope() as scope:
        found += database_reasons(scope.work.execute, host.roles, name, others)
    pinned = any(reason.weight is Weight.PINS for reason in found)
    if as_json:
        print_json({"plugin": name, "may_run_as_service": not pinned, "reasons": found})
    else:
        order = list(Weight)
        for reason in sorted(found, key=lambda reason: order.index(reason.weight)):
            click.echo(f"{reason.weight.value}: {reason.message}")
        says = "must stay where it is" if pinned else "may run as a service"
        click.echo(f"{name} {says}.")
    context.exit(1 if pinned else 0)


def _check(plugins: PluginSet, name: str, *, service: bool) -> None:
    """Raise unless a plugin is one that runs here, and might run elsewhere."""
    from meishi.lifecycle.states import PluginState

    if service:
        raise OperatorError(
            "This is a service already.", hint="Ask in the main deployment, which has no `only`."
        )
    status = plugins.statuses.get(name)
    if status is None:
        raise OperatorError(f"There is no plugin {name!r}.", hint=_LISTED)
    if status.built_in:
        raise OperatorError(
            f"{name} is a part of the host, and cannot be extracted.",
            hint="Every service has the host's parts for itself, or asks the main deployment.",
        )
    if status.state is not PluginState.ACTIVE:
        reason = f": {status.reason}" if status.reason else ""
        raise OperatorError(f"{name} is {status.state.value}{reason}.", hint=_LISTED)
    placement = plugins.contributions[name].placement
    if placement is not None:
        raise OperatorError(
            f"{name} runs at {placement.url} already.",
            hint="`meishi doctor` says whether it answers.",
        )
