"""The embedded server as its users see it."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import meishi
from meishi.database.embedded.binaries import OWN_DATABASE, locate
from meishi.database.embedded.cluster import SUPERUSER
from meishi.database.embedded.control import await_status, dial, hung_up, leave
from meishi.database.embedded.folders import SOCKET_NAME, Folders, explain
from meishi.database.embedded.plan import Plan
from meishi.database.embedded.sandbox import remove
from meishi.database.embedded.server_log import ServerLog
from meishi.errors import DatabaseUnavailable

_RETRY = 0.02


class EmbeddedPostgres:
    """One user of the PostgreSQL in Meishi's data folder `home`.

    The first user starts the server, further ones (of any process) share it, and it ends with
    the last: after `stop`, at the end of a `with` block, or when the process dies, by whatever
    death. A process forked by a user prolongs that use until it ends too.

    `durable=False` trades the safety of the data for speed, for tests only; who starts the
    server decides. `patience` is how many seconds a start or a stop may take.
    """

    def __init__(self, home: Path, *, durable: bool = True, patience: float = 120.0) -> None:
        self._folders = Folders.of(home)
        self._durable = durable
        self._patience = patience
        self._connection: socket.socket | None = None
        self._sockets = ""
        self._starter = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def admin_url(self) -> str:
        """Where the superuser connects, for libpq and SQLAlchemy alike."""
        password = self._folders.password.read_text()
        return self.url(SUPERUSER, password, "postgres")

    def url(self, user: str, password: str, dbname: str) -> str:
        """Where `user` connects to the database `dbname`.

        :raises DatabaseUnavailable: the server has not been started.
        """
        if not self._sockets:
            raise DatabaseUnavailable("The embedded PostgreSQL has not been started.")
        login = f"{quote(user, safe='')}:{quote(password, safe='')}"
        # The port is part of the socket's name; without it PGPORT would lead astray.
        place = f"host={quote(self._sockets, safe='/')}&port={SOCKET_NAME.rpartition('.')[2]}"
        return f"postgresql://{login}@/{quote(dbname, safe='')}?{place}"

    def start(self) -> None:
        """Use the server, which runs and accepts connections afterwards.

        :raises DatabaseUnavailable: it cannot be had; the hint says what to do.
        """
        if self._connection is not None:
            return
        self._folders.claim()
        deadline = time.monotonic() + self._patience
        try:
            while not (self._attach(deadline) or self._launch(deadline)):
                # A keeper on its way out still holds the lock.
                time.sleep(_RETRY)
                if time.monotonic() > deadline:
                    raise self._no_answer()
        except TimeoutError as error:
            raise self._no_answer() from error
        except OSError as error:
            raise explain(error, self._folders.root) from error

    def stop(self) -> None:
        """Use the server no longer; returns when it has ended, if nobody else uses it."""
        connection, self._connection, self._sockets = self._connection, None, ""
        if connection is None:
            return
        if os.getpid() == self._starter:
            leave(connection, self._patience)
        else:
            # A forked process lets go of its copy and leaves the starter's use alone.
            connection.close()

    def discard(self) -> None:
        """End the server, whoever uses it, and delete all that it keeps.

        :raises DatabaseUnavailable: it does not end.
        """
        self.stop()
        if not self._folders.root.exists():
            return
        lock = self._lock_in_the_end()
        try:
            self._folders.tidy()
            remove(self._folders)
        finally:
            os.close(lock)

    def ensure_running(self) -> bool:
        """Start the server again if it was lost together with its keeper; tells whether it was.

        A dead server is restarted by its keeper without this; a supervisor calls it now and
        then. It costs one system call while all is well.

        :raises DatabaseUnavailable: it could not be started again.
        """
        if self._connection is not None and not hung_up(self._connection):
            return False
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self.start()
        return True

    def _attach(self, deadline: float) -> bool:
        """Use a server that runs already; tells whether there is one."""
        connection = dial(self._folders.control)
        return connection is not None and self._greet(connection, deadline)

    def _launch(self, deadline: float) -> bool:
        """Start a keeper, unless somebody else has one; tells whether it did."""
        lock = self._lock()
        if lock is None:
            return False
        try:
            connection = self._spawn(lock)
        finally:
            # The lock is the keeper's by now: it holds a descriptor of the same open file.
            os.close(lock)
        if not self._greet(connection, deadline):
            said = ServerLog(self._folders.keeper_log).tail()
            raise DatabaseUnavailable("The database's keeper ended unexpectedly.", hint=said)
        return True

    def _greet(self, connection: socket.socket, deadline: float) -> bool:
        """Wait for the keeper's word and keep the connection; not if it hangs up silently."""
        with ExitStack() as stack:
            stack.enter_context(connection)
            status = await_status(connection, deadline)
            if status is None:
                return False
            if status.message:
                raise DatabaseUnavailable(status.message, hint=status.hint)
            stack.pop_all()
        self._connection, self._sockets, self._starter = connection, status.sockets, os.getpid()
        return True

    def _lock(self) -> int | None:
        """A descriptor that holds the lock, if nobody else does."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        lock = os.open(self._folders.lock, flags, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        return lock

    def _lock_in_the_end(self) -> int:
        """Tell the keeper to stop until it has, and return a descriptor that holds its lock."""
        deadline = time.monotonic() + self._patience
        while (lock := self._lock()) is None:
            keeper = self._folders.lock.read_text()
            with suppress(ProcessLookupError):  # it ends just now, or has not said its id yet
                if keeper:
                    os.kill(int(keeper), signal.SIGTERM)
            time.sleep(_RETRY)
            if time.monotonic() > deadline:
                raise self._no_answer()
        return lock

    def _spawn(self, lock: int) -> socket.socket:
        binaries = locate()
        ours, theirs = socket.socketpair()
        plan = Plan(
            root=str(self._folders.root),
            binaries=str(binaries.root),
            durable=self._durable,
            lock=lock,
            user=theirs.fileno(),
        )
        source = str(Path(meishi.__file__).parent.parent)
        with theirs, self._folders.keeper_log.open("wb") as log:
            # Without site packages, of which the keeper needs none: they cost start-up time.
            command = [sys.executable, "-P", "-S", "-m", "meishi.database.embedded.keeper"]
            subprocess.run(
                [*command, plan.encode()],
                check=False,
                cwd="/",
                env=os.environ | {"PYTHONPATH": source},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(lock, theirs.fileno()),
                start_new_session=True,
            )
        return ours

    def _no_answer(self) -> DatabaseUnavailable:
        lock = self._folders.lock
        holder = lock.read_text().strip() if lock.exists() else ""
        return DatabaseUnavailable(
            f"The database in {self._folders.root} does not answer.",
            hint=f"It may still be recovering, see {self._folders.log}; "
            f"if not, stop process {holder or 'that holds the lock'}, or {OWN_DATABASE}.",
        )
