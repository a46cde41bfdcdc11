"""Where the routes of the event log are gathered, and what they have in common."""

from __future__ import annotations

from typing import Any, Protocol, cast

import msgspec
from flask import Response, current_app

from meishi.events.environment import Environment
from meishi.events.feed.feed import EventFeed
from meishi.lifecycle.loading import PluginSet
from meishi.lifecycle.states import PluginStatus
from meishi.sdk.contract import InvalidCursor
from meishi.sdk.http import Blueprint
from meishi.signing import ForgedText

blueprint = Blueprint("events", description="Events of the workspace, and how they are delivered")

JSON = "application/json"


class Deployment(Environment, Protocol):
    """The host, as far as these routes know it."""

    plugins: PluginSet
    feed: EventFeed

    def statuses(self) -> dict[str, PluginStatus]:
        """Return the states of all plugins."""
        ...


def deployment() -> Deployment:
    """Return the host of the application that answers."""
    return cast("Deployment", current_app.extensions["meishi"])


def answered(document: Any) -> Response:
    """Answer with a record as JSON, in the words of `meishi events … --json`."""
    return Response(msgspec.json.encode(document), content_type=JSON)


def signed(purpose: str, place: object) -> str | None:
    """Return the cursor of a place in a list, None at its end."""
    if place is None:
        return None
    return deployment().signer.sign(f"events:{purpose}", str(place).encode())


def read_cursor(purpose: str, cursor: str | None) -> str | None:
    """Return the place behind a cursor of a list, None for none."""
    if cursor is None:
        return None
    try:
        return deployment().signer.read(f"events:{purpose}", cursor).decode()
    except ForgedText as error:
        raise InvalidCursor("`after` takes `next_after` of the page before, as it was.") from error
