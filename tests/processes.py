"""Processes that a test or benchmark starts: what is still there, and when it is gone."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import IO

#: Seconds after which something is taken for broken: far more than a busy machine needs.
PATIENCE = 360.0

#: Ports that Linux gives to nobody who does not name them, and in how many parts they are taken.
_PORTS, _PARTS = range(20_000, 32_000), 16


def wait_until(condition: Callable[[], bool], what: str, *, every: float = 0.05) -> None:
    """Return when the condition holds, looked at `every` seconds; fail if it never does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(every)


def wait_until_gone(home: Path) -> None:
    """Return when no process runs for a data folder; fail, and kill them, if they stay."""
    try:
        wait_until(lambda: not processes_of(home), "all processes gone")
    finally:
        for process in processes_of(home):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def stop(process: int) -> None:
    """Stop a process, and return when all its threads stand still.

    Before that it would still take a signal that comes behind, instead of leaving it waiting.
    """
    os.kill(process, signal.SIGSTOP)
    tasks = Path(f"/proc/{process}/task")
    wait_until(lambda: all(map(_stands_still, tasks.iterdir())), "the process is stopped")


def _stands_still(task: Path) -> bool:
    try:
        return "\nState:\tT" in (task / "status").read_text()
    except OSError:
        return True  # it ended while we looked


def processes_of(home: Path) -> list[int]:
    """Return the processes that run for a data folder: by environment, folder or arguments."""
    marks = (f"MEISHI_HOME={home}".encode(), str(home).encode())
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        if int(entry.name) == os.getpid():
            continue
        try:
            texts = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            if any(mark in texts for mark in marks) and not _is_zombie(entry):
                found.append(int(entry.name))
        except OSError:
            continue  # it ended while we looked
    return found


def named(home: Path, word: str) -> dict[int, list[str]]:
    """Return the arguments of those processes of a data folder that have a word among them."""
    found = {}
    for process in processes_of(home):
        try:
            arguments = Path(f"/proc/{process}/cmdline").read_text().split("\0")
        except OSError:
            continue  # it ended while we looked
        if word in arguments:
            found[process] = arguments
    return found


def postmaster_of(home: Path) -> int:
    """Return the process of a data folder's database, 0 while there is none that says so."""
    try:
        number, end, _ = (home / "postgres/data/postmaster.pid").read_text().partition("\n")
    except FileNotFoundError:
        return 0
    return int(number) if end else 0


def _is_zombie(entry: Path) -> bool:
    return (entry / "stat").read_text().rpartition(") ")[2].startswith("Z")


def free_port() -> int:
    """Return a port that nobody uses at this moment, nor is given before it is served.

    It takes seconds until a server is there. A port that the system chose for us would be chosen
    for somebody else meanwhile, now and then; and other processes of a run look for some, too.
    """
    while True:
        port = next(_ports())
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@cache
def _ports() -> Iterator[int]:
    """Return the ports of this process of the run, beginning anywhere."""
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    own = _PORTS[process % _PARTS :: _PARTS]
    begin = secrets.randbelow(len(own))
    return cycle((*own[begin:], *own[:begin]))


def is_healthy(port: int) -> bool:
    """Whether a server answers with success."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=30):
            return True
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


#: Becomes `meishi`, with a terminal's signals.
_BECOME = """
import os, signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, "-m", "meishi", *sys.argv[1:]])
"""


def start(*arguments: str, home: Path, **environment: str) -> subprocess.Popen[str]:
    """Start `meishi` with a data folder of its own, and with a terminal's signals.

    What it says goes into pipes: who says more than these hold stands still.
    """
    return start_into(None, *arguments, home=home, **environment)


def start_into(
    output: IO[str] | None, *arguments: str, home: Path, **environment: str
) -> subprocess.Popen[str]:
    """Do the same, and have what it says go into a file.

    Whoever runs the tests may ignore SIGHUP, as `nohup` does; it would be inherited. What changes
    that is a program of its own, as threads of this process may hold anything while it forks.
    """
    return subprocess.Popen(
        [sys.executable, "-c", _BECOME, *arguments],
        env={**os.environ, "MEISHI_HOME": str(home), **environment},
        stdout=output or subprocess.PIPE,
        stderr=output or subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> int:
    """Wait for the end of a process, close its pipes, and return its exit code."""
    process.communicate(timeout=PATIENCE)
    return process.returncode
