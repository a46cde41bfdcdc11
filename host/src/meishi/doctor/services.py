"""Services: whether the other side answers, has the same plugins, and is still followed."""

from __future__ import annotations

from collections.abc import Iterator

from meishi.doctor.findings import Finding, error
from meishi.events.across.places import MAIN
from meishi.host import HOST, Host
from meishi.lifecycle.contribution import Contribution
from meishi.placement import Placement
from meishi.remote.line import Message, NoAnswer, Reply
from meishi.remote.models import DB_SCHEMA
from meishi.remote.plugins import PATH, ToldPlugin, differences, read

#: Seconds that a service has to answer.
_PATIENCE = 5

_OK, _STRANGER = 200, 401

_NOT_FOLLOWED = """
    SELECT place, fault FROM meishi_remote.followed WHERE fault IS NOT NULL ORDER BY place
"""


#: Forgets how far events were followed.
_AGAIN = "psql -c \"DELETE FROM meishi_remote.followed WHERE place = '{}'\""


class Refused(Exception):
    """The other side does not accept our token."""


def service_findings(host: Host) -> Iterator[Finding]:
    """Yield what is wrong with the neighbours of a process; each of them is asked once."""
    places: dict[Placement, list[Contribution]] = {}
    for item in host.placed_elsewhere():
        assert item.placement is not None
        places.setdefault(item.placement, []).append(item)
    for placement, plugins in places.items():
        yield from _of_place(host, placement, plugins)


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
        found = _asked(host, placement)
    except Refused:
        message = f"{where} at {placement.url} does not accept our token."
        yield error("service-refuses", whose, message, _token_of(host, whose))
        return
    except NoAnswer as failure:
        message = f"{where} does not answer: {failure.reason}."
        names = "" if service else "".join(f" --only {item.plugin}" for item in plugins)
        yield error("service-away", whose, message, f"meishi serve{names}")
        return
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
        message = f"{name} at {placement.url} {difference}."
        yield error("service-version", name, message, f"pip install --upgrade {name}")


def _asked(host: Host, placement: Placement) -> dict[str, ToldPlugin]:
    message = Message(method="GET", path=PATH, headers=())

    def judged(reply: Reply) -> dict[str, ToldPlugin]:
        if reply.status == _STRANGER:
            raise Refused
        if reply.status != _OK:
            reason = f"{placement.url} answered {reply.status}"
            raise NoAnswer(reason, happened=False, again=False)
        try:
            return read(reply.body)
        except ValueError as error:
            reason = f"{placement.url} gave what is no list of plugins: {error}"
            raise NoAnswer(reason, happened=False, again=False) from error

    return host.ways.line(placement).exchange(
        "plugins", message, judged, repeatable=False, seconds=_PATIENCE
    )


def _token_of(host: Host, plugin: str) -> str:
    if host.settings.only:
        return "export MEISHI_SERVICE_TOKENS=…"
    return f"export MEISHI_PLUGIN__{plugin.upper()}__PLACEMENT_TOKEN=…"


def _names(plugins: list[Contribution]) -> str:
    return ", ".join(item.plugin for item in plugins)
