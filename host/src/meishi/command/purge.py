"""`meishi plugins purge`: everything of a plugin goes, after a copy of its tables was made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
import msgspec

from meishi.command.deployment import current_deployment
from meishi.command.output import print_json, print_table
from meishi.errors import OperatorError

if TYPE_CHECKING:
    from meishi.lifecycle.purge.impact import Impact
    from meishi.lifecycle.purge.purging import Purge, Purged


@click.command()
@click.argument("name")
@click.option("--dry-run", is_flag=True, help="Say what would go, and what is in the way.")
@click.option("--cascade", is_flag=True, help="Purge what needs it, too.")
@click.option("--yes", "typed", metavar="NAME", help="The plugin's name once more; do not ask.")
@click.option("--without-dump", is_flag=True, help="Make no copy: what goes is lost.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def purge(
    *,
    name: str,
    dry_run: bool,
    cascade: bool,
    typed: str | None,
    without_dump: bool,
    as_json: bool,
) -> None:
    """Delete all data of the plugin NAME, its roles, and what the host has of it.

    It must be disabled; its package may be gone. A copy of its tables is made first.
    """
    from meishi.lifecycle.manifest import is_plugin_name
    from meishi.lifecycle.purge.obstacles import nothing_of

    if not is_plugin_name(name):
        raise nothing_of(name)
    purging = _purge_of_this_deployment()
    if dry_run:
        _tell(purging, name, cascade=cascade, as_json=as_json)
        return
    for obstacle in purging.obstacles(name, cascade=cascade):
        raise obstacle
    if typed is None:
        going = ", ".join(purging.order(name, cascade=cascade))
        typed = click.prompt(f"This deletes all data of {going}. Type the name {name}", err=True)
    if typed != name:
        raise OperatorError(f"{typed!r} is not {name!r}. Nothing was changed.")
    done = []
    for purged in purging.run(name, cascade=cascade, dump=not without_dump):
        done.append(purged)
        if not as_json:
            _print_purged(purged)
    if as_json:
        print_json({"purged": [_purged_document(purged) for purged in done]})


def _purge_of_this_deployment() -> Purge:
    from meishi.command.events.operating import verdict
    from meishi.lifecycle.orphans import remembered
    from meishi.lifecycle.purge.purging import Purge
    from meishi.lifecycle.states import PluginState
    from meishi.lifecycle.steps import HOST_PART

    deployment = current_deployment()
    deployment.prepare_embedded()
    host = deployment.unwired_host()
    host.check_migrations()
    for status in deployment.installed.statuses.values():
        if status.built_in and status.state is not PluginState.ACTIVE:
            raise OperatorError(
                f"The host's own part {status.name} is {status.state.value}: {status.reason}",
                hint="`meishi db upgrade` comes first.",
            )
    with host.within(HOST_PART) as scope:
        known = remembered(scope.work)
    return Purge(
        deployment.settings,
        deployment.location,
        deployment.installed,
        known,
        by=verdict("").by,
        before=_say_goodbye,
    )


def _say_goodbye(plugin: str) -> None:
    """Let a plugin give back what lies outside of the database, if it can still be called."""
    from meishi.lifecycle.turns import TurnFailed, call_turn

    deployment = current_deployment()
    contribution = deployment.installed.contributions.get(plugin)
    if contribution is None or contribution.lifecycle is None:
        return
    try:
        call_turn(deployment.host(), plugin, "before_purge")
    except TurnFailed as failure:
        raise OperatorError(
            failure.message,
            hint="Nothing was purged. A plugin whose package is not installed is purged without "
            "being asked; what it has outside of the database stays.",
        ) from failure


def _outside(plugin: str) -> Sequence[str]:
    """Return what a plugin would give back outside of the database, or why none knows."""
    from meishi.lifecycle.turns import TurnFailed, purge_impact

    deployment = current_deployment()
    contribution = deployment.installed.contributions.get(plugin)
    if contribution is None:
        return (f"unknown: {plugin} is not loaded, so it gives nothing back",)
    if contribution.lifecycle is None:
        return ()
    try:
        return purge_impact(deployment.host(), plugin)
    except TurnFailed as failure:
        return (f"unknown: {failure.message}",)


def _tell(purging: Purge, name: str, *, cascade: bool, as_json: bool) -> None:
    impacts = [purging.impact(each) for each in purging.order(name, cascade=cascade)]
    found = purging.obstacles(name, cascade=cascade)
    if as_json:
        would = [
            msgspec.to_builtins(impact) | {"outside": list(_outside(impact.plugin))}
            for impact in impacts
        ]
        print_json({"would_purge": would, "obstacles": [item.message for item in found]})
        return
    for impact in impacts:
        if not impact.nothing:
            _print_impact(impact)
    for obstacle in found:
        click.echo(f"In the way: {obstacle.message} {obstacle.hint}".rstrip())
    if not found:
        click.echo("Nothing was changed. Without --dry-run all of it goes.")


def _print_impact(impact: Impact) -> None:
    package = "installed" if impact.installed else "its package is not installed"
    click.echo(f"{impact.plugin} {impact.version or ''} ({package})")
    rows: list[Sequence[str]] = [
        ("table", f"{impact.plugin}.{table.name}", f"{table.rows} rows, {table.size} bytes")
        for table in impact.tables
    ]
    rows += [("rows", what, str(count)) for what, count in impact.traces.items() if count]
    rows += [("role", role, "") for role in impact.roles]
    rows += [("outside", line, "") for line in _outside(impact.plugin)]
    print_table(("goes", "name", "amount"), rows)
    click.echo(f"stays: {impact.published} events of it in the log, and decisions about events")
    if impact.dependents:
        click.echo(f"needed by: {', '.join(impact.dependents)}")


def _print_purged(purged: Purged) -> None:
    impact = purged.impact
    rows = sum(table.rows for table in impact.tables)
    gone = ", ".join(f"{count} {what}" for what, count in impact.traces.items() if count)
    click.echo(
        f"{impact.plugin}: {len(impact.tables)} tables with {rows} rows are gone"
        + (f"; {gone}" if gone else "")
    )
    if purged.dump is not None:
        click.echo(f"{impact.plugin}: the copy is {purged.dump}")
    if purged.kept_roles:
        click.echo(
            f"{impact.plugin}: another database of the server needs {', '.join(purged.kept_roles)}"
        )


def _purged_document(purged: Purged) -> dict[str, Any]:
    return {
        "plugin": purged.impact.plugin,
        "dump": None if purged.dump is None else str(purged.dump),
        "kept_roles": purged.kept_roles,
        "impact": msgspec.to_builtins(purged.impact),
    }
