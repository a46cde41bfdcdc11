"""What the walls between plugins cost a request: roles, row security, the gate, proxies.

Two servers (granian, one worker, one thread) answer on one embedded PostgreSQL: the application
with its walls, and the same without them (see `_without_walls`). One client asks them in turn over
loopback, one request after the other, and notes how long each answer takes. Figures are the
differences of the medians of interleaved pairs, in microseconds and in percent of the side that
has less.

- `single_plugin_overhead`: reading one contact, against the application without walls. The reset
  of the pooled connection is part of it.
- `crossing_overhead`: a request in which one of three look-ups is made by another plugin, through
  its contract and in the same transaction, against the same three look-ups in the own plugin.
  `command_overhead` is the same with a change instead of a look-up.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from flask import Flask
from psycopg import sql
from sqlalchemy import make_url
from tests.benchmarks._crossing import HOME, PEER, files_of
from tests.benchmarks._limits import UNREACHED
from tests.benchmarks._without_walls import LOGIN, take_walls_down
from tests.benchmarks.http import running

from meishi.app import create_app
from meishi.database.embedded import EmbeddedPostgres
from meishi.database.location import DRIVER, Location
from meishi.host import Host
from meishi.settings import load_settings
from meishi.testing.databases import TestDatabases
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.packages import plugin_packages

ROUNDS = 5
PAIRS = 1_000
WARM_UP = 300
TARGETS = {"single_plugin_overhead_percent": 5.0, "crossing_overhead_percent": 15.0}
WALLED = "meishi.serving:application"
OPEN = "tests.benchmarks._without_walls:application"
PLUGINS = ("crm_contacts", HOME, PEER)
CONTACTS = 1_000

_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"content-length: (\d+)\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Request:
    """What one server is asked, again and again."""

    port: int
    path: str
    token: str

    @contextmanager
    def asked(self) -> Iterator[Line]:
        """Lend a connection over which it is asked."""
        head = f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}"
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield Line(connection, f"{head}\r\n\r\n".encode())


class Line:
    """A connection over which one request is sent; its answers are all of one length."""

    def __init__(self, connection: socket.socket, text: bytes) -> None:
        self._connection = connection
        self._text = text
        connection.sendall(text)
        answer = b""
        while (length := _LENGTH.search(answer)) is None or len(answer) < _size(answer, length):
            answer += self._received(65536)
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise SystemExit(f"{text.decode()}{answer.decode()}")
        self._size = len(answer)
        self.body = answer.partition(_END)[2]

    def seconds(self) -> float:
        """Send the request, and return how long it took until the answer was there."""
        started = time.perf_counter()
        self._connection.sendall(self._text)
        left = self._size
        while left > 0:
            left -= len(self._received(left))
        return time.perf_counter() - started

    def _received(self, size: int) -> bytes:
        found = self._connection.recv(size)
        if not found:
            raise SystemExit("the server has closed the connection")
        return found


def _size(answer: bytes, length: re.Match[bytes]) -> int:
    """Return how long an answer is whose head is there."""
    end = answer.find(_END)
    return len(answer) + 1 if end < 0 else end + len(_END) + int(length[1])


def overhead(more: Request, less: Request) -> tuple[float, float]:
    """Return what `more` takes longer than `less`: in microseconds, and in percent of it."""
    found: list[tuple[float, float]] = []
    with more.asked() as a, less.asked() as b:
        assert a.body == b.body, "the two answer differently"
        for number in range(-WARM_UP, PAIRS):
            pair = (a.seconds(), b.seconds()) if number % 2 else (b.seconds(), a.seconds())[::-1]
            if number >= 0:
                found.append(pair)
    base = statistics.median(b for _, b in found)
    longer = statistics.median(a for a, _ in found) - base
    return longer * 1e6, longer / base * 100


def fill(administrator_url: str, workspace: WorkspaceUnderTest) -> None:
    """Give both small plugins an item, the planner its statistics."""
    with psycopg.connect(administrator_url, autocommit=True) as connection:
        for name in (HOME, PEER):
            connection.execute(
                sql.SQL("INSERT INTO {} VALUES (%s, %s, 'An item', 0)").format(
                    sql.Identifier(name, "item")
                ),
                [workspace.id, workspace.id],
            )
        connection.execute("ANALYZE")


def contact_ids(app: Flask, workspace: WorkspaceUnderTest) -> list[str]:
    """Create contacts, and return their ids."""
    client = app.test_client()
    return [
        client.post(
            "/api/v1/contacts",
            json={
                "name": {"full": f"Person {number}"},
                "emails": [{"address": f"p{number}@example.com"}],
                "phones": [{"number": "+46 70 123 45 67"}],
            },
            headers=workspace.headers,
        ).get_json()["id"]
        for number in range(CONTACTS)
    ]


@contextmanager
def copy_of(location: Location) -> Iterator[Location]:
    """Lend a copy of a database that nobody uses at the moment."""
    administrator = make_url(location.administrator_url().replace("postgresql", DRIVER, 1))
    name = f"{administrator.database}_open"
    elsewhere = administrator.set(drivername="postgresql", database="postgres")
    with psycopg.connect(elsewhere.render_as_string(False), autocommit=True) as connection:
        names = sql.Identifier(name), sql.Identifier(str(administrator.database))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        try:
            url = administrator.set(drivername="postgresql", database=name)
            yield Location(url.render_as_string(False), url.render_as_string(False))
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(names[0]))


def compared(stack: ExitStack) -> Iterator[tuple[str, Request, Request]]:
    """Yield what is compared: the figure's name, what has more walls, and what has less."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="meishi-bench-")))
    packages = stack.enter_context(plugin_packages(folder))
    packages.add(PEER, files=files_of(PEER), api_prefix="peer")
    packages.add(HOME, files=files_of(HOME), api_prefix="home", requires={PEER: "*"})
    wanted = {
        **UNREACHED,
        "MEISHI_HOME": str(folder / "home"),
        "MEISHI_DEPLOYMENT": "bench",
        "MEISHI_BOOT_POLICY": "strict",
        "MEISHI_PLUGINS": ",".join(PLUGINS),
    }
    settings = load_settings(environment=wanted)
    server = stack.enter_context(EmbeddedPostgres(settings.home, durable=False))
    location = stack.enter_context(TestDatabases(server, settings).clone())
    workspace, contact = filled(create_app(settings, location=location), location)
    peer = stack.enter_context(copy_of(location))
    password = secrets.token_urlsafe()
    take_walls_down(peer.administrator_url(), password)
    open_url = make_url(peer.runtime_url).set(username=LOGIN, password=password)
    environment = (
        os.environ | wanted | {"PYTHONPATH": os.pathsep.join([str(folder), str(Path.cwd())])}
    )
    ports = [
        stack.enter_context(
            running(
                target,
                environment | {"MEISHI_DATABASE_URL": url},
                contact,
            )
        )
        for target, url in (
            (WALLED, location.runtime_url),
            (OPEN, open_url.render_as_string(hide_password=False)),
        )
    ]

    walled, bare = (Request(port, contact, workspace.token) for port in ports)
    yield "single_plugin_overhead", walled, bare
    for name, what in (("crossing_overhead", "title"), ("command_overhead", "read")):
        across, inside = (
            Request(ports[0], f"/api/v1/home/{where}/{what}/{workspace.id}", workspace.token)
            for where in ("across", "inside")
        )
        yield name, across, inside


