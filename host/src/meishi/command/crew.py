"""The worker processes of one supervisor: started, watched, replaced when they die, and ended."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import uniform
from typing import IO
from uuid import UUID, uuid4

from meishi.events.watching import has_run
from meishi.logs import logger
from meishi.processes import die_with_parent

#: Seconds that a process has to end once it is told to; it ends itself a little before.
GRACE = 12.0
#: Seconds until a dead process is replaced: first, and at most.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
#: The most after one that delivered: a call ended it, waits for its own next try, and others go on.
LONGEST_PAUSE_OF_DELIVERY = 4.0
#: Seconds of life after which a death counts as the first.
HEALTHY_LIFE = 60.0

_POLL = 0.05


def pause_after(deaths: int, most: float = LONGEST_PAUSE) -> float:
    """Return the seconds until the next start after so many quick deaths, with chance in it."""
    longest = min(FIRST_PAUSE * 2.0 ** min(deaths - 1, 16), most)
    return longest * uniform(0.75, 1.0)  # noqa: S311 (it spreads starts, and guards nothing)


def _unnamed_file() -> IO[bytes]:
    return tempfile.TemporaryFile(buffering=0)


@dataclass(slots=True)
class Run:
    """One run of a worker process: who, what it writes about its calls, and how it ended.

    The file has no name: it is gone with the last process that has it open.
    """

    id: UUID = field(default_factory=uuid4)
    file: IO[bytes] = field(default_factory=_unnamed_file)
    ended: str = ""

    @property
    def delivers(self) -> bool:
        """Whether the process has come as far as delivering."""
        return has_run(self.file)

    def arguments(self, predecessor: Run | None) -> list[str]:
        """Return what the process is told of itself, and of who died in its place."""
        own = ["--id", str(self.id), "--file", str(self.file.fileno())]
        if predecessor is None:
            return own
        aftermath = str(predecessor.file.fileno())
        died = ["--predecessor", str(predecessor.id), "--aftermath", aftermath]
        return [*own, *died, "--ended", predecessor.ended]


class Place:
    """Where worker processes run, one after the other; each is told how the last one died.

    They deliver events, or run `jobs`.
    """

    def __init__(
        self, environment: Mapping[str, str], threads: int, level: str, *, jobs: bool = False
    ) -> None:
        self._environment = environment
        self._threads = threads
        self._level = level
        self._jobs = jobs
        self._process: subprocess.Popen[bytes] | None = None
        self._run: Run | None = None
        self._predecessor: Run | None = None
        self._started = 0.0
        self._deaths = 0
        self._due = 0.0

    @property
    def delivers(self) -> bool:
        """Whether a process has come as far as delivering, now or before."""
        return self._predecessor is not None or (self._run is not None and self._run.delivers)

    @property
    def alive(self) -> bool:
        """Whether a process runs here."""
        return self._process is not None and self._process.poll() is None

    def look(self) -> int | None:
        """Start a process if one is due; return the exit code of one that has ended just now."""
        if self._process is None:
            if time.monotonic() >= self._due:
                self._start()
            return None
        code = self._process.poll()
        if code is not None:
            self._process = None
            self._bury(f"ended by signal {-code}" if code < 0 else f"ended with exit code {code}")
        return code

    def signal(self, number: signal.Signals) -> None:
        """Send the process a signal, if one runs."""
        if self._process is not None:
            self._process.send_signal(number)

    def _start(self) -> None:
        self._started = time.monotonic()
        try:
            self._run = Run()
            self._process = self._launch(self._run)
        except OSError as error:
            self._bury(f"could not be started: {error.strerror}")

    def _launch(self, run: Run) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "meishi.working", "--threads", str(self._threads)]
        if self._jobs:
            command.append("--jobs")
        files = [run.file.fileno()]
        if self._predecessor is not None:
            files.append(self._predecessor.file.fileno())
        return subprocess.Popen(
            [*command, *run.arguments(self._predecessor)],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            pass_fds=files,
            # Out of reach of the terminal: what Ctrl-C means for it is told by us, once.
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 (there is one thread)
        )

    def _bury(self, how: str) -> None:
        """Keep what a dead process left, if it ever delivered, and let the next one wait."""
        run, self._run = self._run, None
        lived = time.monotonic() - self._started
        self._deaths = 1 if lived >= HEALTHY_LIFE else self._deaths + 1
        delivered = run is not None and run.delivers
        pause = pause_after(self._deaths, LONGEST_PAUSE_OF_DELIVERY if delivered else LONGEST_PAUSE)
        self._due = time.monotonic() + pause
        if run is not None and delivered:
            run.ended = how
            if self._predecessor is not None:
                self._predecessor.file.close()
            self._predecessor = run
        elif run is not None:
            run.file.close()
        logger(self._level).warning(
            "worker_lost", worker=run and run.id, how=how, restart_in=round(pause, 1)
        )


class Crew:
    """All worker processes of one supervisor.

    `refused` is the exit code of the first process if it would not start: what is wrong is said
    once, and before anything runs. The others are started behind it.
    """

    def __init__(self, places: Sequence[Place], level: str) -> None:
        self._places = places
        self._level = level
        self._delivered = False
        self.refused: int | None = None

    def look(self) -> None:
        """Start who is due, and note who died."""
        self._delivered = self._delivered or self._places[0].delivers
        for place in self._places if self._delivered else self._places[:1]:
            code = place.look()
            self._delivered = self._delivered or place.delivers
            if code is not None and code > 0 and not self._delivered:
                self.refused = code

    def end(self, hurried: Callable[[], bool] = lambda: False) -> None:
        """End all processes, and return when they have ended; at once as soon as it is hurried."""
        deadline = time.monotonic() + GRACE
        for place in self._places:
            place.signal(signal.SIGTERM)
        while self._alive():
            late = time.monotonic() >= deadline
            if late or hurried():
                if late:
                    logger(self._level).warning("worker_killed", after_seconds=GRACE)
                for place in self._places:
                    place.signal(signal.SIGKILL)
            time.sleep(_POLL)

    def _alive(self) -> bool:
        return any(place.alive for place in self._places)


def recruited(
    environment: Mapping[str, str], *, processes: int, threads: int, jobs: int, level: str
) -> Crew:
    """Return a crew, none of it started yet.

    So many processes deliver, with so many threads each. One runs jobs, as many at a time; with 0
    there is none.
    """
    places = [Place(environment, threads, level) for _ in range(processes)]
    if jobs:
        places.append(Place(environment, jobs, level, jobs=True))
    return Crew(places, level)
