"""Tallies and mirrors on a database of its own for each test, beside real worker processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from uuid import UUID

import pytest
from tests.flows.deliveries.systems import Process, System, end, packages_of, system_at
from tests.flows.deliveries.tallies import MIRROR, TALLY, write_tallies
from tests.processes import wait_until

from meishi.database.embedded import EmbeddedPostgres
from meishi.host import Host
from meishi.settings import Settings
from meishi.testing.applications import TestApplication, application_of_packages
from meishi.testing.fixtures import found_workspace
from meishi.testing.packages import PluginPackages

_DEPLOYMENT = "mirrors"
_VARIABLES = {"MEISHI_PLUGINS": f"{TALLY},{MIRROR}", "MEISHI_DEPLOYMENT": _DEPLOYMENT}
_NO_ACTS = "ATTEMPTS, LIMIT_SECONDS = 1, 1.0\ndef act(event): ...\n"


@dataclass(frozen=True, slots=True)
class Mirrors:
    """A system without a web server: this process publishes, worker processes deliver."""

    system: System
    host: Host
    workspace: UUID

    def publish(self, *keys: str) -> None:
        """Raise the tally of each key, all of them in one transaction."""
        with self.host.scope(workspace=self.workspace, plugin=TALLY):
            for key in keys:
                import_module("tally.plugin").raise_tally(key, f"request for {key}")

    @contextmanager
    def worker(self, *arguments: str, **environment: str) -> Iterator[Process]:
        """Let a worker deliver until the block ends; it must end in order."""
        process = self.system.start("worker", *arguments, **environment)
        try:
            query = "SELECT count(*) = 3 FROM meishi_events.subscription WHERE plugin = 'mirror'"
            wait_until(
                lambda: process.poll() is not None or bool(self.system.rows(query)[0][0]),
                "the subscriptions have begun",
            )
            yield process
        finally:
            code = end(process)
        assert code == 0, self.system.log()

    def numbers(self, key: str, mirror: str = "spread") -> list[int]:
        """Return what a mirror shows of a key, in the order in which it came."""
        query = "SELECT number FROM mirror.effect WHERE key = %s AND mirror = %s ORDER BY id"
        return [number for (number,) in self.system.rows(query, [key, mirror])]

    def states(self) -> dict[str, list[str]]:
        """Return the states of what is parked, by its key and in its order."""
        return {key: [state for state, _ in rows] for key, rows in self.parked().items()}

    def parked(self) -> dict[str, list[tuple[str, str]]]:
        """Return state and error of what is parked, by its key and in its order."""
        query = "SELECT key, state, coalesce(error, '') FROM meishi_events.parked ORDER BY pos"
        found: dict[str, list[tuple[str, str]]] = {}
        for key, state, error in self.system.rows(query):
            found.setdefault(key, []).append((state, error))
        return found


MirrorsWith = Callable[[str], Mirrors]


@pytest.fixture(scope="package")
def mirrors_application(
    meishi_server: EmbeddedPostgres,
    meishi_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestApplication]:
    """The application that publishes, and acts in no way; each test gives it a database."""
    settings = replace(meishi_settings, deployment=_DEPLOYMENT, plugins=(TALLY, MIRROR))
    folder, write = tmp_path_factory.mktemp("packages"), partial(write_tallies, acts=_NO_ACTS)
    with application_of_packages(meishi_server, settings, folder, write) as application:
        yield application


@pytest.fixture
def mirrors_with(mirrors_application: TestApplication, tmp_path: Path) -> Iterator[MirrorsWith]:
    """Makes a system whose mirrors act as the text of a module says."""
    host = mirrors_application.host
    with (
        mirrors_application.lent() as location,
        system_at(location, tmp_path, _VARIABLES) as system,
    ):

        def make(acts: str) -> Mirrors:
            write_tallies(PluginPackages(packages_of(tmp_path)), acts)
            return Mirrors(system, host, found_workspace(host, "one").id)

        yield make
