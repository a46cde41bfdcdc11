"""A file that another process keeps, read at any offset as far as it is needed."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from meishi.imports.across import MOST_READ, KeptFile, KeptFiles

#: Octets that are read at a time, however few an importer asks for: each time is a request.
BUFFER = 256 * 1024


class ReadTooLong(TimeoutError):
    """An importer reads on although its time is over."""


class DistantFile(io.RawIOBase):
    """A file of which no more is here than what is read; to be read in blocks of `BUFFER`.

    `is_late` says whether the time of who reads is over. `fault` is why something could not be
    read: whatever the reader makes of the rest is not to be kept then.
    """

    def __init__(self, kept: KeptFile, files: KeptFiles, is_late: Callable[[], bool]) -> None:
        self._kept = kept
        self._files = files
        self._is_late = is_late
        self._offset = 0
        self.fault: Exception | None = None

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the offset of what is read next."""
        return self._offset

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to an offset, and return it."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._offset, io.SEEK_END: self._kept.size}[whence]
        if start + offset < 0:
            raise ValueError(f"a file has nothing at {start + offset}")
        self._offset = start + offset
        return self._offset

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as the file goes, and return how far that was."""
        view = memoryview(buffer).cast("B")
        wanted = min(len(view), MOST_READ, self._kept.size - self._offset)
        if wanted <= 0:
            return 0
        try:
            content = self._read(wanted)
        except Exception as error:
            self.fault = error
            raise
        view[:wanted] = content
        self._offset += wanted
        return wanted

    def _read(self, wanted: int) -> bytes:
        if self._is_late():
            raise ReadTooLong("the time for reading the file is over")
        content = self._files.read(self._kept.import_id, self._offset, wanted)
        if len(content) != wanted:
            raise EOFError(f"{len(content)} octets of the file came instead of {wanted}")
        return content
