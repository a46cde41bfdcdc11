"""The data folder: made whole or not at all, and only used when it fits the server."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from meishi.database.embedded.binaries import OWN_DATABASE
from meishi.database.embedded.folders import Folders, disk_full
from meishi.database.embedded.sandbox import Sandbox, require_owner
from meishi.errors import DatabaseUnavailable

SUPERUSER = "postgres"
NO_SPACE = "No space left on device"
#: What a new data folder takes, with its first write-ahead log.
NEEDED_BYTES = 64 * 1024 * 1024
_STAGE = "data-new-"
_LOCALE = ("--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8")
#: Of data that nobody keeps nobody guesses passwords; each connection would compute for it.
LIGHT_PASSWORDS = {"scram_iterations": "1"}
_ACCESS = ("--auth-local=scram-sha-256", "--auth-host=reject")


def prepare(folders: Folders, sandbox: Sandbox, *, password: str, durable: bool) -> None:
    """Leave a data folder that the server can start with, initialised if there was none.

    `password` becomes the superuser's if the folder is new. Call it under the lock only.

    :raises DatabaseUnavailable: another version's or another owner's data, or initdb failed.
    """
    for half_done in sandbox.root.glob(f"{_STAGE}*"):
        shutil.rmtree(half_done)
    if sandbox.data.exists():
        _check(folders, sandbox)
    else:
        _initialise(folders, sandbox, password, durable=durable)


def _check(folders: Folders, sandbox: Sandbox) -> None:
    require_owner(sandbox)
    marker = sandbox.data / "PG_VERSION"
    found = marker.read_text().strip() if marker.exists() else "an unknown version"
    wanted = sandbox.version().partition(".")[0]
    if found != wanted:
        raise DatabaseUnavailable(
            f"The data folder {folders.data} is of PostgreSQL {found}, this is {wanted}.",
            hint=f"Dump it with PostgreSQL {found} and restore it here, or {OWN_DATABASE}.",
        )
    if not folders.password.exists():
        raise DatabaseUnavailable(
            f"The database's password file {folders.password} is missing.",
            hint="Restore it from the backup that the data folder came from.",
        )


def _initialise(folders: Folders, sandbox: Sandbox, password: str, *, durable: bool) -> None:
    stage = Path(tempfile.mkdtemp(prefix=_STAGE, dir=sandbox.root))
    try:
        # The name appears only with everything behind it, so a kill leaves a stage at most.
        _write_private(folders.password, password)
        pwfile = stage / "password"
        _write_private(pwfile, password)
        for path in (stage, pwfile):
            sandbox.give(path)
        _run_initdb(folders, sandbox, stage, durable=durable)
        (stage / "data").rename(sandbox.data)
        _sync_folder(sandbox.root)
    finally:
        shutil.rmtree(stage)


def _run_initdb(folders: Folders, sandbox: Sandbox, stage: Path, *, durable: bool) -> None:
    files = (f"--pgdata={stage / 'data'}", f"--pwfile={stage / 'password'}")
    light = (f"--set={name}={value}" for name, value in LIGHT_PASSWORDS.items())
    speed = () if durable else ("--no-sync", *light)
    process = sandbox.popen(
        sandbox.binaries.initdb,
        *(*files, f"--username={SUPERUSER}", *_LOCALE, *_ACCESS, *speed),
        cwd=stage,
        output=subprocess.PIPE,
        death_signal=signal.SIGKILL,
    )
    output, _ = process.communicate()
    text = output.decode(errors="replace").strip()
    if process.returncode == 0:
        return
    # By now initdb has removed what it wrote; some ends of a full disk name no reason.
    if NO_SPACE in text or shutil.disk_usage(sandbox.root).free < NEEDED_BYTES:
        raise disk_full(folders.root)
    raise DatabaseUnavailable(
        f"A new database could not be made in {folders.root}.",
        hint=next(reversed(text.splitlines()), f"initdb ended with {process.returncode}"),
    )


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
