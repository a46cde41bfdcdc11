"""A deployment of two for tests: the plugin under test as a service, and all else beside it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from werkzeug.serving import WSGIRequestHandler, make_server

from meishi.app import create_app
from meishi.database.embedded import EmbeddedPostgres
from meishi.database.location import Location
from meishi.extraction.examining import reasons
from meishi.extraction.reasons import Weight
from meishi.host import Host
from meishi.lifecycle.loading import load_plugins
from meishi.placement import Placement
from meishi.settings import Settings
from meishi.testing.databases import TestDatabases
from meishi.testing.faults import Faults

if TYPE_CHECKING:
    from flask import Flask

_TOKEN = "services-of-a-test-know-each-other-by-this"  # noqa: S105 (nobody else's)
#: Seconds that a call may take; machines of tests are busy.
_SECONDS = 60


class Split:
    """Two applications, each at an address of its own and lent databases of its own."""

    def __init__(self, main: TestSide, service: TestSide) -> None:
        self.main = main
        self.service = service

    @contextmanager
    def lent(self, main: Location, service: Location) -> Iterator[None]:
        """Put each application on a database for a block."""
        with ExitStack() as stack:
            for side, found in ((self.main, main), (self.service, service)):
                side.host.use_database(found.runtime_url)
                stack.callback(side.host.close)
            # No process follows what is switched; untold, the service would refuse everything.
            self.service.host.read_switches()
            yield


class TestSide:
    """One of the two: its application, and what lends it databases."""

    __test__ = False

    def __init__(self, app: Flask, databases: TestDatabases) -> None:
        self.app = app
        self.databases = databases

    @property
    def host(self) -> Host:
        """The application's host."""
        found: Host = self.app.extensions["meishi"]
        return found


class Splits:
    """Boots deployments of two, each once, and serves them until it is closed."""

    def __init__(self, server: EmbeddedPostgres, faults: Faults) -> None:
        self._server = server
        self._faults = faults
        self._stack = ExitStack()
        self._numbers = count(1)
        self._made: list[tuple[Settings, str, Split]] = []

    def of(self, settings: Settings, plugin: str) -> Split:
        """Return a deployment of these settings, with a plugin taken out of it, and its company."""
        for known, name, split in self._made:
            if known is settings and name == plugin:
                return split
        self._made.append((settings, plugin, self._boot(settings, plugin)))
        return self._made[-1][-1]

    def close(self) -> None:
        """End the servers."""
        self._stack.close()

    def _boot(self, settings: Settings, plugin: str) -> Split:
        at_main, at_service = (self._stack.enter_context(_reserved_port()) for _ in range(2))
        name = f"split{next(self._numbers)}"
        placement = Placement(url=_url(at_service), token=_TOKEN, seconds=_SECONDS)
        company = _company(settings, plugin)
        main = replace(settings, deployment=name, placements=dict.fromkeys(company, placement))
        service = replace(
            settings,
            home=_folder(settings.home / name),
            deployment=f"{name}_apart",
            only=company,
            main_url=_url(at_main),
            service_tokens=(_TOKEN,),
        )
        return Split(self._side(main, at_main), self._side(service, at_service))

    def _side(self, settings: Settings, at: socket.socket) -> TestSide:
        databases = TestDatabases(self._server, settings)
        with databases.clone() as location:
            app = create_app(settings, location=location, **self._faults.seams(settings))
            app.extensions["meishi"].close()
        self._stack.enter_context(_served(self._faults.between(app), at))
        return TestSide(app, databases)


class _Quiet(WSGIRequestHandler):
    """Logs no requests, and keeps connections as servers of deployments do."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 (as above it)
        """Say nothing."""


@contextmanager
def _reserved_port() -> Iterator[socket.socket]:
    """Hold a port at which nobody is reached until it is served."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        yield found


@contextmanager
def _served(app: Callable[..., Any], at: socket.socket) -> Iterator[None]:
    at.listen(128)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet, fd=at.fileno())
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _company(settings: Settings, plugin: str) -> tuple[str, ...]:
    """Return a plugin and those that it must be with, and those that these must be with."""
    plugins, company = load_plugins(settings), {plugin: None}
    waiting = [plugin] if plugins.is_active(plugin) else []
    while waiting:
        for reason in reasons(plugins, waiting.pop()):
            if reason.weight is Weight.PINS:
                waiting += [other for other in reason.others if other not in company]
                company |= dict.fromkeys(reason.others)
    return tuple(company)


def _url(at: socket.socket) -> str:
    return f"http://127.0.0.1:{at.getsockname()[1]}"


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
