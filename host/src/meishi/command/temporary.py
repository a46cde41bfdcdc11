"""A data folder for the length of one command, with a PostgreSQL of its own if one is started."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from meishi.command.interruption import Interruption
from meishi.database.embedded import EmbeddedPostgres
from meishi.errors import OperatorError

#: How often removing a folder is tried again.
REMOVALS = 20


@contextmanager
def temporary_home(prefix: str, interruption: Interruption) -> Iterator[Path]:
    """Yield a folder that is gone at the end, with the server in it; signals wait for that."""
    folder = Path(tempfile.gettempdir()).resolve() / f"{prefix}-{secrets.token_hex(4)}"
    try:
        try:
            folder.mkdir(mode=0o700)
            yield folder
        finally:
            interruption.end()
    finally:
        _remove(folder)


def _remove(folder: Path) -> None:
    """Delete a data folder, also under the hands of a process that is still ending."""
    for patience in range(REMOVALS, -1, -1):
        try:
            if folder.exists():
                EmbeddedPostgres(folder).discard()
                shutil.rmtree(folder)
        except OSError as error:
            if not patience:
                raise OperatorError(f"{folder} cannot be removed: {error.strerror}.") from error
            time.sleep(0.2)
        else:
            return
