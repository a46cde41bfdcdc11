"""The process that owns the server: `python -m meishi.database.embedded.keeper PLAN`.

There is at most one for a data folder, in a session of its own. It lives while somebody uses
the server, and the server lives while the keeper does. It imports little, so it starts fast.
"""

import os
import secrets
import selectors
import signal
import socket
import sys
import time
from pathlib import Path
from types import FrameType

from meishi.database.embedded import cluster, leftovers
from meishi.database.embedded.binaries import Binaries
from meishi.database.embedded.control import Status, Users
from meishi.database.embedded.folders import Folders, explain
from meishi.database.embedded.plan import Plan
from meishi.database.embedded.postmaster import Postmaster
from meishi.database.embedded.sandbox import Sandbox, choose
from meishi.database.embedded.server_log import ServerLog
from meishi.errors import OperatorError

_READY_POLL = 0.01
_TRIM_EVERY = 30.0
_QUICK_DEATH = 10.0
_MAX_QUICK_DEATHS = 5
_FIRST_PAUSE = 0.05


class Keeper:
    """Starts the server, restarts it when it dies, ends it with its last user."""

    def __init__(self, plan: Plan, selector: selectors.BaseSelector) -> None:
        self._folders = Folders(Path(plan.root))
        self._binaries = Binaries(Path(plan.binaries))
        self._durable = plan.durable
        self._selector = selector
        self._users = Users(selector)
        self._listener = socket.socket(socket.AF_UNIX)
        self._told_to_stop = False
        self._quick_deaths = 0
        self._users.add(socket.socket(fileno=plan.user))

    def run(self) -> None:
        """Serve until nobody is left, a signal comes, or the server cannot be kept alive."""
        self._heed_signals()
        try:
            self._listen()
            self._serve()
        except OperatorError as fault:
            self._users.tell_all(Status.failure(fault))
        except OSError as error:
            self._users.tell_all(Status.failure(explain(error, self._folders.root)))
        finally:
            self._stop_listening()
            self._folders.tidy()
            self._users.close()

    def _serve(self) -> None:
        sandbox = choose(self._folders, self._binaries)
        leftovers.clear(sandbox.root, sandbox.sockets)
        password = secrets.token_urlsafe(24)
        cluster.prepare(self._folders, sandbox, password=password, durable=self._durable)
        log = ServerLog(self._folders.log)
        while self._wanted:
            server = Postmaster.start(sandbox, log, durable=self._durable)
            try:
                self._watch(server, sandbox)
            finally:
                # Newcomers must find no socket rather than one that leads to the end.
                if not self._wanted:
                    self._stop_listening()
                server.stop()
            if self._wanted:
                self._recover(server, sandbox)

    @property
    def _wanted(self) -> bool:
        return bool(self._users) and not self._told_to_stop

    def _watch(self, server: Postmaster, sandbox: Sandbox) -> None:
        """Look after one run of the server; returns when it died or is wanted no more."""
        ready = False
        while self._wanted and server.alive:
            if not ready and server.ready:
                ready = True
                self._users.tell(Status(sockets=str(sandbox.sockets)))
            self._attend(_TRIM_EVERY if ready else _READY_POLL)
            server.log.trim()
        self._users.hold()
        if self._wanted and not ready and self._quick_deaths == 0:
            raise server.fault("The embedded PostgreSQL did not start.")

    def _recover(self, server: Postmaster, sandbox: Sandbox) -> None:
        """Clear up after a dead server, and pause the longer the more often it dies."""
        lived = time.monotonic() - server.started
        self._quick_deaths = self._quick_deaths + 1 if lived < _QUICK_DEATH else 1
        if self._quick_deaths > _MAX_QUICK_DEATHS:
            raise server.fault(f"The embedded PostgreSQL died {self._quick_deaths} times in a row.")
        leftovers.clear(sandbox.root, sandbox.sockets)
        resume = time.monotonic() + _FIRST_PAUSE * 2 ** (self._quick_deaths - 1)
        while self._wanted and (pause := resume - time.monotonic()) > 0:
            self._attend(pause)

    def _attend(self, timeout: float) -> None:
        """Handle what the users and the system have to say, waiting at most `timeout` seconds."""
        for key, _ in self._selector.select(timeout):
            key.data(key.fileobj)

    def _listen(self) -> None:
        # Its predecessor may have tidied the folders away since the starter made them.
        self._folders.claim()
        self._folders.control.unlink(missing_ok=True)
        self._listener.bind(str(self._folders.control))
        self._listener.listen()
        self._selector.register(self._listener, selectors.EVENT_READ, self._admit)

    def _admit(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        self._users.add(connection)

    def _stop_listening(self) -> None:
        self._folders.control.unlink(missing_ok=True)
        self._listener.close()

    def _heed_signals(self) -> None:
        """Let signals interrupt a wait: the server's end, and the wish that all should end."""
        hearing, telling = socket.socketpair()
        telling.setblocking(False)
        signal.set_wakeup_fd(telling.detach(), warn_on_full_buffer=False)
        self._selector.register(hearing, selectors.EVENT_READ, lambda _: hearing.recv(4096))
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._told_to_stop = self._told_to_stop or number != signal.SIGCHLD


def main() -> None:
    """Become the keeper that the command line asks for."""
    plan = Plan.decode(sys.argv[1])
    # The starter waits for this first process only, so that none is left for it to bury.
    if os.fork():
        os._exit(0)
    os.umask(0o077)
    os.ftruncate(plan.lock, 0)
    os.pwrite(plan.lock, str(os.getpid()).encode(), 0)
    with selectors.DefaultSelector() as selector:
        Keeper(plan, selector).run()


if __name__ == "__main__":
    main()
