"""The server's log file, kept within a bound."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 8 * 1024 * 1024
_TAIL_BYTES = 4096


@dataclass(frozen=True)
class ServerLog:
    """A file that PostgreSQL appends to; at most about twice `max_bytes` are kept."""

    path: Path
    max_bytes: int = MAX_BYTES

    def open(self) -> int:
        """A descriptor for the server to write to; appending, so that trimming is safe."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        return os.open(self.path, flags, 0o600)

    def size(self) -> int:
        """Bytes written so far; a place to give to `tail`."""
        return self.path.stat().st_size if self.path.exists() else 0

    def trim(self) -> None:
        """Move the content of an overgrown log aside, replacing what was moved before.

        The server keeps its descriptor, so the file is copied and emptied, not renamed; a line
        written in between is lost.
        """
        if self.size() > self.max_bytes:
            shutil.copyfile(self.path, self.path.with_name(self.path.name + ".1"))
            os.truncate(self.path, 0)

    def tail(self, since: int = 0, lines: int = 6) -> str:
        """The last lines written after the byte `since`."""
        if not self.path.exists():
            return ""
        with self.path.open("rb") as file:
            file.seek(max(since, self.size() - _TAIL_BYTES))
            text = file.read().decode(errors="replace")
        return "\n".join(text.splitlines()[-lines:])
