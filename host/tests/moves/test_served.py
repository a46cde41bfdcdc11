"""A web process goes on with another application when plugins are elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable

from werkzeug.test import Client

from meishi.app import create_app
from meishi.host import Host
from meishi.moves.announcing import place, take_back
from meishi.served import ServedApplication

from .conftest import Pair

URL = "https://larder.example.com"


def until(condition: Callable[[], bool]) -> None:
    """Return once something holds; fail if it never does."""
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def url(host: Host) -> str | None:
    """Return where the larder is for an application."""
    return host.plugins.url_of("larder")


def test_the_next_application_answers_as_soon_as_it_is_there(pair: Pair) -> None:
    """There and back; until then the old one does, but for what was moved, and nobody waits."""
    settings = pair.host.settings
    served = ServedApplication(lambda: create_app(settings, location=pair.location), settings)
    client = Client(served)
    try:
        first = served.host
        assert url(first) is None
        with pair.main.connected() as connection:
            place(connection, "larder", URL)
            connection.commit()
            until(lambda: first.is_held("larder"))
            assert client.get("/health").status_code == 200
            until(lambda: url(served.host) == URL)
            assert not served.host.is_held("larder")
            assert client.get("/health").status_code == 200
            take_back(connection, "larder")
            connection.commit()
            until(lambda: url(served.host) is None)
            assert served.host is not first
            assert first.is_held("larder"), "it never works for what it was told is elsewhere"
    finally:
        served.stop()
        served.host.close()
