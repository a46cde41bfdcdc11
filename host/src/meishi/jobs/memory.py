"""Memory that jobs leave behind."""

from __future__ import annotations

import ctypes


def give_back_memory() -> None:
    """Let the kernel have the pages on which nothing is left.

    The C library keeps what was freed between things that stay: after a large job the process would
    be as large for good. Where it is another one than glibc, nothing is done.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
