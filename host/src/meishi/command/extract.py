"""`meishi extract NAME`: whether a plugin may run as a service; moving it there, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from meishi.command.deployment import current_deployment
from meishi.command.output import print_json
from meishi.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meishi.extraction.reasons import Reason
    from meishi.host import Host
    from meishi.lifecycle.loading import PluginSet
    from meishi.moves.move import MoveReport
    from meishi.moves.side import Side
    from meishi.settings import Settings

_LISTED = "`meishi plugins` lists what is installed, with states and reasons."

_RETURNS = ", `meishi extract {} --back` returns it"

#: Seconds for which a plugin may be held: by default, and at most.
_PAUSE, _LONGEST_PAUSE = 30, 600


@click.command()
@click.argument("name")
@click.option("--check", is_flag=True, help="Say what there is to say, and change nothing.")
@click.option("--run", "target", metavar="TARGET", help="Move the plugin to its service, at a URL.")
@click.option("--back", is_flag=True, help="Move the plugin back from its service.")
@click.option(
    "--home",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The service's data folder, if it has an embedded database on this machine.",
)
@click.option(
    "--pause-at-most",
    "pause",
    type=click.IntRange(2, _LONGEST_PAUSE),
    default=_PAUSE,
    show_default=True,
    help="Seconds for which nobody may reach the plugin; else it stays where it is.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def extract(
    context: click.Context,
    *,
    name: str,
    check: bool,
    target: str | None,
    back: bool,
    home: Path | None,
    pause: int,
    as_json: bool,
) -> None:
    """Say whether the plugin NAME may run as a service, or move it there, or back.

    With --check the exit code is 1 if anything pins it, and 0 if it runs as one already.
    """
    if [check, target is not None, back].count(True) != 1:
        raise click.UsageError("Say what to do: --check, --run TARGET or --back.")
    if check:
        context.exit(_checked(name, as_json=as_json))
    report = _moved_back(name, home, pause) if back else _moved(name, target or "", home, pause)
    if as_json:
        print_json(report)
        return
    for table in report.tables:
        click.echo(f"{report.plugin}.{table.table}: {table.rows} rows, the same on both sides")
    where = f"at {report.url}" if report.url else "in the main deployment"
    click.echo(f"{report.plugin} is {where} now; nobody worked for it for {report.pause_ms} ms.")


def _checked(name: str, *, as_json: bool) -> int:
    host = _host()
    _known(host.plugins, name, service=bool(host.settings.only))
    placement = host.plugins.contributions[name].placement
    if placement is not None:
        return _checked_there(name, placement.url, host.settings, as_json=as_json)
    found = _reasons(host, name)
    pinned = _is_pinned(found)
    if as_json:
        document = {"plugin": name, "may_run_as_service": not pinned, "reasons": found}
        print_json({**document, "url": None, "placed_by": None})
        return int(pinned)
    from meishi.extraction.reasons import Weight

    order = list(Weight)
    for reason in sorted(found, key=lambda reason: order.index(reason.weight)):
        click.echo(f"{reason.weight.value}: {reason.message}")
    says = "must stay where it is" if pinned else "may run as a service"
    click.echo(f"{name} {says}.")
    return int(pinned)


def _checked_there(name: str, url: str, settings: Settings, *, as_json: bool) -> int:
    """Tell where a plugin is that runs as a service already, and by what."""
    by = "settings" if name in settings.placements else "move"
    if as_json:
        document = {"plugin": name, "may_run_as_service": True, "reasons": []}
        print_json({**document, "url": url, "placed_by": by})
    else:
        click.echo(_there(name, url, settings))
    return 0


def _there(name: str, url: str, settings: Settings) -> str:
    by = "is placed there by the settings" if name in settings.placements else "was moved there"
    return f"{name} runs at {url} already; it {by}."


def _moved(name: str, target: str, home: Path | None, pause: int) -> MoveReport:
    from dataclasses import replace

    from meishi.extraction.reasons import Weight
    from meishi.moves.checking import check_service, refuse_own_events
    from meishi.moves.directions import ToService
    from meishi.moves.move import Limits, Move
    from meishi.moves.refusals import MoveRefused
    from meishi.placement import checked_url

    host = current_deployment().host()
    _runs_here(host.plugins, name, host.settings)
    pins = [item for item in _reasons(host, name) if item.weight is Weight.PINS]
    if pins:
        raise MoveRefused(
            f"{name} must stay where it is: {pins[0].message}",
            hint=f"`meishi extract {name} --check` says all that pins it.",
        )
    known = host.settings.movable.get(name)
    if known is None:
        raise MoveRefused(
            f"There is no token by which the service of {name} would know us.",
            hint=f"Set `placement_token` in [plugin.{name}], and restart the processes.",
        )
    url = checked_url("--run", target, host.settings.outgoing_hosts)
    main, service = _main(), _service(home)
    here = host.plugins.contributions[name]
    refuse_own_events(here, host.subscribers())
    check_service(host.ways, replace(known, url=url), here, service)
    way = ToService(plugin=name, url=url, main=main, service=service, signer=host.signer)
    return Move(main, way, Limits(pause=pause)).run()


def _moved_back(name: str, home: Path | None, pause: int) -> MoveReport:
    from meishi.events.across.following import Follower, followed
    from meishi.moves.checking import check_service
    from meishi.moves.directions import BackToMain
    from meishi.moves.move import Limits, Move
    from meishi.moves.refusals import MoveRefused

    host = current_deployment().host()
    _known(host.plugins, name, service=bool(host.settings.only))
    here = host.plugins.contributions[name]
    if here.placement is None or name in host.settings.placements:
        where = "placed by the settings" if here.placement else "in the main deployment"
        raise MoveRefused(
            f"{name} is {where}, so that it cannot be moved back.",
            hint="What `--run` has moved comes back by `--back`.",
        )
    main, service = _main(), _service(home)
    check_service(host.ways, here.placement, here, service)
    followers = [Follower(host, whom) for whom in followed(host) if whom.place == name]

    def follow() -> None:
        for follower in followers:
            while follower.step():
                continue

    way = BackToMain(plugin=name, main=main, service=service, signer=host.signer, follow=follow)
    return Move(main, way, Limits(pause=pause)).run()


def _host() -> Host:
    deployment = current_deployment()
    deployment.prepare_embedded()
    host = deployment.unwired_host()
    host.check_migrations()
    return host


def _main() -> Side:
    from meishi.moves.side import Side

    return Side("the main deployment", current_deployment().location.administrator_url())


def _service(home: Path | None) -> Side:
    """Return the service's database: the one in its data folder, or the one of the settings."""
    from dataclasses import replace

    from meishi.database.location import locate
    from meishi.moves.side import Side

    settings = current_deployment().settings
    if home is not None:
        there = replace(settings, home=home.absolute(), database_url=None, database_admin_url=None)
        location = locate(there)
        click.get_current_context().call_on_close(location.close)
        return Side("the service", location.administrator_url())
    if settings.service_database_admin_url is None:
        raise OperatorError(
            "This needs an administrator's connection to the service's database.",
            hint="Set MEISHI_SERVICE_DATABASE_ADMIN_URL, or name its data folder with --home.",
        )
    return Side("the service", settings.service_database_admin_url)


def _reasons(host: Host, name: str) -> list[Reason]:
    from meishi.extraction.catalogue import database_reasons
    from meishi.extraction.examining import reasons

    found = list(reasons(host.plugins, name))
    others = [
        status.name
        for status in host.plugins.statuses.values()
        if status.name != name and not status.built_in
    ]
    with host.scope() as scope:
        found += database_reasons(scope.work.execute, host.roles, name, others)
    return found


def _is_pinned(found: Sequence[Reason]) -> bool:
    from meishi.extraction.reasons import Weight

    return any(reason.weight is Weight.PINS for reason in found)


def _known(plugins: PluginSet, name: str, *, service: bool) -> None:
    """Raise unless a plugin is one that might run elsewhere."""
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


def _runs_here(plugins: PluginSet, name: str, settings: Settings) -> None:
    """Raise unless a plugin is one that runs here, and might run elsewhere."""
    _known(plugins, name, service=bool(settings.only))
    placement = plugins.contributions[name].placement
    if placement is not None:
        returns = "" if name in settings.placements else _RETURNS.format(name)
        raise OperatorError(
            _there(name, placement.url, settings),
            hint=f"`meishi doctor` says whether it answers{returns}.",
        )
