"""A limit of time for loading one plugin, so that one that hangs does not keep the host waiting."""

from __future__ import annotations

import importlib
import signal
import threading
import time
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

#: Seconds that a plugin has to clean up after it was interrupted.
GRACE = 1.0
#: Seconds between further interruptions. They are many: where a loop catches everything, one of
#: them must hit the moment between two rounds.
AGAIN = 0.0001
#: Seconds between signals to code that has silenced the alarm.
INSISTING = 0.01

_OURS = f"{Path(__file__).parent}/"
_IMPORT_SYSTEM = ("<frozen importlib", importlib.__file__)


class DeadlineMissed(Exception):
    """Loading a plugin took too long; the message says what it did, and where."""


class _Interruption(BaseException):
    """Raised inside a plugin's code; no Exception, as plugins catch those."""


class Deadline:
    """A block whose code is interrupted when it takes too long; it then raises `DeadlineMissed`.

    It needs signals, which Python delivers to the main thread: in any other thread there is no
    deadline. Code that never comes back from a call into C is not interrupted either. The alarm is
    SIGALRM; for code that has taken that for itself, or has switched it off, there is SIGURG.
    `step` is what the block does at the moment, as the message shall name it.
    """

    def __init__(self, seconds: float, folder: Path) -> None:
        self.step = "loading"
        self._seconds = seconds
        self._folder = folder
        self._missed = ""
        self._over = threading.current_thread() is not threading.main_thread()
        self._ended = threading.Event()
        self._insisting = threading.Thread(target=self._insist, name="deadline", daemon=True)

    def __enter__(self) -> Self:
        if not self._over:
            self._started = time.monotonic()
            self._handlers = {
                number: signal.signal(number, self._ring)
                for number in (signal.SIGALRM, signal.SIGURG)
            }
            # To start a thread takes a moment, in which no alarm may ring: nobody would end it.
            self._insisting.start()
            self._timer = signal.setitimer(signal.ITIMER_REAL, self._seconds)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._over:
            return
        self._over = True
        self._ended.set()
        self._insisting.join()
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._handlers.items():
            signal.signal(number, handler or signal.SIG_DFL)
        delay, interval = self._timer
        if delay:
            left = delay - (time.monotonic() - self._started)
            signal.setitimer(signal.ITIMER_REAL, max(left, AGAIN), interval)
        if self._missed:
            raise DeadlineMissed(self._missed) from error

    def _ring(self, _signal: int, frame: FrameType | None) -> None:
        """Interrupt the plugin's code, and nothing of ours or of the import system around it."""
        if not self._missed:
            place = self._place(frame)
            self._missed = f"{self.step} did not end within {self._seconds:g} s (it was at {place})"
            if signal.getsignal(signal.SIGALRM) == self._ring:
                signal.setitimer(signal.ITIMER_REAL, GRACE, AGAIN)
        if not self._over and _in_foreign_code(frame):
            raise _Interruption(self._missed)

    def _insist(self) -> None:
        """Interrupt code that has not heard the alarm, until the block ends."""
        main = threading.main_thread().ident
        assert main is not None
        pause = self._seconds + 2 * GRACE
        while not self._ended.wait(pause):
            signal.pthread_kill(main, signal.SIGURG)
            pause = INSISTING

    def _place(self, frame: FrameType | None) -> str:
        """Return the plugin's innermost line; the innermost of all where none is the plugin's."""
        innermost = frame
        while frame is not None:
            file = Path(frame.f_code.co_filename)
            if file.is_relative_to(self._folder):
                return f"{file.relative_to(self._folder.parent)}:{frame.f_lineno}"
            frame = frame.f_back
        if innermost is None:
            return "an unknown place"
        return f"{Path(innermost.f_code.co_filename).name}:{innermost.f_lineno}"


def _in_foreign_code(frame: FrameType | None) -> bool:
    """Whether code runs that we called, or that was imported for us; if not, it has come back."""
    while frame is not None and not frame.f_code.co_filename.startswith(_OURS):
        if not frame.f_code.co_filename.startswith(_IMPORT_SYSTEM):
            return True
        frame = frame.f_back
    return False
