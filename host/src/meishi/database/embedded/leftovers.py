"""What a server that lost its keeper may have left running."""

import os
import signal
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from meishi.errors import DatabaseUnavailable

_PROC = Path("/proc")
_PROGRAMS = ("postgres", "initdb")
_POLL = 0.01


def find(root: Path) -> set[int]:
    """Process ids of PostgreSQL programs that work inside `root`.

    Server, backends and initdb all stay in their data folder, so this finds each of them and
    never mistakes a stranger for one. Empty where there is no /proc.
    """
    folders = {os.path.realpath(root), os.path.realpath(root / "data")}
    return set(_find(folders)) if _PROC.is_dir() else set()


def clear(root: Path, sockets: Path, *, patience: float = 20.0) -> None:
    """Stop whatever still runs inside `root` and remove what would keep a server from starting.

    Call it under the lock only: it takes every server that it finds for an orphan.

    :raises DatabaseUnavailable: a process could not be ended.
    """
    data = root / "data"
    postmaster = _recorded_postmaster(data)
    if not (
        _ended(root, {postmaster}, signal.SIGINT, patience)
        or _ended(root, None, signal.SIGQUIT, patience / 4)
        or _ended(root, None, signal.SIGKILL, patience / 4)
    ):
        raise DatabaseUnavailable(
            f"An earlier server still runs in {root}: process ids {sorted(find(root))}.",
            hint="End these processes, then start again.",
        )
    if _PROC.is_dir():
        _remove_misleading(data, postmaster, sockets)


def _find(folders: set[str]) -> Iterator[int]:
    for entry in _PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            program = (entry / "exe").readlink().name
            folder = str((entry / "cwd").readlink())
        except OSError:  # ended meanwhile, or another account's
            continue
        inside = any(f"{folder}{os.sep}".startswith(f"{above}{os.sep}") for above in folders)
        if inside and program.removesuffix(" (deleted)") in _PROGRAMS:
            yield int(entry.name)


def _ended(root: Path, only: Iterable[int] | None, number: signal.Signals, wait: float) -> bool:
    """Signal the processes in `root` (of them `only`, if given) and see whether all end.

    Without anybody to tell, it does not wait.
    """
    found = find(root)
    told = found if only is None else found & set(only)
    for pid in told:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
    deadline = time.monotonic() + wait
    while told and find(root) and time.monotonic() < deadline:
        time.sleep(_POLL)
    return not find(root)


def _recorded_postmaster(data: Path) -> int:
    """The process id in the server's own lock file, 0 if there is none."""
    try:
        first = (data / "postmaster.pid").read_text().partition("\n")[0]
    except FileNotFoundError:
        return 0
    return int(first) if first.isdigit() else 0


def _remove_misleading(data: Path, recorded: int, sockets: Path) -> None:
    """Remove lock files whose process id now belongs to another program.

    PostgreSQL would take that program for a server. The file of a dead process stays: with it
    PostgreSQL finds the shared memory that its predecessor left.
    """
    for leftover in sockets.glob(".s.PGSQL.*"):
        leftover.unlink()
    if recorded and (_PROC / str(recorded)).exists():
        (data / "postmaster.pid").unlink(missing_ok=True)
