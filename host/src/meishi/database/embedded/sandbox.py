"""Running PostgreSQL's programs as somebody who is not root, which they refuse to be."""

import os
import shutil
import signal
import stat
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from meishi.database.embedded.accounts import Account, account_of, spare_account
from meishi.database.embedded.binaries import OWN_DATABASE, Binaries
from meishi.database.embedded.folders import Folders, foreign, suits_sockets
from meishi.errors import DatabaseUnavailable
from meishi.processes import die_with_parent

_PLACES = Path("/var/lib")


@dataclass(frozen=True)
class Sandbox:
    """How the programs are run, and where the files live that they must own.

    `prefix` wraps a command (a user namespace); `account` is what root steps down to instead.
    """

    root: Path
    sockets: Path
    binaries: Binaries
    prefix: tuple[str, ...] = ()
    account: Account | None = None

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder, without links."""
        return self.root / "data"

    @property
    def owner(self) -> int:
        """The user id that the server's files belong to, as this process sees it."""
        return self.account.uid if self.account else os.geteuid()

    def give(self, path: Path) -> None:
        """Make `path` the property of whoever the programs run as."""
        if self.account is not None:
            os.chown(path, self.account.uid, self.account.gid)

    def popen(
        self,
        program: Path,
        *arguments: str,
        cwd: Path,
        output: int,
        death_signal: signal.Signals = signal.SIGKILL,
    ) -> subprocess.Popen[bytes]:
        """Start `program`; where Linux can, it gets `death_signal` when this process dies."""
        return subprocess.Popen(
            [*self.prefix, str(program), *arguments],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Nothing of the caller's PG* or locale variables reaches the server.
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            # Only single-threaded processes come here, where running code after fork is safe.
            preexec_fn=die_with_parent(death_signal),  # noqa: PLW1509
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
        )

    def version(self) -> str:
        """The server's version such as `18.6`, or nothing when it does not run in here."""
        program, output = self.binaries.postgres, subprocess.PIPE
        try:
            process = self.popen(program, "--version", cwd=Path("/"), output=output)
        except (OSError, subprocess.SubprocessError):
            return ""
        answer, _ = process.communicate()
        return answer.decode().split()[-1] if process.returncode == 0 else ""


def choose(folders: Folders, binaries: Binaries) -> Sandbox:
    """The mildest sandbox that works here: none, a user namespace, or another account.

    :raises DatabaseUnavailable: the programs cannot be run by any of them.
    """
    direct = Sandbox(folders.root, folders.sockets, binaries)
    root = os.geteuid() == 0
    if folders.data.is_symlink() and _place_of(folders) is None and not folders.data.exists():
        raise DatabaseUnavailable(
            f"{folders.data} leads to {folders.data.readlink()}, which is missing.",
            hint="Mount or restore it; remove the link only to begin with an empty database.",
        )
    if not root and account_of(os.geteuid()) is not None:
        return direct
    place = _place_of(folders)
    if root and place is not None:
        found = (place / "run").stat()
        return _stepped_down(direct, place, Account(found.st_uid, found.st_gid))
    namespaced = _namespaced(direct)
    if namespaced is not None:
        return namespaced
    if not root or folders.data.exists():
        raise _refusal("user namespaces are not available")
    spare = spare_account()
    if spare is None:
        raise _refusal("there is no account that it could use")
    return _stepped_down(direct, _new_place(folders, spare), spare)


def remove(folders: Folders) -> None:
    """Delete the server's files, those of another account included; under the lock only."""
    place = _place_of(folders)
    for folder in (place, folders.root):
        if folder is not None:
            shutil.rmtree(folder)


def require_owner(sandbox: Sandbox) -> None:
    """Refuse a data folder that the server could not own.

    :raises DatabaseUnavailable: naming the owner that the folder has.
    """
    if sandbox.data.exists() and sandbox.data.stat().st_uid != sandbox.owner:
        raise foreign(sandbox.data, sandbox.data.stat().st_uid)


def _namespaced(direct: Sandbox) -> Sandbox | None:
    """The same files seen as an ordinary user's, where the system allows that."""
    unshare, account = shutil.which("unshare"), spare_account()
    if unshare is None or account is None:
        return None
    mapping = (f"--map-user={account.uid}", f"--map-group={account.gid}")
    sandbox = replace(direct, prefix=(unshare, "--user", *mapping))
    return sandbox if sandbox.version() else None


def _stepped_down(direct: Sandbox, place: Path, account: Account) -> Sandbox:
    """A copy of the programs and the data of another account, in a folder made for it."""
    installed = direct.binaries.copy_to(place / f"install-{direct.version()}")
    sandbox = Sandbox(place, place / "run", installed, account=account)
    if not sandbox.version():
        raise _refusal(f"user id {account.uid} cannot run it in {place}")
    return sandbox


def _place_of(folders: Folders) -> Path | None:
    """Where an earlier start put the files of another account, if one did."""
    place = folders.data.resolve().parent
    sockets = place / "run"
    stepped_down = sockets.is_dir() and sockets.stat().st_uid != os.geteuid()
    return place if folders.data.is_symlink() and stepped_down else None


def _new_place(folders: Folders, account: Account) -> Path:
    """A folder for `account`, beside Meishi's data folder or under /var/lib.

    PostgreSQL's data folder becomes a link to it, by which later starts know what to do.
    """
    for parent in (folders.root.parent.parent, _PLACES):
        reachable = all(above.stat().st_mode & stat.S_IXOTH for above in (parent, *parent.parents))
        if reachable and suits_sockets(parent / "meishi-postgres-12345678" / "run"):
            place = Path(tempfile.mkdtemp(prefix="meishi-postgres-", dir=parent))
            place.chmod(0o711)
            (place / "run").mkdir(mode=0o700)
            os.chown(place / "run", account.uid, account.gid)
            folders.data.symlink_to(place / "data")
            return place
    raise _refusal("no folder can be shared with another account")


def _refusal(reason: str) -> DatabaseUnavailable:
    return DatabaseUnavailable(
        f"The embedded PostgreSQL cannot run as user id {os.geteuid()}: {reason}.",
        hint=f"Run Meishi as an ordinary user, or {OWN_DATABASE}.",
    )
