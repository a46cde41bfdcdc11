"""The folder of one embedded server, and who may use it."""

import errno
import hashlib
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from meishi.database.embedded.binaries import OWN_DATABASE
from meishi.errors import DatabaseUnavailable

SOCKET_NAME = ".s.PGSQL.5432"
# Linux allows 107 bytes, macOS 103; PostgreSQL checks against its own platform's limit.
SOCKET_PATH_LIMIT = 103
# Fixed, so that processes with different TMPDIR or XDG_RUNTIME_DIR agree; the latter also
# disappears when its user logs out, under a server that goes on.
_SHORT_PARENT = Path("/tmp")  # noqa: S108 - the folder made in it is 0700 and checked


@dataclass(frozen=True)
class Folders:
    """Everything the embedded server keeps for one data folder of Meishi."""

    root: Path

    @classmethod
    def of(cls, home: Path) -> "Folders":
        """The server's own part of Meishi's data folder `home`."""
        return cls(home.absolute().resolve() / "postgres")

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder; a link where another account has to own it."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """What PostgreSQL says."""
        return self.root / "server.log"

    @property
    def keeper_log(self) -> Path:
        """What the keeper says; empty unless something unforeseen happened."""
        return self.root / "keeper.log"

    @property
    def password(self) -> Path:
        """The superuser's password, mode 0600."""
        return self.root / "password"

    @property
    def lock(self) -> Path:
        """Locked by the one keeper that may touch the data; holds its process id."""
        return self.root / "lock"

    @property
    def sockets(self) -> Path:
        """A private folder whose sockets every client can reach."""
        inside = self.root / "run"
        if suits_sockets(inside):
            return inside
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return _SHORT_PARENT / f"meishi-{os.geteuid()}-{digest}"

    @property
    def control(self) -> Path:
        """The keeper's socket; every open connection to it is one user of the server."""
        return self.sockets / "control"

    def claim(self) -> None:
        """Make the folders if they are missing; afterwards they are this account's alone.

        :raises DatabaseUnavailable: somebody else's, not writable, or the disk is full.
        """
        try:
            home = self.root.parent
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            if home.stat().st_uid != os.geteuid():
                raise foreign(home, home.stat().st_uid)
            for folder in (self.root, self.sockets):
                _claim(folder)
        except OSError as error:
            raise explain(error, self.root) from error

    def tidy(self) -> None:
        """Remove the folder for sockets where it lies outside; call it under the lock only."""
        if self.sockets.parent != self.root:
            with suppress(OSError):  # a killed server may have left its socket in there
                self.sockets.rmdir()


def suits_sockets(folder: Path) -> bool:
    """Whether clients can reach a socket in `folder`.

    The system limits the path's length, and libpq takes a comma for the end of a host.
    """
    return len(os.fsencode(folder / SOCKET_NAME)) <= SOCKET_PATH_LIMIT and "," not in str(folder)


def explain(error: OSError, path: Path) -> DatabaseUnavailable:
    """What an operator can do about a fault of the file system."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return disk_full(path)
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return DatabaseUnavailable(
            f"The data folder {path} is not writable.",
            hint="Give this account write access, or choose another data folder.",
        )
    return DatabaseUnavailable(
        f"The data folder {path} cannot be used: {error}.", hint=f"You can {OWN_DATABASE}."
    )


def disk_full(path: Path) -> DatabaseUnavailable:
    """The fault of a file system without space for the database."""
    return DatabaseUnavailable(
        f"The disk that holds {path} is full.", hint="Free some space, then start again."
    )


def foreign(path: Path, owner: int) -> DatabaseUnavailable:
    """The fault of a folder that is not this account's."""
    return DatabaseUnavailable(
        f"The data folder {path} belongs to user id {owner}, this process runs as {os.geteuid()}.",
        hint="Run Meishi as the owner, or choose another data folder.",
    )


def _claim(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    # No following of links: in a shared parent somebody else may have put one there.
    found = folder.lstat()
    if found.st_uid != os.geteuid():
        raise foreign(folder, found.st_uid)
    if not stat.S_ISDIR(found.st_mode):
        raise DatabaseUnavailable(
            f"{folder} is not a folder of its own.",
            hint="Remove it, or choose another data folder.",
        )
    if stat.S_IMODE(found.st_mode) != stat.S_IRWXU:
        folder.chmod(0o700)
