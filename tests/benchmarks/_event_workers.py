"""Processes of `meishi worker`, which are killed and started as a benchmark wants it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

_MOST = 3
_COMMAND = (sys.executable, "-P", "-m", "meishi", "worker")


class Workers:
    """Any number of `meishi worker`, each with a child that delivers; all end with the block."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._environment = environment
        self._log = log
        self._running: list[subprocess.Popen[bytes]] = []
        self.killed = self.started = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start one more."""
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                _COMMAND,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._running.append(process)
        self.started += 1

    def disturb(self, chance: random.Random) -> None:
        """Start one, or kill one that runs: the supervisor, or the child that it supervises."""
        few = len(self._running) < _MOST
        if not self._running or (few and chance.random() < 0.4):
            self.start()
            return
        victim = chance.choice(self._running)
        children = _children_of(victim.pid)
        if children and chance.random() < 0.5:
            os.kill(chance.choice(children), signal.SIGKILL)
        else:
            self._running.remove(victim)
            victim.kill()
            victim.wait()
        self.killed += 1

    def ensure(self, number: int) -> None:
        """Start as many as are missing."""
        while len(self._running) < number:
            self.start()

    def stop(self) -> None:
        """End all as an operator does, and wait until they are gone."""
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.wait(60)
        self._running.clear()

    def log_tail(self) -> str:
        """Return the last of what they have written."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-4000:]


def _children_of(parent: int) -> list[int]:
    text = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii")
    return [int(pid) for pid in text.split()]
