"""Work of somebody else, begun while a transaction of the test is open."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

from meishi.sdk.database import execute

R = TypeVar("R")

#: Whether somebody waits for a lock that the transaction has.
_WAITED_FOR = """
    SELECT EXISTS (SELECT FROM pg_locks w WHERE NOT w.granted
        AND pg_backend_pid() = ANY(pg_blocking_pids(w.pid)))
"""


def begun(work: Callable[[], R]) -> Future[R]:
    """Begin work in a thread, and return once it waits for the open transaction, or is done."""
    pool = ThreadPoolExecutor(1)
    done = pool.submit(work)
    pool.shutdown(wait=False)
    while not done.done() and execute(_WAITED_FOR) == [(False,)]:
        wait([done], timeout=0.05)
    return done
