"""Following: a process hears of what was switched elsewhere, well within a second."""

from __future__ import annotations

import threading

from meishi.logs import logger
from meishi.switches.board import Switchboard

#: Seconds between two looks at the epoch; each is one statement.
LOOK = 0.25

#: Seconds until the next look after one that failed.
_PATIENCE = 1.0


class SwitchFollower:
    """Keeps a switchboard up to date, in a thread that ends with the process."""

    def __init__(self, board: Switchboard, *, seconds: float = LOOK) -> None:
        self._board = board
        self._seconds = seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="switches", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """End following, and wait for that."""
        self._stop.set()
        self._thread.join()

    def _follow(self) -> None:
        """Look again and again; while the database is away, what was known last holds."""
        while not self._stop.wait(self._seconds):
            try:
                if self._board.refresh():
                    off = ", ".join(sorted(self._board.state.off))
                    logger("info").info("switches changed", epoch=self._board.state.epoch, off=off)
            except Exception as error:  # noqa: BLE001 (a process that no longer follows is worse)
                reason = " ".join(str(error).split())
                logger("warning").warning("switches not read", error=reason)
                self._stop.wait(_PATIENCE)
