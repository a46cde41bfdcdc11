"""What neighbours are told of the plugins that run here, so that they know what to expect."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask, Response

from meishi.host import Host
from meishi.http.asked import identify
from meishi.http.callers import NEIGHBOURS
from meishi.remote.neighbours import Neighbour, Neighbours
from meishi.remote.plugins import PATH, ToldPlugin, told, written
from meishi.remote.wire import JSON


def add_neighbours_plugins(app: Flask, host: Host) -> None:
    """Add the address, where there is anybody who may ask."""
    neighbours: Neighbours = app.extensions[NEIGHBOURS]
    if not neighbours:
        return

    def plugins() -> Response:
        body = written(_told(host, identify(neighbours)))
        return Response(body, content_type=JSON, headers={"Cache-Control": "no-store"})

    app.add_url_rule(PATH, "internal_plugins", plugins, methods=["GET"])


def _told(host: Host, known: list[Neighbour]) -> Iterator[ToldPlugin]:
    """Yield the plugins that run here, as far as a neighbour may call them."""
    active = list(host.plugins.active())
    manifests = {item.plugin: item.manifest for item in active}
    for item in active:
        protocols = [
            service.protocol.__name__
            for service in item.services
            if any(one.may_call(item.plugin, service.protocol.__name__, manifests) for one in known)
        ]
        everything = any(one.plugin is None for one in known)
        if item.placement is None and (everything or protocols):
            yield told(item, protocols)
