"""Running a plugin's code while it is loaded, within its time; what it does is its own fault."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TypeVar

import pluggy

from meishi.lifecycle.deadline import Deadline, DeadlineMissed
from meishi.lifecycle.hook_results import ContributionError
from meishi.lifecycle.raised import raised

T = TypeVar("T")

#: By these processes are ended, and hear of those that they have started.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP, signal.SIGCHLD)


def guarded(seconds: float, folder: Path, step: Callable[[Deadline], T]) -> T:
    """Return what a step of loading returns; all that is wrong with it is a `ContributionError`."""
    try:
        with (
            redirect_stdout(sys.stderr),
            _signals_kept(),
            _no_thread_left(),
            Deadline(seconds, folder) as limit,
        ):
            return step(limit)
    except (KeyboardInterrupt, ContributionError):
        raise
    except BaseException as error:
        told = isinstance(error, DeadlineMissed | pluggy.PluginValidationError)
        reason = " ".join(str(error).split()) if told else raised(error)
        raise ContributionError(reason) from error


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Take back what the block has told the host's signals to do; only the main thread can."""
    able = threading.current_thread() is threading.main_thread()
    before = {number: signal.getsignal(number) for number in SIGNALS if able}
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is not handler:
                signal.signal(number, handler or signal.SIG_DFL)


@contextmanager
def _no_thread_left() -> Iterator[None]:
    """Raise if the block leaves a thread behind that the end of the process would wait for."""
    before = set(threading.enumerate())
    yield
    for thread in threading.enumerate():
        if thread not in before and not thread.daemon:
            raise ContributionError(
                f"loading it started the thread {thread.name!r}; "
                "start threads where there is work for them"
            )
