"""Many threads over few connections: each runs as itself, in its own workspace."""

from __future__ import annotations

import threading
from contextlib import suppress
from uuid import UUID

import pytest

from meishi.sdk.context import aside, publish, service
from meishi.sdk.database import execute, savepoint

from .conftest import Stage
from .ledgers import FIRST, SECOND, bodies, contract_of, identity, told, write

THREADS, UNITS = 6, 15


class Undo(Exception):
    """Ends a savepoint or a unit of work."""


class Worker:
    """One thread's units of work, of a plugin in a workspace; `wrong` is what it met."""

    def __init__(self, stage: Stage, number: int, *, aside: bool) -> None:
        self.plugin, self.other = ((FIRST, SECOND), (SECOND, FIRST))[number % 2]
        self.workspace: UUID = stage.host.new_id()
        self.wrong: list[object] = []
        self.kept: list[str] = []
        self._stage = stage
        self._aside = aside

    def run(self) -> None:
        """Run all units of work; each third is undone."""
        try:
            for number in range(UNITS):
                with suppress(Undo):
                    self._unit(number)
                    self.kept.append(f"{number:02}")
        except BaseException as error:  # noqa: BLE001 (reported by who started the thread)
            self.wrong.append(error)

    def _unit(self, number: int) -> None:
        with self._stage.acting_as(self.plugin, self.workspace):
            self._look(self.plugin)
            write(f"{number:02}", "session" if number % 2 else "execute")
            with suppress(Undo), savepoint():
                execute("SET search_path = pg_temp")
                publish(contract_of(self.plugin).Filed(note="lost"))
                raise Undo
            with told(act=self._called):
                service(contract_of(self.other).Notes).join()
            if self._aside and number % 5 == 0:
                with aside():
                    self._look(self.plugin)
            self._look(self.plugin)
            publish(contract_of(self.plugin).Filed(note=f"{number:02}"))
            if number % 3 == 0:
                raise Undo

    def _called(self) -> str:
        self._look(self.other)
        write("called")
        return ""

    def _look(self, plugin: str) -> None:
        expected = (self._stage.role(plugin), str(self.workspace))
        if identity() != expected:
            self.wrong.append((identity(), expected))
        foreign = set(bodies()) - {"called", *(f"{number:02}" for number in range(UNITS))}
        if foreign or len(bodies()) > UNITS:
            self.wrong.append(bodies())


@pytest.mark.parametrize(("pool", "aside"), [(1, False), (4, True)])
def test_threads_see_their_own_role_and_workspace_only(
    stage: Stage, *, pool: int, aside: bool
) -> None:
    """However connections change hands, notes and events are those of each worker's units."""
    stage.limit_connections(pool)
    workers = [Worker(stage, number, aside=aside) for number in range(THREADS)]
    threads = [threading.Thread(target=worker.run) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for worker in workers:
        assert worker.wrong == []
        called = [(worker.other, "called")] * len(worker.kept)
        notes = [(worker.plugin, body) for body in worker.kept]
        assert stage.notes(worker.workspace) == sorted(called + notes)
        assert stage.events(worker.workspace) == notes
        assert len(worker.kept) == UNITS - 5
