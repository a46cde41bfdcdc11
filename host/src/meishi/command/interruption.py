"""The signals that end a program, heard once: what is cleared away then is not interrupted."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Self

#: Ctrl-C, `kill`, Ctrl-backslash, and a terminal that closes.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP)


def heed(handler: Callable[[int, FrameType | None], None]) -> None:
    """Call `handler` on Ctrl-C, `kill`, Ctrl-backslash and a terminal that closes."""
    for number in SIGNALS:
        # Under `nohup` the end of the terminal is to be ignored.
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


class Interruption:
    """Turns the first signal within a `with` block into a KeyboardInterrupt, but no other.

    Code in between may swallow that (a bare `except`, a callback out of C): it is raised anew by
    `check`, and at the end of the block.
    """

    def __init__(self) -> None:
        self._came = False
        self._held = False
        self._over = False
        self._raised = False

    def __enter__(self) -> Self:
        self._before = {number: signal.getsignal(number) for number in SIGNALS}
        heed(self._hear)
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self.end()
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        if error is None:
            self.check()

    def check(self) -> None:
        """Raise KeyboardInterrupt if there was one."""
        if self._raised:
            raise KeyboardInterrupt

    def end(self) -> None:
        """Ignore all signals until the block ends; behind it they mean what they did before."""
        self._over = True

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let a signal that comes within the block wait for its end."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self._came:
            self._raised = True
            raise KeyboardInterrupt

    def _hear(self, _signal: int, _frame: FrameType | None) -> None:
        first, self._came = not self._came, True
        if first and not self._held and not self._over:
            self._raised = True
            raise KeyboardInterrupt
