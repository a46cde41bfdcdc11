"""Following: a process hears of what was switched elsewhere, well within a second."""

from __future__ import annotations

from meishi.logs import logger
from meishi.looking import LOOK, Looking
from meishi.switches.board import Switchboard


class SwitchFollower(Looking):
    """Keeps a switchboard up to date."""

    def __init__(self, board: Switchboard, *, seconds: float = LOOK) -> None:
        super().__init__("switches", seconds=seconds)
        self._board = board

    def look(self) -> None:
        """Read what is off, if anything was switched since."""
        if self._board.refresh():
            off = ", ".join(sorted(self._board.state.off))
            logger("info").info("switches changed", epoch=self._board.state.epoch, off=off)
