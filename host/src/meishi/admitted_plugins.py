"""Which plugins an operator has installed beside the first-party ones, in a file of the home.

They are read with the settings, before there is a database: nothing of a package is imported that
nobody has installed as a plugin. Deployments whose settings list `plugins` keep no such file.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from meishi.errors import SettingsError

_FILE = "plugins.txt"
_LOCK = "plugins.lock"


def admitted(home: Path) -> tuple[str, ...]:
    """Return the names in the file, none if there is no file."""
    path = home / _FILE
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path} cannot be read: {error}",
            hint="It lists installed plugins, one a line; the setting `plugins` stands for it.",
        ) from error
    return tuple(dict.fromkeys(filter(None, map(str.strip, lines))))


def admit(home: Path, names: Iterable[str]) -> None:
    """Add names to the file."""
    with _alone(home):
        _write(home, [*admitted(home), *names])


def dismiss(home: Path, names: Iterable[str]) -> None:
    """Take names out of the file, if they are in it."""
    gone = {*names}
    if gone.isdisjoint(admitted(home)):
        return
    with _alone(home):
        _write(home, [name for name in admitted(home) if name not in gone])


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Keep other processes from changing the file."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(home: Path, names: Iterable[str]) -> None:
    """Replace the file at once: whoever is killed leaves the old one or the new one."""
    fresh = home / f"{_FILE}.new"
    with fresh.open("w", encoding="utf-8") as file:
        file.writelines(f"{name}\n" for name in dict.fromkeys(names))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(home / _FILE)
