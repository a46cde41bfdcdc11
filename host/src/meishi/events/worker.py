"""STAND-IN on this branch only; the real loop comes with the merge."""

from __future__ import annotations

import select
import threading
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from meishi.events.waking import WakeListener
from meishi.events.watching import CallWatch
from meishi.logs import logger


@dataclass(frozen=True, slots=True)
class Predecessor:
    """Who ran before in this place and died."""

    id: UUID
    guilty: str | None
    error: str


class DeliveryWorker:
    """Stands in for the loop of one process."""

    def __init__(
        self,
        host: Any,
        *,
        worker_id: UUID,
        threads: int,
        watch: CallWatch,
        wake: WakeListener,
        predecessor: Predecessor | None,
    ) -> None:
        self._host, self._id, self._threads = host, worker_id, threads
        self._watch, self._wake, self._predecessor = watch, wake, predecessor

    def run(self, stop: threading.Event) -> None:
        """Wait until told to stop."""
        log = logger(self._host.settings.log_level)
        log.info(
            "worker_started",
            worker=self._id,
            bound=self._wake.bound,
            predecessor=repr(self._predecessor),
        )
        while not stop.is_set():
            if select.select([self._wake], [], [], 1.0)[0]:
                self._wake.drain()
                log.info("woken")
        log.info("worker_stopped", worker=self._id)
