"""Requests from outside take turns; what neighbours ask is answered beside them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from meishi.remote.wire import INTERNAL
from meishi.settings import Settings
from meishi.turns import Turns, threads_needed

pytestmark = pytest.mark.no_calls

LIMIT = 30


class Slow:
    """An application whose pages are made when the test says so; it knows how many are at work."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.begun = threading.Semaphore(0)
        self.turns = Turns(2, waiting=1)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer in turns."""
        return self.turns.answer(self._made, environ, start_response)

    def _made(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/broken":
            raise RuntimeError
        if path == "/slow":
            self.begun.release()
            assert self.go_on.wait(LIMIT)
        start_response("200 OK", [])
        return [path.encode()]


def _asked(slow: Slow, path: str) -> TestResponse:
    """Ask as a server does, which closes what it has sent."""
    return Client(slow).get(path, buffered=True)


@contextmanager
def crowd(slow: Slow) -> Iterator[list[Future[TestResponse]]]:
    """Have both turns taken, and one request waiting, until the block ends."""
    with ThreadPoolExecutor(3) as people:
        visits = [people.submit(_asked, slow, "/slow") for _ in range(3)]
        try:
            assert all(slow.begun.acquire(timeout=LIMIT) for _ in range(2))
            deadline = time.monotonic() + LIMIT
            while slow.turns.inside < 3:
                assert time.monotonic() < deadline
            yield visits
        finally:
            slow.go_on.set()


def test_neighbours_are_answered_while_all_turns_are_taken() -> None:
    """Others wait, or read that it is busy; who waits is answered in the end."""
    slow = Slow()
    with crowd(slow) as visits:
        assert _asked(slow, f"{INTERNAL}/calls").status_code == 200
        busy = _asked(slow, "/other")
        assert not slow.begun.acquire(blocking=False)
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "2")
    assert json.loads(busy.data)["type"] == "urn:meishi:problem:busy"
    assert [visit.result(LIMIT).data for visit in visits] == [b"/slow"] * 3


def test_whoever_ends_gives_their_turn_on() -> None:
    """Also who fails."""
    slow = Slow()
    for _ in range(4):
        with pytest.raises(RuntimeError):
            _asked(slow, "/broken")
        assert _asked(slow, "/other").status_code == 200
    assert slow.turns.inside == 0
    with crowd(slow) as visits:
        pass
    assert [visit.result(LIMIT).status_code for visit in visits] == [200] * 3


def test_threads_are_added_where_there_are_neighbours(meishi_settings: Settings) -> None:
    """A deployment in one piece has those that its settings say."""
    assert threads_needed(replace(meishi_settings, threads=3)) == 3
    apart = replace(meishi_settings, threads=3, service_tokens=("t" * 32,))
    assert threads_needed(apart) > 3 + 64
