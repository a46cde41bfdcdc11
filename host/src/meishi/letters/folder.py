"""Where mails go that no server takes: files that every mail program opens."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def write(folder: Path, name: str, message: bytes) -> Path:
    """Write a message whole or not at all, for nobody else to read; return its file.

    A second attempt replaces the first.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file, begun = folder / f"{name}.eml", folder / f".{name}.{os.getpid()}.tmp"
    with suppress(FileNotFoundError):
        begun.unlink()
    descriptor = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(message)
            stream.flush()
            os.fsync(stream.fileno())
        begun.replace(file)
    finally:
        with suppress(FileNotFoundError):
            begun.unlink()
    return file
