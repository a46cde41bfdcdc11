"""Services: whether the other side answers, has the same plugins, and is still followed."""

from __future__ import annotations

from collections.abc import Iterator

from meishi.doctor.findings import Finding, error, warning
from meishi.events.across.places import MAIN
from meishi.host import HOST, Host
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.states import PluginState
from meishi.placement import Placement
from meishi.remote.asking import Refused, told_by
from meishi.remote.line import NoAnswer
from meishi.remote.models import DB_SCHEMA
from meishi.remote.plugins import ToldPlugin, differences
from meishi.switches.models import DB_SCHEMA as SWITCHES
from meishi.switches.places import read_places

_NOT_FOLLOWED = """
    SELECT place, fault FROM meishi_remote.followed WHERE fault IS NOT NULL ORDER BY place
"""

#: Says what was missed, and goes on.
_AGAIN = "meishi events follow {} --resume"


def service_findings(host: Host) -> Iterator[Finding]:
    """Yield what is wrong with the neighbours of a process; each of them is asked once."""
    places: dict[Placement, list[Contribution]] = {}
    for item in host.placed_elsewhere():
        assert item.placement is not None
        places.setdefault(item.placement, []).append(item)
    for placement, plugins in places.items():
        yield from _of_place(host, placement, plugins)


def moved_findings(host: Host) -> Iterator[Finding]:
    """Yield which plugins were moved to a place that is not heeded here."""
    if host.settings.only:
        return
    with host.within(SWITCHES) as scope:
        stored = read_places(scope.work)
    for name, url in sorted((name, item.url) for name, item in stored.items() if item.url):
        placed, status = host.settings.placements.get(name), host.plugins.statuses.get(name)
        if placed is not None and placed.url != url:
            message = f"{name} was moved to {url}, and the settings place it at {placed.url}."
            yield error("moved-elsewhere", name, message, f"meishi extract {name} --check")
        elif status is None or status.state is not PluginState.ACTIVE:
            state = "not installed" if status is None else status.state.value
            message = f"{name} was moved to {url}, and is {state} here."
            yield warning("moved-idle", name, message, "meishi plugins")


def followed_findings(host: Host) -> Iterator[Finding]:
    """Yield whose events are not followed any more."""
    with host.within(DB_SCHEMA) as scope:
        rows = scope.work.execute(_NOT_FOLLOWED)
    for place, fault in rows:
        message = f"Events of {place} are not followed any more: {fault}."
        yield error("not-followed", place if place != MAIN else HOST, message, _AGAIN.format(place))


def _of_place(host: Host, placement: Placement, plugins: list[Contribution]) -> Iterator[Finding]:
    service = bool(host.settings.only)
    whose = HOST if service else plugins[0].plugin
    where = "The main deployment" if service else f"The service of {_names(plugins)}"
    try:
        told = told_by(host.ways, placement)
    except Refused:
        message = f"{where} at {placement.url} does not accept our token."
        yield error("service-refuses", whose, message, _token_of(host, whose))
        return
    except NoAnswer as failure:
        message = f"{where} does not answer: {failure.reason}."
        names = "" if service else "".join(f" --only {item.plugin}" for item in plugins)
        yield error("service-away", whose, message, f"meishi serve{names}")
        return
    if service:
        yield from _of_address(host, told.public_url)
    found = {item.name: item for item in told.plugins}
    for item in plugins:
        there = found.get(item.plugin)
        if there is not None:
            yield from _of_plugin(item, placement, there)
        elif not service or _is_told_of(host, item):
            message = f"{placement.url} answers, and {item.plugin} does not run there."
            command = "meishi plugins" if service else f"meishi serve --only {item.plugin}"
            yield error("service-lacks", item.plugin, message, command)


def _is_told_of(host: Host, item: Contribution) -> bool:
    """Whether the main deployment tells a service of a plugin: its own have to name it."""
    mine = (host.plugins.contributions.get(name) for name in host.settings.only)
    return bool(item.services) and any(one and one.manifest.names(item.plugin) for one in mine)


def _of_plugin(here: Contribution, placement: Placement, there: ToldPlugin) -> Iterator[Finding]:
    name = here.plugin
    for difference in differences(here, there):
        message = f"{name} at {placement.url} {difference.text}."
        finding = warning if difference.works else error
        yield finding("service-version", name, message, f"pip install --upgrade {name}")


def _of_address(host: Host, public_url: str) -> Iterator[Finding]:
    """Yield that what a service makes for people outside names another address than theirs."""
    own = host.settings.reachable_url
    if public_url and public_url != own:
        message = f"Codes and links made here name {own}; the main deployment is at {public_url}."
        yield error("public-address", HOST, message, f"export MEISHI_PUBLIC_URL={public_url}")


def _token_of(host: Host, plugin: str) -> str:
    if host.settings.only:
        return "export MEISHI_SERVICE_TOKENS=…"
    return f"export MEISHI_PLUGIN__{plugin.upper()}__PLACEMENT_TOKEN=…"


def _names(plugins: list[Contribution]) -> str:
    return ", ".join(item.plugin for item in plugins)
