"""The keeper's socket: who is connected uses the server, and is told once how it is.

The keeper writes one line of JSON when the server is ready or has failed. A user never writes;
it leaves by closing its side, on purpose or by dying, which the kernel does for it.
"""

import json
import selectors
import socket
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from meishi.errors import OperatorError

_LINE_BYTES = 64 * 1024


@dataclass(frozen=True)
class Status:
    """What a user is told: the folder of the server's socket, or what went wrong."""

    sockets: str = ""
    message: str = ""
    hint: str = ""

    @classmethod
    def failure(cls, fault: OperatorError) -> "Status":
        """What went wrong, for whoever waits in another process."""
        return cls(message=fault.message, hint=fault.hint)

    def encode(self) -> bytes:
        """One line of JSON."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def decode(cls, line: bytes) -> "Status":
        """The opposite of `encode`."""
        return cls(**json.loads(line))


def dial(control: Path) -> socket.socket | None:
    """A connection to the keeper, if one listens."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(str(control))
    except (FileNotFoundError, ConnectionRefusedError):
        connection.close()
        return None
    return connection


def await_status(connection: socket.socket, deadline: float) -> Status | None:
    """The keeper's line, or nothing if it hung up; a TimeoutError after `deadline`."""
    line = b""
    while not line.endswith(b"\n"):
        connection.settimeout(max(deadline - time.monotonic(), 0.001))
        received = b""
        with suppress(ConnectionError):  # it stopped listening before it noticed us
            received = connection.recv(_LINE_BYTES)
        if not received:
            return None
        line += received
    return Status.decode(line)


def hung_up(connection: socket.socket) -> bool:
    """Whether the keeper has ended this connection or said that the server is lost."""
    connection.setblocking(False)
    try:
        # Nothing is ever said to a contented user.
        connection.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def leave(connection: socket.socket, patience: float) -> None:
    """Stop being a user; for the last one this returns when the server has ended."""
    with connection, suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(patience)
        while connection.recv(_LINE_BYTES):
            continue


class Users:
    """Everybody who is connected, as the keeper sees them."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector
        self._connected: set[socket.socket] = set()
        self._untold: set[socket.socket] = set()
        self._last: socket.socket | None = None
        self._status: Status | None = None

    def __bool__(self) -> bool:
        return bool(self._connected)

    def add(self, connection: socket.socket) -> None:
        """Count a new user, who hears at once if there is something to tell."""
        connection.setblocking(False)
        self._connected.add(connection)
        self._untold.add(connection)
        self._selector.register(connection, selectors.EVENT_READ, self.heed)
        if self._status is not None:
            self.tell(self._status)

    def tell(self, status: Status) -> None:
        """Tell those who wait, and from now on everybody who comes."""
        self._status = status
        for connection in self._untold:
            with suppress(OSError):  # gone already, as its end of file will say
                connection.sendall(status.encode())
        self._untold.clear()

    def tell_all(self, status: Status) -> None:
        """Tell everybody, also those who were contented."""
        self._untold = set(self._connected)
        self.tell(status)

    def hold(self) -> None:
        """Let newcomers wait for the next `tell`."""
        self._status = None

    def heed(self, connection: socket.socket) -> None:
        """Let a user go who has closed its side.

        The last one's connection stays open until `close`, for it waits for the server's end.
        """
        with suppress(BlockingIOError, ConnectionError):
            if connection.recv(_LINE_BYTES):
                return
        self._selector.unregister(connection)
        self._connected.discard(connection)
        self._untold.discard(connection)
        if self._connected:
            connection.close()
        else:
            self._last = connection

    def close(self) -> None:
        """Hang up on everybody."""
        for connection in (*self._connected, *([self._last] if self._last else [])):
            connection.close()
