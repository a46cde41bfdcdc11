"""Deployments of tests and benchmarks: in one piece, or with plugins as services beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

from tests.browser.people import Console
from tests.processes import (
    ended,
    free_port,
    is_healthy,
    processes_of,
    start_into,
    wait_until,
    wait_until_gone,
)

#: What the processes of a deployment know each other by.
TOKEN = "services-of-a-test-know-each-other-by-this"

#: Settings with which whoever writes as fast as can be is never told to come later.
UNLIMITED = {"MEISHI_RATE_LIMIT_PER_MINUTE": "0"}

#: Seconds that the main deployment waits for a service: as many as a busy machine may need.
_SECONDS = "60"

#: How many lines of what a place said are told.
_TOLD = 60

#: What runs as a service, by the names of the topologies: a plugin, or several with commas.
TOPOLOGIES: dict[str, tuple[str, ...]] = {
    "one": (),
    "split": ("crm_enrichment",),
    "cards": ("qr,crm_viral",),
}


@dataclass(frozen=True, eq=False)
class Place:
    """One process tree of a deployment: its data folder, its port and its settings."""

    home: Path
    port: int
    arguments: tuple[str, ...]
    environment: dict[str, str]

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> subprocess.Popen[str]:
        """Start it."""
        arguments = ("serve", "--port", str(self.port), *self.arguments)
        with self.home.with_suffix(".log").open("a") as output:
            return start_into(output, *arguments, home=self.home, **self.environment)

    def tell(self) -> None:
        """Print what it said at last, for whoever looks into what failed."""
        said = self.home.with_suffix(".log").read_text().splitlines()[-_TOLD:]
        sys.stdout.write("\n".join((f"== {self.url}", *said, "")))


def places(
    folder: Path,
    elsewhere: Sequence[str],
    *,
    placed: bool = True,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> list[Place]:
    """Return the places of a deployment, the main one first, then a service for each name.

    A name with commas is that of several plugins, which share a service.
    Unless they are `placed` there, the plugins run in the main one, and may be moved.
    All have the `settings`, by the names of their variables.
    """
    main_port = free_port()
    environment = {**settings}
    services = []
    for name in elsewhere:
        port = free_port()
        plugins = name.split(",")
        for plugin in plugins:
            prefix = f"MEISHI_PLUGIN__{plugin.upper()}__PLACEMENT"
            environment |= {f"{prefix}_TOKEN": TOKEN, f"{prefix}_SECONDS": _SECONDS}
            if placed:
                environment |= {prefix: f"http://127.0.0.1:{port}"}
        known = {
            **settings,
            "MEISHI_MAIN_URL": f"http://127.0.0.1:{main_port}",
            "MEISHI_SERVICE_TOKENS": TOKEN,
        }
        only = tuple(part for plugin in plugins for part in ("--only", plugin))
        services.append(Place(folder / "-".join(plugins), port, only, known))
    return [Place(folder / "home", main_port, (), environment), *services]


class Deployment:
    """The places of a deployment, and what runs there."""

    def __init__(self, made: Sequence[Place]) -> None:
        self.places = made
        self._running: dict[Place, subprocess.Popen[str]] = {}

    @property
    def console(self) -> Console:
        """The main deployment, as its operator has it."""
        main = self.places[0]
        return Console(home=main.home, url=main.url, environment=main.environment)

    def start(self, place: Place) -> None:
        """Start a place; it takes a while until it answers."""
        self._running[place] = place.start()

    def wait(self) -> None:
        """Wait until all that runs answers; what has ended will not."""

        def told(place: Place, process: subprocess.Popen[str]) -> bool:
            return is_healthy(place.port) or process.poll() is not None

        for place, process in self._running.items():
            wait_until(partial(told, place, process), f"{place.url} is healthy")
            assert process.poll() is None, f"{place.url} has ended"

    def kill(self, place: Place) -> None:
        """End all processes of a place at once; the database of its own loses nothing by that."""
        killed = self._running.pop(place)
        for process in processes_of(place.home):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        ended(killed)
        wait_until_gone(place.home)

    def stop(self) -> None:
        """End everything."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            ended(process)
        for place in self.places:
            place.tell()
            wait_until_gone(place.home)


@contextmanager
def deployed(
    folder: Path,
    *,
    elsewhere: Sequence[str] = (),
    placed: bool = True,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Deployment]:
    """Run a deployment until the block ends.

    A service that comes before the main deployment refuses everything until it hears of that, and
    looks for it seconds later.
    """
    deployment = Deployment(places(folder, elsewhere, placed=placed, settings=settings))
    try:
        for place in deployment.places:
            deployment.start(place)
            deployment.wait()
        yield deployment
    finally:
        deployment.stop()
