"""Looking again and again: how a process hears of what was decided elsewhere."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod

from meishi.logs import logger

#: Seconds between two looks; each is one statement, or one call of the main deployment.
LOOK = 0.25

#: Seconds until the next look after one that failed.
_PATIENCE = 1.0

#: Failures in a row of which one is told, so that a log says what goes on and not much else.
TOLD = 60


class Looking(ABC):
    """Looks in a thread that ends with the process; what was known last holds while it cannot.

    It looks every so many `seconds`, and has `patience` for so many after a look that failed.
    """

    def __init__(self, name: str, *, seconds: float, patience: float = _PATIENCE) -> None:
        self._name = name
        self._seconds = seconds
        self._patience = patience
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name=name, daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """End following, and wait for that."""
        self._stop.set()
        self._thread.join()

    @abstractmethod
    def look(self) -> None:
        """Take up what is new; whatever it raises is logged now and then, and it is tried again."""

    def is_over(self) -> bool:
        """Whether there is nothing more to follow, asked after each look that succeeded."""
        return False

    def _follow(self) -> None:
        failures = 0
        while not self._stop.wait(self._seconds):
            try:
                self.look()
            except Exception as error:  # noqa: BLE001 (a process that no longer follows is worse)
                if failures % TOLD == 0:
                    reason = " ".join(str(error).split())
                    logger("warning").warning(f"{self._name} not read", error=reason)
                failures += 1
                self._stop.wait(self._patience)
                continue
            if failures:
                logger("warning").warning(f"{self._name} read again", failures=failures)
                failures = 0
            if self.is_over():
                return
