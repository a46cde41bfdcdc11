"""Word of a commit, from the process that made it to the worker of the same data folder.

It is a hint and nothing more: whoever has missed it finds the events with its next look.
"""

from __future__ import annotations

import fcntl
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

#: Seconds for which a worker that was woken is awake: the pause between its ticks.
_AWAKE = 0.01

#: Seconds until it is tried again where nobody listened: a worker that begins looks by itself.
_ASLEEP = 1.0

#: The system takes 107 bytes for a socket's path, macOS 103.
_LONGEST_PATH = 103


class Waker:
    """Wakes the worker of a data folder, if one listens.

    `elapsed` is a clock that only goes forward, in seconds. The socket may be shared with a forked
    process: each message is a whole by itself.
    """

    def __init__(self, home: Path, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._home = home
        self._elapsed = elapsed
        self._open = ExitStack()
        self._send: Callable[[], object] | None = None
        self._again = 0.0

    def wake(self) -> None:
        """Say that there are new events; it neither waits nor raises.

        A worker that was woken a moment ago looks again by itself.
        """
        now = self._elapsed()
        if now < self._again:
            return
        self._again = now + _AWAKE
        try:
            if self._send is None:
                self._send = self._prepared()
            self._send()
        except BlockingIOError:
            return  # so many have called already that there is no room for one more
        except OSError:
            # Nobody listens, or not where one did.
            self._again = now + _ASLEEP
            self.close()

    def close(self) -> None:
        """Give up what was opened; who wakes again opens it anew."""
        self._send = None
        self._open.close()

    def _prepared(self) -> Callable[[], object]:
        with ExitStack() as opened:
            sender = opened.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
            sender.setblocking(False)
            address = opened.enter_context(_address(self._home))
            self._open = opened.pop_all()
        return partial(sender.sendto, b"\0", address)


class WakeListener:
    """Hears of commits: `fileno()` is readable when there were some since the last `drain()`.

    One process of a data folder hears. The others have `bound` false and wait in vain, until that
    process has ended: whoever begins to wait next takes its place.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock: int | None = None
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self.bound = False
        self._bind()

    def fileno(self) -> int:
        """Return what to wait on; who does not hear yet tries to from now on."""
        if not self.bound:
            self._bind()
        return self._socket.fileno()

    def drain(self) -> None:
        """Forget the commits so far."""
        with suppress(BlockingIOError):
            while self._socket.recv(1):
                continue

    def interrupt(self) -> None:
        """Make `fileno()` readable from now on, so that nobody waits on it any more."""
        self._socket.shutdown(socket.SHUT_RD)

    def close(self) -> None:
        """Hear no more, and let another process hear."""
        if self.bound:
            with suppress(FileNotFoundError):
                _socket_file(self._home).unlink()
        self.bound = False
        self._socket.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _bind(self) -> None:
        """Listen, unless somebody else does: the lock ends with its process, the file does not."""
        # Without a folder that can be written there is nothing to hear.
        with suppress(OSError):
            if self._lock is None:
                self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
                flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
                self._lock = os.open(self._home / "worker.lock", flags, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _socket_file(self._home).unlink(missing_ok=True)
            with _address(self._home) as address:
                self._socket.bind(address)
            _socket_file(self._home).chmod(0o600)
            self.bound = True


def _socket_file(home: Path) -> Path:
    return home / "worker.sock"


@contextmanager
def _address(home: Path) -> Iterator[str]:
    """Yield the socket's path such that the system takes it, however long the folder's is."""
    path = str(_socket_file(home))
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield path
        return
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{_socket_file(home).name}"
    finally:
        os.close(folder)
