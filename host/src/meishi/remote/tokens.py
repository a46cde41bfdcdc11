"""The tokens that a line knows, of which one is sent: another once the other side refuses it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from meishi.logs import logger

#: Seconds after which the others are tried again where the other side refused all of them.
PAUSE_SECONDS = 2.0


class Tokens:
    """The tokens of one line, for as many threads as want to; none of them is ever told.

    `elapsed` is a clock that only goes forward, in seconds.
    """

    def __init__(self, place: str, tokens: Sequence[str], elapsed: Callable[[], float]) -> None:
        self._place = place
        self._tokens = tuple(tokens)
        self._elapsed = elapsed
        self._refused_until = elapsed()
        self.current = self._tokens[0]

    def others(self) -> list[str]:
        """Return what else may be tried now, if the current one was refused."""
        if self._elapsed() < self._refused_until:
            return []
        return [token for token in self._tokens if token != self.current]

    def take(self, token: str) -> None:
        """Send this one from now on: the other side knows it."""
        if token != self.current:
            self.current = token
            logger("warning").warning(
                "token_refused",
                place=self._place,
                used=self._tokens.index(token) + 1,
                of=len(self._tokens),
            )

    def refused(self) -> None:
        """Note that the other side knows none of them; for a moment one is sent alone."""
        if self._elapsed() >= self._refused_until:
            self._refused_until = self._elapsed() + PAUSE_SECONDS
