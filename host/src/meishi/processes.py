"""Child processes that never outlive their parent. Standard library only: the keeper uses it."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    """Return a `preexec_fn` by which the kernel signals the child when its parent dies.

    None where the kernel cannot do so (outside of Linux). The parent must not run threads.
    """
    if sys.platform != "linux":
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def arrange() -> None:
        prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return arrange


def end_with_parent(death_signal: signal.Signals) -> None:
    """Let the kernel signal this process when its parent dies, as for a fork without `exec`."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:
            os.kill(os.getpid(), death_signal)


def told_to_end() -> socket.socket:
    """Return what becomes readable as soon as a signal reaches this process that Python handles.

    Whoever handles the signals need not know of it. Only the main thread can ask for it.
    """
    heard, told = socket.socketpair()
    told.setblocking(False)
    signal.set_wakeup_fd(told.detach(), warn_on_full_buffer=False)
    return heard
