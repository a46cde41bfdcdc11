"""Asking a plugin something without waiting for it longer than one cares to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Generic, TypeVar

from meishi.context import Scope

T = TypeVar("T")

#: Opens a unit of work as a plugin's code, in no workspace.
Within = Callable[[str], AbstractContextManager[Scope]]


class Late(Exception):
    """A plugin did not answer within the time that it has; `seconds` passed so far."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no answer within {seconds:.1f} s")
        self.seconds = seconds


class Asking(Generic[T]):
    """One question that is being asked, or was: what became of it, and how long that took."""

    def __init__(self, ask: Callable[[], T], name: str) -> None:
        self._ask = ask
        self._over = threading.Event()
        self._answer: T
        self._error: BaseException | None = None
        self._began = time.monotonic()
        self._ended = self._began
        # A thread that hangs must not keep the process from ending.
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def answer(self, limit: float) -> T:
        """Return the answer, or raise what was raised; `Late` once the limit has passed."""
        self._over.wait(max(0.0, self._began + limit - time.monotonic()))
        if not self._over.is_set() or self.seconds > limit:
            raise Late(self.seconds)
        if self._error is not None:
            raise self._error
        return self._answer

    @property
    def seconds(self) -> float:
        """How long it took, or has taken so far."""
        return (self._ended if self._over.is_set() else time.monotonic()) - self._began

    def is_fresh(self, seconds: float) -> bool:
        """Whether it is still being asked, or was answered less than some seconds ago."""
        return not self._over.is_set() or time.monotonic() - self._ended < seconds

    def _run(self) -> None:
        try:
            self._answer = self._ask()
        except BaseException as error:  # noqa: BLE001 (who waits is told, whatever it is)
            self._error = error
        self._ended = time.monotonic()
        self._over.set()


class Probe(Generic[T]):
    """A question to a plugin, asked as its code in a thread of its own, and never twice at a time.

    `fresh_seconds` is how long an answer is given again before the plugin is asked anew.
    """

    def __init__(
        self, within: Within, plugin: str, ask: Callable[[], T], *, fresh_seconds: float = 0.0
    ) -> None:
        self._within = within
        self._plugin = plugin
        self._ask = ask
        self._fresh_seconds = fresh_seconds
        self._lock = threading.Lock()
        self._asking: Asking[T] | None = None

    def begin(self) -> Asking[T]:
        """Return the asking that is under way or fresh, or begin one."""
        with self._lock:
            if self._asking is None or not self._asking.is_fresh(self._fresh_seconds):
                self._asking = Asking(self._asked, f"probe of {self._plugin}")
            return self._asking

    def _asked(self) -> T:
        with self._within(self._plugin):
            return self._ask()
