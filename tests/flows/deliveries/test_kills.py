"""Every acknowledged write has exactly one effect, whatever is killed while events are delivered.

Clients write over HTTP while web server, workers and database of one system are killed again and
again, in an order that a seed decides.
"""

from __future__ import annotations

import json
import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from itertools import count, cycle
from pathlib import Path

import pytest
from tests.flows.deliveries.systems import Process, System, end, ending, parent_of
from tests.flows.deliveries.tallies import MIRRORS, write_tallies
from tests.processes import postmaster_of, wait_until

from meishi.database.embedded import EmbeddedPostgres
from meishi.testing.packages import PluginPackages

#: How often something is killed; each kind comes up once before any comes up again.
ROUNDS = 12
SEED = 5
CLIENTS = 4
KEYS = [f"key-{number}" for number in range(12)]

#: A handler takes its time, such that most kills find one at work.
_ACTS = """
import time

ATTEMPTS, LIMIT_SECONDS = 20, 30.0

def act(event):
    time.sleep(0.004)
"""


class Clients:
    """Clients that raise tallies all the time, and remember what they were told."""

    def __init__(self, system: System, token: str) -> None:
        self._system = system
        self._token = token
        self._stop = threading.Event()
        self._numbers = count()
        self.sent: list[str] = []
        self.acknowledged: list[str] = []

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Let them write until the block ends."""
        threads = [threading.Thread(target=self._write, args=(n,)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _write(self, client: int) -> None:
        chance = random.Random(SEED + client)
        while not self._stop.is_set():
            request = f"request-{next(self._numbers)}"
            self.sent.append(request)
            try:
                status = self._system.raise_tally(self._token, chance.choice(KEYS), request)
            except (OSError, HTTPException):
                # Nobody knows whether it was kept.
                self._stop.wait(0.05)
                continue
            assert status == 201
            self.acknowledged.append(request)


class Killer:
    """Kills the parts of a system, and starts again what nobody else does."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._chance = random.Random(SEED)
        self._server = system.serve()
        self._worker = self._start_worker()
        self._kinds: dict[str, Callable[[], None]] = {
            "worker process": lambda: self._kill_one(self._working),
            "worker": self._kill_worker,
            "web worker": lambda: self._kill_one(self._web_workers),
            "web server": self._kill_server,
            "backend": lambda: self._kill_one(self._backends),
            "postmaster": lambda: self._kill_postmaster(signal.SIGKILL),
            "database": lambda: self._kill_postmaster(signal.SIGINT),
        }
        # In one order for all rounds: what dies twice at once is taken for broken, and given up.
        self._next = cycle(self._chance.sample(sorted(self._kinds), len(self._kinds)))
        self.killed = dict.fromkeys(self._kinds, 0)

    def kill(self) -> None:
        """Kill something."""
        kind = next(self._next)
        self._kinds[kind]()
        self.killed[kind] += 1

    def end(self) -> None:
        """End all in order."""
        for process in (self._server, self._worker):
            if process.poll() is None:
                end(process)

    def _start_worker(self) -> Process:
        return self._system.start("worker", "--processes", "2")

    def _kill_worker(self) -> None:
        end(self._worker, signal.SIGKILL)
        self._worker = self._start_worker()

    def _kill_server(self) -> None:
        end(self._server, signal.SIGKILL)
        wait_until(lambda: not self._system.named("meishi.serving"), "the web server is gone")
        self._server = self._system.serve()

    def _working(self) -> list[int]:
        return self._system.named("meishi.working")

    def _web_workers(self) -> list[int]:
        found = self._system.named("meishi.serving")
        return [process for process in found if parent_of(process) in found]

    def _backends(self) -> list[int]:
        """Return the server's processes for connections, preferably those in a transaction."""
        query = """
            SELECT pid FROM pg_stat_activity
            WHERE application_name = 'meishi' ORDER BY xact_start NULLS LAST LIMIT 3
        """
        return [process for (process,) in self._system.rows(query)]

    def _kill_postmaster(self, how: signal.Signals) -> None:
        self._kill_one(lambda: [it for it in (postmaster_of(self._system.home),) if it], how)

    def _kill_one(
        self, find: Callable[[], list[int]], how: signal.Signals = signal.SIGKILL
    ) -> None:
        """Kill one of those that are found, as soon as there is one: some end by themselves."""

        def kill() -> bool:
            found = find()
            with suppress(ProcessLookupError):
                if found:
                    os.kill(self._chance.choice(found), how)
                    return True
            return False

        wait_until(kill, "somebody to kill")


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """A system with a database of its own that writes to the disk; nothing of it may be left."""
    packages = tmp_path / "packages"
    packages.mkdir()
    write_tallies(PluginPackages(packages), _ACTS)
    environment = {
        "PYTHONPATH": str(packages),
        "MEISHI_PLUGINS": "tally,mirror",
        "MEISHI_BOOT_POLICY": "strict",
    }
    home = tmp_path / "home"
    with (
        (tmp_path / "said.log").open("w+b") as said,
        ending(home, said),
        EmbeddedPostgres(home, durable=True) as server,
    ):
        admin_url = server.admin_url.replace("/postgres?", "/meishi?")
        yield System(home, environment, admin_url, said)


@pytest.mark.once
def test_every_acknowledged_write_has_exactly_one_effect(system: System) -> None:
    """Nothing is lost, nothing is done twice, and every key keeps its order."""
    token = json.loads(system.run("init", "--json"))["token"]
    killer = Killer(system)
    clients = Clients(system, token)
    try:
        with clients.at_work():
            _wait_for_progress(system, clients)
            for _ in range(ROUNDS):
                killer.kill()
                _wait_for_progress(system, clients)
        wait_until(lambda: _is_done(system), "all is delivered")
    finally:
        killer.end()
    assert all(killer.killed.values())
    _check(system, clients)


def _effects(system: System) -> int:
    return int(system.rows("SELECT count(*) FROM mirror.effect")[0][0])


def _wait_for_progress(system: System, clients: Clients) -> None:
    """Wait until writes are acknowledged, and have effects, that were made from now on."""
    known = len(clients.acknowledged)
    wait_until(lambda: len(clients.acknowledged) > known, "a write is acknowledged")
    before = _effects(system)
    wait_until(lambda: _effects(system) > before, "something is delivered", every=0.2)


def _is_done(system: System) -> bool:
    ((raised, effects),) = system.rows(
        "SELECT (SELECT count(*) FROM tally.raising), (SELECT count(*) FROM mirror.effect)"
    )
    return int(effects) >= int(raised) * len(MIRRORS)


def _check(system: System, clients: Clients) -> None:
    raised = system.rows("SELECT request, key, number FROM tally.raising")
    requests = [request for request, _, _ in raised]
    assert len(set(requests)) == len(requests)
    assert set(clients.acknowledged) <= set(requests) <= set(clients.sent)
    for mirror in MIRRORS:
        query = "SELECT request, key, number FROM mirror.effect WHERE mirror = %s ORDER BY id"
        effects = system.rows(query, [mirror])
        assert Counter(effects) == Counter(raised)
        for key in KEYS:
            numbers = [number for _, other, number in effects if other == key]
            assert numbers == list(range(1, len(numbers) + 1)), (mirror, key)
    assert "event parked" not in system.log(), "nobody is to blame for a kill"
