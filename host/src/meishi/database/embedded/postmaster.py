"""One run of the server, from start to stop."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from meishi.database.embedded.cluster import LIGHT_PASSWORDS, NO_SPACE
from meishi.database.embedded.folders import SOCKET_NAME, disk_full
from meishi.database.embedded.memory import available, shared_buffers
from meishi.database.embedded.sandbox import Sandbox
from meishi.database.embedded.server_log import ServerLog
from meishi.errors import DatabaseUnavailable

_SETTINGS = {
    "listen_addresses": "",
    "port": SOCKET_NAME.rpartition(".")[2],
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
}
_VOLATILE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # What is done beside a test is done by the test.
    "autovacuum": "off",
    "shared_buffers": "128MB",
    **LIGHT_PASSWORDS,
}
_STATUS_LINE = 7  # of postmaster.pid, where the server says `ready`; counted from 0
# Fast, then immediate shutdown, then no mercy; seconds that each may take.
_STOPPING = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))


@dataclass(frozen=True)
class Postmaster:
    """The server's main process, a child of this one.

    `started` is on the monotonic clock; `log_start` is where its part of the log begins.
    """

    process: subprocess.Popen[bytes]
    status_file: Path
    log: ServerLog
    started: float
    log_start: int

    @classmethod
    def start(cls, sandbox: Sandbox, log: ServerLog, *, durable: bool) -> "Postmaster":
        """Start the server; it is not ready yet."""
        settings = _SETTINGS | {"unix_socket_directories": _quoted(sandbox.sockets)}
        settings |= {"shared_buffers": shared_buffers(available())} if durable else _VOLATILE
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        log.trim()
        log_start, descriptor = log.size(), log.open()
        try:
            process = sandbox.popen(
                sandbox.binaries.postgres,
                *("-D", str(sandbox.data), *options),
                cwd=sandbox.data,
                output=descriptor,
                death_signal=signal.SIGINT,
            )
        finally:
            os.close(descriptor)
        status_file = sandbox.data / "postmaster.pid"
        return cls(process, status_file, log, time.monotonic(), log_start)

    @property
    def alive(self) -> bool:
        """Whether the process runs; a dead one is reaped."""
        return self.process.poll() is None

    @property
    def ready(self) -> bool:
        """Whether it accepts connections."""
        try:
            lines = self.status_file.read_text().splitlines()
        except FileNotFoundError:
            return False
        own = lines[:1] == [str(self.process.pid)]
        return own and len(lines) > _STATUS_LINE and lines[_STATUS_LINE].strip() == "ready"

    def stop(self) -> None:
        """End the server and wait for it, gently first."""
        for number, patience in _STOPPING:
            self.process.send_signal(number)
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                continue
            return

    def fault(self, what: str) -> DatabaseUnavailable:
        """Why it ended, in the words of its log."""
        said = self.log.tail(self.log_start)
        if NO_SPACE in said:
            return disk_full(self.status_file.parent)
        return DatabaseUnavailable(
            what, hint=f"The last lines of {self.log.path}:\n{said}" if said else ""
        )


def _quoted(folder: Path) -> str:
    """A path as one element of a list of paths."""
    return '"' + str(folder).replace('"', '""') + '"'
