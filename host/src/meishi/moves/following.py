"""Following: a process hears of moves, and begins anew when its plugins are elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from meishi.logs import logger
from meishi.looking import LOOK, Looking
from meishi.moves.board import PlaceBoard


class PlaceFollower(Looking):
    """Keeps what a process knows of moves up to date.

    It ends, and calls `outdated` once, when the process has to begin anew.
    """

    def __init__(
        self, board: PlaceBoard, outdated: Callable[[], None], *, seconds: float = LOOK
    ) -> None:
        super().__init__("moves", seconds=seconds)
        self._board = board
        self._outdated = outdated

    def look(self) -> None:
        """Read who is held and who is elsewhere."""
        if self._board.refresh():
            logger("info").info("moves", held=", ".join(sorted(self._board.held)))

    def is_over(self) -> bool:
        """Whether the process is outdated; it is told so."""
        over = bool(self._board.outdated)
        if over:
            self._outdated()
        return over
