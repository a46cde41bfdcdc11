"""Works on a database of its own for each test, beside real worker processes."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from tests.flows.deliveries.systems import Process, System, end, packages_of, system_at
from tests.flows.jobs.works import WORKS, write_works
from tests.processes import wait_until

from meishi.core.operations.contract import Operation, Operations
from meishi.database.embedded import EmbeddedPostgres
from meishi.host import Host
from meishi.sdk import jobs
from meishi.settings import Settings
from meishi.testing.applications import TestApplication, application_of_packages
from meishi.testing.fixtures import found_workspace
from meishi.testing.packages import PluginPackages

_DEPLOYMENT = "works"
_VARIABLES = {"MEISHI_PLUGINS": WORKS, "MEISHI_DEPLOYMENT": _DEPLOYMENT}
_NO_ACTS = "ATTEMPTS, LIMIT_SECONDS = 1, 1.0\ndef act(thing, number): ...\n"


@dataclass(frozen=True, slots=True)
class Works:
    """A system without a web server: this process asks for jobs, worker processes run them."""

    system: System
    host: Host
    workspace: UUID

    def request(self, thing: str, total: int = 1, *, job: str = "cast") -> UUID:
        """Ask for a thing to be cast, or for another job with it."""
        with self.host.scope(workspace=self.workspace, plugin=WORKS):
            return jobs.request(job, thing=thing, total=total)

    def operation(self, number: UUID) -> Operation:
        """Return an operation."""
        with self.host.scope(workspace=self.workspace):
            return self.host.service(Operations).get(number)

    def wait_for(self, state: str, number: UUID) -> Operation:
        """Return an operation once it is in a state."""
        wait_until(lambda: self.operation(number).state == state, f"the operation has {state}")
        return self.operation(number)

    def parts(self, thing: str) -> list[int]:
        """Return the numbers of the parts of a thing, in the order in which they were cast."""
        query = "SELECT number FROM works.part WHERE thing = %s ORDER BY id"
        return [number for (number,) in self.system.rows(query, [thing])]

    def failures(self) -> list[tuple[str, str]]:
        """Return the thing and the error of each attempt that failed, the oldest first."""
        query = """
            SELECT (args->>'arguments')::json->>'thing', error
            FROM meishi_jobs.failure JOIN meishi_jobs.procrastinate_jobs ON id = job_id
            ORDER BY at
        """
        return [(thing, error) for thing, error in self.system.rows(query)]

    def job_processes(self) -> list[int]:
        """Return the processes that run jobs."""
        return self.system.named("meishi.working", "--jobs")

    @contextmanager
    def worker(self, *arguments: str, **environment: str) -> Iterator[Process]:
        """Let a worker work until the block ends; it must end in order, or have been killed."""
        process = self.system.start("worker", *arguments, **environment)
        try:
            query = "SELECT EXISTS (SELECT FROM meishi_events.subscription WHERE plugin = %s)"
            wait_until(
                lambda: (
                    process.poll() is not None or self.system.rows(query, ["meishi_jobs"])[0][0]
                ),
                "the worker has begun",
            )
            yield process
        finally:
            code = end(process) if process.poll() is None else process.returncode
        assert code in (0, -signal.SIGKILL), self.system.log()


WorksWith = Callable[[str], Works]


@pytest.fixture(scope="package")
def works_application(
    meishi_server: EmbeddedPostgres,
    meishi_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestApplication]:
    """The application that asks for jobs, and does nothing more; each test gives it a database."""
    settings = replace(meishi_settings, deployment=_DEPLOYMENT, plugins=(WORKS,))
    folder, write = tmp_path_factory.mktemp("packages"), partial(write_works, acts=_NO_ACTS)
    with application_of_packages(meishi_server, settings, folder, write) as application:
        yield application


@pytest.fixture
def works_with(works_application: TestApplication, tmp_path: Path) -> Iterator[WorksWith]:
    """Makes a system whose jobs act as the text of a module says."""
    host = works_application.host
    with works_application.lent() as location, system_at(location, tmp_path, _VARIABLES) as system:

        def make(acts: str) -> Works:
            write_works(PluginPackages(packages_of(tmp_path)), acts)
            # What is asked for before a worker has begun is heard, too.
            _register(host)
            return Works(system, host, found_workspace(host, "one").id)

        yield make


def _register(host: Host) -> None:
    from meishi.testing.events import EventDeliveries

    EventDeliveries(host).register()
