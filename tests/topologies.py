"""Deployments of tests and benchmarks: in one piece, or with plugins as services beside it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.browser.people import Console
from tests.processes import ended, free_port, is_healthy, start, wait_until, wait_until_gone

#: What the processes of a deployment know each other by.
TOKEN = "services-of-a-test-know-each-other-by-this"

#: The plugins that run as services, by the names of the topologies.
TOPOLOGIES: dict[str, tuple[str, ...]] = {"one": (), "split": ("crm_enrichment",)}


@dataclass(frozen=True)
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
        return start(*arguments, home=self.home, **self.environment)


def places(folder: Path, elsewhere: Sequence[str]) -> list[Place]:
    """Return the places of a deployment, the main one first, then a service for each plugin."""
    main_port = free_port()
    environment: dict[str, str] = {}
    services = []
    for plugin in elsewhere:
        port = free_port()
        prefix = f"MEISHI_PLUGIN__{plugin.upper()}__PLACEMENT"
        environment |= {prefix: f"http://127.0.0.1:{port}", f"{prefix}_TOKEN": TOKEN}
        known = {"MEISHI_MAIN_URL": f"http://127.0.0.1:{main_port}", "MEISHI_SERVICE_TOKENS": TOKEN}
        services.append(Place(folder / plugin, port, ("--only", plugin), known))
    return [Place(folder / "home", main_port, (), environment), *services]


@contextmanager
def deployed(folder: Path, *, elsewhere: Sequence[str] = ()) -> Iterator[Console]:
    """Run a deployment until the block ends."""
    made = places(folder, elsewhere)
    running = [place.start() for place in made]
    try:
        for place in made:
            wait_until(lambda port=place.port: is_healthy(port), "healthy")  # type: ignore[misc]
        yield Console(home=made[0].home, url=made[0].url, environment=made[0].environment)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            ended(process)
        for place in made:
            wait_until_gone(place.home)
