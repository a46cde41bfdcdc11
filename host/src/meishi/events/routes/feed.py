"""The feed: events of the caller's workspace, pulled in the order of delivery."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec
from flask import Response, request
from flask.views import MethodView

from meishi.events.feed.cloud_events import cloud_event
from meishi.events.feed.errors import (
    CursorExpired,
    HiddenEventType,
    UnknownEventType,
)
from meishi.events.feed.feed import Beginning, FeedRequest
from meishi.events.feed.sight import EventSight
from meishi.events.routes.blueprint import JSON, blueprint, deployment
from meishi.events.schemas.feed import EventFeedQuerySchema, EventFeedSchema
from meishi.sdk.context import current_actor, current_workspace


@blueprint.route("")
class EventList(MethodView):
    """Events of a workspace."""

    @blueprint.requires("read")
    @blueprint.waits()
    @blueprint.arguments(EventFeedQuerySchema, location="query")
    @blueprint.response(200, EventFeedSchema)
    @blueprint.problems(UnknownEventType, HiddenEventType, CursorExpired)
    def get(self, query: dict[str, Any]) -> Response:
        """Return the events behind a cursor; with `wait`, as soon as there are any.

        Every answer has a cursor, also one without events. Types whose owner's resources the
        caller may not read are left out.
        """
        host = deployment()
        prefixes = {item.plugin: item.manifest.prefix for item in host.plugins.active()}
        types = EventSight(host.catalogue, prefixes).types(
            current_actor().permissions, query.get("types")
        )
        found = host.feed.answer(
            FeedRequest(
                workspace=current_workspace(),
                types=types,
                start=query.get("after") or Beginning(query["start"]),
                limit=query["limit"],
                wait=query["wait"],
            )
        )
        body = b'{"items":[%s],"next_after":%s,"more":%s}' % (
            b",".join(cloud_event(event, host.catalogue) for event in found.events),
            msgspec.json.encode(found.cursor),
            b"true" if found.more else b"false",
        )
        response = Response(body, content_type=JSON)
        response.headers["Link"] = f'<{_address_behind(found.cursor)}>; rel="next"'
        if found.turned_away:
            response.headers["Retry-After"] = "1"
        return response


def _address_behind(cursor: str) -> str:
    parameters = {**request.args.to_dict(), "after": cursor}
    parameters.pop("from", None)
    pairs = (f"{quote(name, safe='')}={quote(v, safe='')}" for name, v in parameters.items())
    return f"{request.path}?{'&'.join(pairs)}"
