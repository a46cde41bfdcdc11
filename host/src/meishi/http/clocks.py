"""The time of the deployment: services are told with what they are asked, and when they ask."""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.exceptions import BadRequest

from meishi.host import Host
from meishi.http.callers import NEIGHBOURS, bearer_token
from meishi.remote.neighbours import Neighbours
from meishi.remote.wire import INTERNAL, NOW, UnreadableHeader


def install_clocks(app: Flask, host: Host) -> None:
    """Have a service hear what time it is at main, from nobody else, and main tell it."""
    neighbours: Neighbours = app.extensions[NEIGHBOURS]
    if not neighbours:
        return

    def hear() -> None:
        said = request.headers.get(NOW)
        if said is None or not any(one.plugin is None for one in neighbours.of(bearer_token())):
            return
        try:
            host.clock.hear(said)
        except UnreadableHeader as error:
            raise BadRequest(str(error)) from error

    def tell(response: Response) -> Response:
        if request.path.startswith(f"{INTERNAL}/"):
            response.headers.update(host.clock.told())
        return response

    app.before_request(hear)
    app.after_request(tell)
