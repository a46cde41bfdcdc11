"""How much memory the server keeps pages in."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

#: A sixteenth of the memory, and within these bounds: other processes need the rest, and the
#: system keeps pages of files, too.
_SHARE = 16
_LEAST, _MOST = 128 << 20, 1 << 30
_MEBIBYTE = 1 << 20
#: Control groups, which say what a container or a unit of the system may use, and whose we are.
_GROUPS, _OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


def shared_buffers(memory: int) -> str:
    """Return the server's setting of that name on a machine with so many octets of memory."""
    return f"{max(_LEAST, min(memory // _SHARE, _MOST)) // _MEBIBYTE}MB"


def available(groups: Path = _GROUPS, own: Path = _OWN) -> int:
    """Return how many octets of memory there are here for all processes together."""
    physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min((physical, *_limits(groups, own)))


def _limits(groups: Path, own: Path) -> Iterator[int]:
    """Yield what our control group and those around it may use, of either version."""
    for line in _read(own).splitlines():
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            mounted, name = groups / "memory", "memory.limit_in_bytes"
        elif not controllers:
            mounted, name = groups, "memory.max"
        else:
            continue
        group = PurePosixPath("/", path)
        for around in (group, *group.parents):
            written = _read(mounted / around.relative_to("/") / name).strip()
            if written.isdecimal():  # `max` if nothing is said
                yield int(written)


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
