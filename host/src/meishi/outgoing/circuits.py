"""Circuit breakers: an endpoint that fails again and again is left alone for a while."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from meishi.outgoing.errors import EndpointUnavailable

#: Failures in a row that open a circuit, and for how many seconds it stays open.
FAILURES, PAUSE_SECONDS = 5, 30.0
#: Endpoints that are remembered; of more, those not asked for longest are forgotten.
REMEMBERED = 1000


class Circuits:
    """The circuits of one process, one for each plugin and origin that failed lately.

    While one is open nobody asks; after that a single request may try, and closes it or opens it
    for as long again.
    """

    def __init__(self, now: Callable[[], float], *, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._now = now
        self._pause_seconds = pause_seconds
        self._lock = Lock()
        self._failures: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._open_until: dict[tuple[str, str], float] = {}

    def enter(self, plugin: str, origin: str) -> None:
        """Let a request go.

        :raises EndpointUnavailable: while the circuit is open, and while another request tries
        """
        key = (plugin, origin)
        with self._lock:
            if self._failures.get(key, 0) < FAILURES:
                return
            now = self._now()
            if (left := self._open_until.get(key, now) - now) > 0:
                raise EndpointUnavailable(
                    f"{origin} failed {FAILURES} times in a row and is not asked now.",
                    retry_after=left,
                )
            self._open_until[key] = now + self._pause_seconds

    def succeeded(self, plugin: str, origin: str) -> None:
        """Close a circuit: the endpoint answers."""
        with self._lock:
            self._failures.pop((plugin, origin), None)
            self._open_until.pop((plugin, origin), None)

    def failed(self, plugin: str, origin: str) -> None:
        """Count a failure, and open the circuit when there were too many."""
        key = (plugin, origin)
        with self._lock:
            self._failures[key] = self._failures.get(key, 0) + 1
            self._failures.move_to_end(key)
            if self._failures[key] >= FAILURES:
                self._open_until[key] = self._now() + self._pause_seconds
            while len(self._failures) > REMEMBERED:
                forgotten, _ = self._failures.popitem(last=False)
                self._open_until.pop(forgotten, None)
