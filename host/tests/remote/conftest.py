"""A deployment of two: the main one, and a service that has a plugin for itself."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from threading import Condition, Thread
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from meishi.app import create_app
from meishi.context import Actor
from meishi.database.embedded import EmbeddedPostgres
from meishi.host import Host
from meishi.placement import Placement
from meishi.settings import Settings
from meishi.testing.browsing import Browser
from meishi.testing.databases import TestDatabases
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.jobs import JobRuns
from meishi.testing.packages import plugin_packages

from .bakery import write_packages

TOKEN = "a-token-of-services-that-nobody-guesses"


class Gates:
    """What stands before an application, and answers for it while it is down."""

    def __init__(self, inside: Any) -> None:
        self._inside = inside
        self._closed = False
        self._in_hand = 0
        self._changed = Condition()

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Let a request in, or answer as a proxy does."""
        if not self._closed:
            self._count(1)
            try:
                return self._inside(environ, start_response)
            finally:
                self._count(-1)
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response("502 Bad Gateway", [("Content-Length", "0")])
        return [b""]

    def _count(self, change: int) -> None:
        with self._changed:
            self._in_hand += change
            self._changed.notify_all()

    def rest(self) -> None:
        """Wait until nobody is inside: who has given up waiting may have left a request there."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._in_hand, 60)

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Keep everybody out until the block ends."""
        self._closed = True
        try:
            yield
        finally:
            self._closed = False


@dataclass(frozen=True)
class Split:
    """The two applications, each at its own address and on its own database."""

    main: Flask
    service: Flask
    main_url: str
    service_url: str
    databases: tuple[TestDatabases, TestDatabases]
    main_gates: Gates
    gates: Gates

    @property
    def host(self) -> Host:
        """The host of the main deployment."""
        found: Host = self.main.extensions["meishi"]
        return found

    @property
    def service_host(self) -> Host:
        """The host of the service."""
        found: Host = self.service.extensions["meishi"]
        return found

    @contextmanager
    def lent(self) -> Iterator[Split]:
        """Put both on databases of their own until the block ends."""
        with ExitStack() as stack:
            for host, databases in zip((self.host, self.service_host), self.databases, strict=True):
                location = stack.enter_context(databases.clone())
                host.use_database(location.runtime_url)
                stack.callback(host.close)
            stack.callback(self.main_gates.rest)
            stack.callback(self.gates.rest)
            self.service_host.read_switches()
            yield self


@pytest.fixture(scope="package")
def two(
    meishi_server: EmbeddedPostgres,
    meishi_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Split]:
    """The deployment of two, on no database yet."""
    with ExitStack() as stack:
        packages = stack.enter_context(plugin_packages(tmp_path_factory.mktemp("packages")))
        write_packages(packages)
        places = [stack.enter_context(reserved_port()) for _ in range(2)]
        main_url, service_url = map(url_of, places)
        main = replace(
            meishi_settings,
            deployment="main",
            plugins=("bakery", "cashdesk"),
            plugins_listed=True,
            placements={"bakery": Placement(url=service_url, token=TOKEN, seconds=20)},
        )
        service = replace(
            meishi_settings,
            deployment="service",
            only=("bakery",),
            main_url=main_url,
            service_tokens=(TOKEN,),
        )
        (main_app, here, main_gates), (service_app, there, gates) = (
            serve(stack, meishi_server, settings, at)
            for settings, at in zip((main, service), places, strict=True)
        )
        yield Split(main_app, service_app, main_url, service_url, (here, there), main_gates, gates)


def serve(
    stack: ExitStack, server: EmbeddedPostgres, settings: Settings, at: socket.socket
) -> tuple[Flask, TestDatabases, Gates]:
    """Serve an application, on no database yet, until the stack is unwound."""
    databases = TestDatabases(server, settings)
    with databases.clone() as location:
        app = create_app(settings, location=location)
        app.extensions["meishi"].close()
    gates = Gates(app.wsgi_app)
    app.wsgi_app = gates  # type: ignore[method-assign]
    stack.enter_context(served(app, at))
    return app, databases, gates


@pytest.fixture
def split(two: Split) -> Iterator[Split]:
    """The deployment of two, each on a fresh database."""
    with two.lent():
        yield two


@pytest.fixture
def shared(split: Split) -> WorkspaceUnderTest:
    """A workspace of the main deployment."""
    return found_workspace(split.host, "one")


@pytest.fixture
def owner(split: Split, shared: WorkspaceUnderTest) -> Browser:
    """The browser of the workspace's owner, at the main deployment."""
    found = Browser(split.main.test_client())
    found.sign_in(split.host, shared.owner_id)
    return found


@pytest.fixture
def acting(shared: WorkspaceUnderTest) -> Iterator[Any]:
    """A unit of work of the plugin that calls, by the workspace's owner."""
    actor = Actor(user_id=shared.owner_id, permissions=frozenset({"cashdesk.read"}))
    with shared.host.scope(workspace=shared.id, actor=actor, plugin="cashdesk") as scope:
        yield scope


@pytest.fixture
def work_there(split: Split) -> JobRuns:
    """Runs the service's jobs."""
    deliveries = EventDeliveries(split.service_host)
    deliveries.register()
    return JobRuns(split.service_host, deliveries)


class _Quiet(WSGIRequestHandler):
    """Logs no requests, and keeps connections as servers of deployments do."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 (as above it)
        """Say nothing."""


@contextmanager
def served(app: Callable[..., Any], at: socket.socket) -> Iterator[None]:
    """Serve an application at a port that is held, until the block ends."""
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


@contextmanager
def reserved_port() -> Iterator[socket.socket]:
    """Hold a port of this machine, at which nobody is reached until it is served."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        yield found


def url_of(at: socket.socket) -> str:
    """Return the address of a port that is held."""
    return f"http://127.0.0.1:{at.getsockname()[1]}"