def filled(app: Flask, location: Location) -> tuple[WorkspaceUnderTest, str]:
    """Fill the database; return the workspace, and the path of one of its contacts."""
    host: Host = app.extensions["meishi"]
    workspace = found_workspace(host, "one")
    ids = contact_ids(app, workspace)
    fill(location.administrator_url(), workspace)
    host.close()
    return workspace, f"/api/v1/contacts/{ids[CONTACTS // 2]}"


def main() -> None:
    """Measure, and print one JSON document as the last line."""
    with ExitStack() as stack:
        found: dict[str, list[tuple[float, float]]] = {}
        pairs = list(compared(stack))
        for _ in range(ROUNDS):
            for name, more, less in pairs:
                found.setdefault(name, []).append(overhead(more, less))
    figures: dict[str, float] = {}
    for name, rounds in found.items():
        print(name, [f"{us:.0f} us {percent:.1f} %" for us, percent in rounds])
        figures[f"{name}_us"] = round(statistics.median(us for us, _ in rounds), 1)
        figures[f"{name}_percent"] = round(statistics.median(percent for _, percent in rounds), 2)
    holds = all(figures[name] <= target for name, target in TARGETS.items())
    document = {
        "benchmark": "boundaries", "figures": figures, "targets": TARGETS, "holds": holds,
    }  # fmt: skip
    print(json.dumps(document))


if __name__ == "__main__":
    main()
