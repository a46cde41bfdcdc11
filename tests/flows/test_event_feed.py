"""The feed of a real server: who waits hears of what is committed, and is in nobody's way."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from subprocess import Popen
from threading import Event
from typing import Any

import pytest
from tests.processes import (
    PATIENCE,
    ended,
    free_port,
    is_healthy,
    start,
    wait_until,
    wait_until_gone,
)


@dataclass(frozen=True)
class Site:
    """A server, and a client of it."""

    port: int
    token: str
    server: Popen[str]

    def ask(self, path: str, body: object = None) -> dict[str, Any]:
        """Return the document with which a request is answered."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            found: dict[str, Any] = json.load(answer)
            return found | {"retry_after": answer.headers["Retry-After"]}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A server with four threads, of which two may wait."""
    home, port = tmp_path / "home", free_port()
    output, errors = start("init", "--json", home=home).communicate(timeout=PATIENCE)
    assert errors == ""
    server = start("serve", "--port", str(port), home=home, MEISHI_THREADS="4")
    wait_until(lambda: is_healthy(port), "healthy")
    yield Site(port, json.loads(output)["token"], server)
    server.terminate()
    ended(server)
    wait_until_gone(home)


def waited(site: Site, cursor: str, ending: Event) -> dict[str, Any]:
    """Return what a reader gets who waits as soon as there is a place for it, until it hears.

    It asks again after the longest time for which one may wait, unless the server is ending.
    """
    while True:
        answer = site.ask(f"/events?wait=30&after={cursor}")
        if answer["retry_after"] is not None:
            time.sleep(0.1)
        elif answer["items"] or ending.is_set():
            return answer


def both_wait(site: Site, cursor: str) -> bool:
    """Whether whoever comes now is turned away, as two wait already."""
    return bool(site.ask(f"/events?wait=1&after={cursor}")["retry_after"] == "1")


def test_readers_wait_beside_other_requests_and_never_keep_the_server_from_its_end(
    site: Site,
) -> None:
    """An event wakes them all; SIGTERM answers those that wait then, before the server ends."""
    cursor, ending = site.ask("/events?from=now")["next_after"], Event()
    with ThreadPoolExecutor(2) as pool:
        for ends in (False, True):
            waiting = [pool.submit(waited, site, cursor, ending) for _ in range(2)]
            # Whoever asks may take a place for a second; who waits gets it between two looks.
            wait_until(partial(both_wait, site, cursor), "two wait", every=1)
            if ends:
                ending.set()
                site.server.terminate()
                assert [item.result()["items"] for item in waiting] == [[], []]
                continue
            contact = site.ask("/contacts", {"name": {"full": "Ada"}})["id"]
            answers = [item.result() for item in waiting]
            assert [[item["subject"] for item in each["items"]] for each in answers] == [
                [contact],
                [contact],
            ]
            cursor = answers[0]["next_after"]
    assert ended(site.server) == 0
