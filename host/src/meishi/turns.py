"""Turns: so many requests from outside at a time, and room beside them for our own processes.

A request that waits for a service keeps its thread, and the service may ask us something before it
answers. If requests from outside had all threads, nobody would be left to answer that, and each
side would wait for the other.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from werkzeug.wsgi import ClosingIterator

from meishi.http.bare_problems import Wsgi, passing_problem
from meishi.http.problems import BUSY
from meishi.remote.neighbours import Neighbours
from meishi.remote.wire import INTERNAL
from meishi.settings import Settings

#: Requests from outside that wait for their turn; more are told to come again.
WAITING = 192
#: Threads beside these, for what the other processes of the deployment ask, which are few.
ASKED = 64

_busy = passing_problem(*BUSY, "Too many others are waiting just now; try again in a moment.")


def threads_needed(settings: Settings) -> int:
    """Return how many threads a web process needs to answer `settings.threads` at a time."""
    return settings.threads + (WAITING + ASKED if Neighbours(settings) else 0)


class Turns:
    """Lets so many requests from outside be answered at a time, and those of neighbours at once."""

    def __init__(self, turns: int, *, waiting: int = WAITING) -> None:
        self._free = threading.Semaphore(turns)
        self._most = turns + waiting
        self._inside = 0
        self._lock = threading.Lock()

    @property
    def inside(self) -> int:
        """How many requests from outside are answered or wait."""
        return self._inside

    def answer(self, app: Wsgi, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Have an application answer a request when it is its turn, or say that it is busy."""
        if str(environ.get("PATH_INFO", "")).startswith(f"{INTERNAL}/"):
            return app(environ, start_response)
        if not self._enters():
            return _busy(environ, start_response)
        self._free.acquire()
        try:
            return ClosingIterator(app(environ, start_response), self._over)
        except BaseException:
            self._over()
            raise

    def _enters(self) -> bool:
        with self._lock:
            if self._inside == self._most:
                return False
            self._inside += 1
            return True

    def _over(self) -> None:
        self._free.release()
        with self._lock:
            self._inside -= 1
