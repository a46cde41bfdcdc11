"""What neighbours are told of the plugins that run here, so that they know what to expect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import Flask, Response

from meishi.host import Host
from meishi.http.asked import identify
from meishi.http.callers import NEIGHBOURS
from meishi.remote.neighbours import Neighbour, Neighbours
from meishi.remote.plugins import PATH, ToldPlugin, database_mark, told, written
from meishi.remote.wire import JSON


def add_neighbours_plugins(app: Flask, host: Host) -> None:
    """Add the address, where there is anybody who may ask."""
    neighbours: Neighbours = app.extensions[NEIGHBOURS]
    if not neighbours:
        return

    def plugins() -> Response:
        found = _told(host, identify(neighbours))
        body = written(found, database_mark(host.signer), host.settings.public_url or "")
        return Response(body, content_type=JSON, headers={"Cache-Control": "no-store"})

    app.add_url_rule(PATH, "internal_plugins", plugins, methods=["GET"])


def _told(host: Host, known: list[Neighbour]) -> Iterator[ToldPlugin]:
    """Yield the plugins that can be called here, as far as a neighbour may call them."""
    for item in host.plugins.active():
        protocols = [
            service.protocol.__name__
            for service in item.services
            if _may_call(host, known, item.plugin, service.protocol.__name__)
        ]
        everything = any(one.plugin is None for one in known)
        # Services reach each other through the main deployment.
        here = item.placement is None or not host.settings.only
        if here and (everything or protocols):
            yield told(item, protocols)


def _may_call(host: Host, known: Sequence[Neighbour], plugin: str, protocol: str) -> bool:
    return any(one.may_call(plugin, protocol, host.plugins) for one in known)
