"""Tallies and mirrors on a database of its own for each test, beside real worker processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from tests.flows.deliveries.systems import Process, System, end, ending
from tests.flows.deliveries.tallies import MIRROR, TALLY, write_tallies
from tests.processes import wait_until

from meishi.app import create_app
from meishi.database.embedded import EmbeddedPostgres
from meishi.host import Host
from meishi.settings import Settings
from meishi.testing.databases import TestDatabases
from meishi.testing.fixtures import found_workspace
from meishi.testing.packages import PluginPackages, plugin_packages

_DEPLOYMENT = "mirrors"
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
def mirrors_settings(meishi_settings: Settings) -> Settings:
    """Settings of a deployment with both plugins."""
    return replace(meishi_settings, deployment=_DEPLOYMENT, plugins=(TALLY, MIRROR))


@pytest.fixture(scope="package")
def mirrors_databases(
    meishi_server: EmbeddedPostgres,
    mirrors_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestDatabases]:
    """Databases with both plugins, whose packages are there meanwhile, and act in no way."""
    with plugin_packages(tmp_path_factory.mktemp("packages")) as packages:
        write_tallies(packages, _NO_ACTS)
        yield TestDatabases(meishi_server, mirrors_settings)


@pytest.fixture(scope="package")
def mirrors_app(mirrors_databases: TestDatabases, mirrors_settings: Settings) -> Flask:
    """The application that publishes; each test gives it a database."""
    with mirrors_databases.clone() as location:
        app = create_app(mirrors_settings, location=location)
        app.extensions["meishi"].close()
    return app


@pytest.fixture
def mirrors_with(
    mirrors_app: Flask, mirrors_databases: TestDatabases, tmp_path: Path
) -> Iterator[MirrorsWith]:
    """Makes a system whose mirrors act as the text of a module says."""
    home, packages = tmp_path / "home", tmp_path / "packages"
    packages.mkdir()
    host: Host = mirrors_app.extensions["meishi"]
    with mirrors_databases.clone() as location, (tmp_path / "said.log").open("w+b") as said:
        host.use_database(location.runtime_url)
        environment = {
            "PYTHONPATH": str(packages),
            "MEISHI_PLUGINS": f"{TALLY},{MIRROR}",
            "MEISHI_DEPLOYMENT": _DEPLOYMENT,
            "MEISHI_DATABASE_URL": location.runtime_url,
            "MEISHI_BOOT_POLICY": "strict",
        }
        system = System(home, environment, location.administrator_url(), said)

        def make(acts: str) -> Mirrors:
            write_tallies(PluginPackages(packages), acts)
            return Mirrors(system, host, found_workspace(host, "one").id)

        with ending(home, said):
            yield make
            host.close()
