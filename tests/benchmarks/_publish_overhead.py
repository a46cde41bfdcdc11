"""What one event costs an HTTP PATCH: the same change of the same row, told and untold."""

from __future__ import annotations

import json
import socket
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.benchmarks._ledger_site import Site
from tests.benchmarks.boundaries import Line, overhead
from tests.benchmarks.boundaries import Request as Asked
from tests.benchmarks.http import running

ROUNDS = 5

_TARGET = "meishi.serving:application"
_BODY = json.dumps({"title": "A title that says what this is"})


@dataclass(frozen=True, slots=True)
class Change(Asked):
    """A PATCH that is sent again and again."""

    @contextmanager
    def asked(self) -> Iterator[Line]:
        """Lend a connection over which it is sent."""
        head = (
            f"PATCH {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {self.token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(_BODY)}\r\n\r\n{_BODY}"
        )
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield Line(connection, head.encode())


def publish_overhead(site: Site) -> tuple[float, float]:
    """Return what a PATCH that publishes one event takes longer: microseconds, and percent.

    One web process with one thread, no worker; one client, which sends both in turn. Medians
    of interleaved pairs, and of rounds.
    """
    workspace = site.workspaces[0]
    account = site.accounts_of(workspace.id)[0]
    root = "/api/v1/ledger"
    with running(_TARGET, site.environment, "/health") as port:
        told, untold = (
            Change(port, f"{root}/{how}/{account}", workspace.token) for how in ("told", "untold")
        )
        found = [overhead(told, untold) for _ in range(ROUNDS)]
    print("publish_overhead", [f"{us:.0f} us {percent:.1f} %" for us, percent in found])
    return statistics.median(us for us, _ in found), statistics.median(p for _, p in found)
