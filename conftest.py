"""How a whole run is set up: where its files are, and what it leaves out in which call mode."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

_MEMORY = Path("/dev/shm")  # noqa: S108 (pytest makes a folder of its own in it)
_NEEDED_BYTES = 4 * 1024**3
_MOST_WORKERS = 8


def pytest_configure() -> None:
    """Keep the run's files in memory where there is room: each database is 300 of them.

    On a disk, making these took more time than all else.
    """
    if _is_roomy():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return one more than there are processors, because many tests wait for processes."""
    return min(len(os.sched_getaffinity(0)) + 1, _MOST_WORKERS)


def _is_roomy() -> bool:
    """Whether programs can be run there, as some tests do, and many databases find room."""
    if not os.access(_MEMORY, os.W_OK) or os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC:
        return False
    return shutil.disk_usage(_MEMORY).free > _NEEDED_BYTES
