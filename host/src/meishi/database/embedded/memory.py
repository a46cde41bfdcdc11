"""How much memory the server keeps pages in."""

import os
from pathlib import Path

#: A sixteenth of the memory, and within these bounds: other processes need the rest, and the
#: system keeps pages of files, too.
_SHARE = 16
_LEAST, _MOST = 128 << 20, 1 << 30
_MEBIBYTE = 1 << 20
#: What a container may use, where control groups say it; `max` if nothing is said.
_LIMIT = Path("/sys/fs/cgroup/memory.max")


def shared_buffers(memory: int) -> str:
    """Return the server's setting of that name on a machine with so many octets of memory."""
    return f"{max(_LEAST, min(memory // _SHARE, _MOST)) // _MEBIBYTE}MB"


def available(limit: Path = _LIMIT) -> int:
    """Return how many octets of memory there are here for all processes together."""
    physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        written = limit.read_text().strip()
    except OSError:
        return physical
    return min(physical, int(written)) if written.isdecimal() else physical
