"""One worker process: delivers events, or runs jobs, until it is told to stop.

A call that hangs ends it.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from meishi.command.deployment import Deployment
from meishi.command.interruption import heed
from meishi.errors import OperatorError
from meishi.events.across.following import Following
from meishi.events.waking import WakeListener
from meishi.events.watching import CallWatch, read_aftermath
from meishi.logs import logged
from meishi.looking import LOOK
from meishi.moves.following import PlaceFollower
from meishi.switches.following import SwitchFollower

if TYPE_CHECKING:
    from meishi.events.worker import Predecessor
    from meishi.host import Host

#: Seconds that calls in hand have to end once the process is told to stop.
GRACE = 10.0

#: Seconds that a thread whose database has answered waits at most for one that computes. With the
#: usual 5 ms, one that reads a file holds up the one that stores it, at each of its statements.
SWITCH = 0.0005

#: How readily the kernel takes this process, rather than database and web, where memory ends.
_READILY = b"500"

#: Seconds between two processes that set the niceness of their sessions, and how often one tries.
_TURN, _TURNS = 0.1, 100


def run(arguments: argparse.Namespace) -> None:
    """Build the host and work until a signal comes; refuse what `meishi serve` refuses."""
    sys.setswitchinterval(SWITCH)
    stopping = _Stopping()
    deployment = Deployment(None)
    limit_memory(deployment.settings.worker_memory_mb)
    if not arguments.jobs:
        give_way(deployment.settings.worker_niceness)
    with ExitStack() as stack:
        stack.callback(deployment.close)
        host = deployment.host()
        SwitchFollower(host.switches).start()
        PlaceFollower(host.places, _begin_anew).start()
        watch = CallWatch(os.fdopen(arguments.file, "r+b", buffering=0))
        work = _run_jobs if arguments.jobs else _deliver
        stack.enter_context(logged(worker=arguments.id))
        work(host, arguments, watch, stopping)


def _deliver(
    host: Host, arguments: argparse.Namespace, watch: CallWatch, stopping: _Stopping
) -> None:
    from meishi.events.worker import DeliveryWorker

    following = Following(host)
    with closing(WakeListener(host.settings.home)) as wake:
        stopping.reach(partial(_stop, watch, wake.interrupt))
        _await_charge(host, stopping)
        following.begin(stopping.stop)
        following.start(stopping.stop)
        watch.start()
        DeliveryWorker(
            host,
            worker_id=arguments.id,
            threads=arguments.threads,
            watch=watch,
            wake=wake,
            predecessor=_predecessor(arguments),
        ).run(stopping.stop)


def _run_jobs(
    host: Host, arguments: argparse.Namespace, watch: CallWatch, stopping: _Stopping
) -> None:
    from meishi.jobs.worker import JobWorker

    worker = JobWorker(
        host,
        worker_id=arguments.id,
        threads=arguments.threads,
        watch=watch,
        predecessor=_predecessor(arguments),
    )
    stopping.reach(partial(_stop, watch, worker.interrupt))
    _await_charge(host, stopping)
    watch.start()
    worker.run(stopping.stop)


def _await_charge(host: Host, stopping: _Stopping) -> None:
    """Wait in a service until the main deployment says that its plugin is the service's."""
    while host.settings.only and not host.places.in_charge and not stopping.stop.is_set():
        stopping.stop.wait(LOOK)


def _begin_anew() -> None:
    """End this process as a signal does: plugins are elsewhere now, for the next one in its place.

    What is in hand is finished.
    """
    os.kill(os.getpid(), signal.SIGTERM)


def _stop(watch: CallWatch, interrupt: Callable[[], None]) -> None:
    watch.end_within(GRACE)
    interrupt()


class _Stopping:
    """Hears the signals that end the process, in a thread of its own.

    The handler of a signal runs wherever the main thread is, perhaps inside of the very lock that
    an event needs; and where a call does not let go of the main thread, it does not run at all.
    """

    def __init__(self) -> None:
        self.stop = threading.Event()
        self._lock = threading.Lock()
        self._reached: Callable[[], None] | None = None
        hearing, telling = os.pipe()
        os.set_blocking(telling, False)
        signal.set_wakeup_fd(telling, warn_on_full_buffer=False)
        heed(lambda _signal, _frame: None)
        threading.Thread(target=self._wait, args=(hearing,), name="stopping", daemon=True).start()

    def reach(self, action: Callable[[], None]) -> None:
        """Go on until a signal comes, and do something then.

        Before this there is nothing in hand that had to be ended: a signal ends the process.
        """
        with self._lock:
            self._reached = action

    def _wait(self, hearing: int) -> None:
        os.read(hearing, 1)
        with self._lock:
            if self._reached is None:
                os._exit(0)
            self.stop.set()
            self._reached()


def limit_memory(megabytes: int) -> None:
    """Let whoever asks for more get a MemoryError, rather than the memory of the others.

    What counts is what the process has for itself: neither programs and shared memory, nor the
    addresses that threads reserve and never use, as with RLIMIT_AS.
    """
    with suppress(OSError):  # not on this system
        Path("/proc/self/oom_score_adj").write_bytes(_READILY)
    if megabytes:
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        limit = megabytes * 1024**2
        if most != resource.RLIM_INFINITY:
            limit = min(limit, most)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def give_way(niceness: int) -> None:
    """Let others have the processors first.

    Each worker has a session of its own, and Linux shares processors out among sessions if it is
    set to: then those of the sessions count. Without privileges one process in 100 ms may set
    that: of several that start at once, each waits for its turn.
    """
    if not niceness:
        return
    os.nice(niceness)
    for _ in range(_TURNS):
        try:
            Path("/proc/self/autogroup").write_text(str(niceness))
        except BlockingIOError:
            time.sleep(_TURN)
        except OSError:  # not on this system
            return
        else:
            return


def _predecessor(arguments: argparse.Namespace) -> Predecessor | None:
    """Return who ran in this place before and died, with what it left."""
    from meishi.events.worker import Predecessor

    if arguments.predecessor is None:
        return None
    with os.fdopen(arguments.aftermath, "rb", buffering=0) as file:
        guilty, trace = read_aftermath(file)
    error = f"The worker process {arguments.ended}."
    return Predecessor(arguments.predecessor, guilty, f"{trace}\n{error}" if trace else error)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("meishi.working")
    parser.add_argument("--id", type=UUID, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--jobs", action="store_true", help="run jobs, and deliver nothing")
    parser.add_argument("--file", type=int, required=True, help="descriptor for the watch")
    parser.add_argument("--predecessor", type=UUID, help="who died in this place")
    parser.add_argument("--aftermath", type=int, help="descriptor of the predecessor's file")
    parser.add_argument("--ended", help="how the predecessor ended")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        run(_arguments())
        sys.stdout.flush()
        # A thread that a handler has left behind would keep the process for ever.
        os._exit(0)
    except OperatorError as error:
        click.echo(f"Error: {error.message}", err=True)
        if error.hint:
            click.echo(f"Hint: {error.hint}", err=True)
        sys.exit(error.exit_code)
    # Not waiting for threads that handlers have started and left behind.
    sys.stderr.flush()
    os._exit(0)
