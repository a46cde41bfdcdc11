"""The feed for neighbours: events of all workspaces, as the log has them."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask, Response, request
from werkzeug.exceptions import BadRequest

from meishi.events.across.following import OF_OPERATIONS
from meishi.events.across.pages import MOST, MOST_WAIT, PATH, written
from meishi.events.feed.feed import Beginning, FeedRequest
from meishi.host import Host
from meishi.http.asked import identify
from meishi.http.callers import NEIGHBOURS
from meishi.refusals import Forbidden
from meishi.remote.neighbours import Neighbour, Neighbours
from meishi.remote.wire import JSON


def add_neighbours_feed(app: Flask, host: Host) -> None:
    """Add the address, where there is anybody who may read it."""
    neighbours: Neighbours = app.extensions[NEIGHBOURS]
    if not neighbours:
        return

    def feed() -> Response:
        known = identify(neighbours)
        asked = frozenset(filter(None, request.args.get("types", "").split(",")))
        _admit(host, known, asked)
        after = request.args.get("after")
        found = host.feed.answer(
            FeedRequest(
                workspace=None,
                types=sorted(asked),
                start=_beginning() if after is None else after,
                limit=_number("limit", MOST, MOST),
                wait=_number("wait", 0, MOST_WAIT),
            )
        )
        body = written(found.events, found.cursor, more=found.more)
        return Response(body, content_type=JSON, headers={"Cache-Control": "no-store"})

    app.add_url_rule(PATH, "internal_events", feed, methods=["GET"])


def _admit(host: Host, known: list[Neighbour], asked: frozenset[str]) -> None:
    """Raise unless a neighbour gets what it asks for.

    The main deployment gets what the plugins publish that run here, and what becomes of operations;
    a service what those publish whose contracts the manifests of its plugins name, and what those
    consume.
    """
    if not asked <= {name for one in known for name in _open_to(host, one)}:
        raise Forbidden("Not all of these types are for this service.")


def _open_to(host: Host, neighbour: Neighbour) -> Iterator[str]:
    if neighbour.plugin is None:
        yield from OF_OPERATIONS
    for item in host.plugins.active():
        if neighbour.plugin is None and item.plugin in host.settings.only:
            yield from (event.event_type for event in item.event_types)
        elif neighbour.plugin == item.plugin:
            for declared in host.catalogue.declarations():
                newest = declared.event.event_type
                if newest in item.manifest.consumes or neighbour.knows(
                    declared.owner, host.plugins
                ):
                    yield from host.catalogue.types_read_as(declared.event)


def _beginning() -> Beginning:
    try:
        return Beginning(request.args.get("from", Beginning.OLDEST.value))
    except ValueError as error:
        raise BadRequest("`from` is `oldest` or `now`.") from error


def _number(name: str, default: int, most: int) -> int:
    text = request.args.get(name, str(default))
    if not text.isdecimal() or int(text) > most:
        raise BadRequest(f"`{name}` must be a whole number, at most {most}.")
    return int(text)
