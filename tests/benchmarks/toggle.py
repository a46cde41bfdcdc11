"""What it costs others when a plugin is switched on and off while all work.

Two web processes, each with a port of its own, and a worker; four clients make contacts, read
them, and ask the plugin that is switched, without a pause. An operator switches it 200 times.

- `foreign_failures`: requests to others that were not answered with success.
- `own_unexpected`: answers of the plugin that are neither success nor `plugin-disabled`, and
  events that it handled a second or more after it was switched off.
- `events_lost`, `events_duplicated`: contacts that it never heard of, or more than once.
- `converge_ms_p99`: from the answer to the operator until a web process answers accordingly; a
  duration by its nature. `look_ms` is a request's usual time in the same run.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psycopg
from tests.benchmarks._limits import UNREACHED
from tests.benchmarks._toggled import TOGGLED, add_toggled
from tests.processes import free_port, is_healthy, wait_until

from meishi.database.location import locate
from meishi.settings import load_settings
from meishi.testing.packages import plugin_packages

CYCLES = 200
CLIENTS = 4
#: Every so often the plugin stays off, so that it can be seen whether it handles anything.
LONG_EVERY, LONG_SECONDS = 20, 2.0
TARGETS = {
    "foreign_failures": 0,
    "own_unexpected": 0,
    "events_lost": 0,
    "events_duplicated": 0,
    "converge_ms_p99": 1000,
}

_DISABLED = "urn:meishi:problem:plugin-disabled"
_CONTACTS, _OWN = "/api/v1/contacts", "/api/v1/toggled"


class Client:
    """A connection to one web process, with a token."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, document: Any = None) -> tuple[int, Any]:
        """Send a request; return status and document, status 0 if there was no answer."""
        body = None if document is None else json.dumps(document)
        try:
            self._connection.request(method, path, body, self._headers)
            answer = self._connection.getresponse()
            text = answer.read()
        except (OSError, HTTPException):
            self._connection.close()
            return 0, None
        return answer.status, json.loads(text) if text else None

    def is_on(self) -> bool:
        """Whether the plugin answers; what is neither yes nor no is noted by the load."""
        return self.ask("GET", _OWN)[0] == 200


class Load:
    """Clients that ask without a pause, and what they were answered."""

    def __init__(self, ports: list[int], token: str) -> None:
        self.made: list[str] = []
        self.seen: Counter[str] = Counter()
        self.seconds: list[float] = []
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(Client(ports[n % len(ports)], token), n))
            for n in range(CLIENTS)
        ]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let all clients ask during a block."""
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()

    def _ask(self, client: Client, number: int) -> None:
        count = 0
        while not self._stop.is_set():
            count += 1
            status, made = client.ask(
                "POST", _CONTACTS, {"name": {"full": f"Person {number} {count}"}}
            )
            self._foreign(status, 201)
            if status == 201:
                self.made.append(made["id"])
            begun = time.perf_counter()
            status, _ = client.ask("GET", f"{_CONTACTS}?limit=5")
            self.seconds.append(time.perf_counter() - begun)
            self._foreign(status, 200)
            status, document = client.ask("GET", _OWN)
            off = status == 404 and document["type"] == _DISABLED
            self.seen["off" if off else "on" if status == 200 else "unexpected"] += 1

    def _foreign(self, status: int, wanted: int) -> None:
        self.seen["foreign"] += 1
        self.seen["failed"] += status != wanted


def main() -> None:
    """Measure, and print one JSON document as the last line."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="meishi-bench-")))
        add_toggled(stack.enter_context(plugin_packages(folder)))
        environment = _environment(folder)
        token = _prepared(environment)
        ports = [free_port(), free_port()]
        log = stack.enter_context((folder / "log").open("wb"))
        for arguments in (*(["serve", "--port", str(port)] for port in ports), ["worker"]):
            process = _started(arguments, environment, log)
            stack.callback(_ended, process)
            if arguments[0] == "serve":
                port = int(arguments[-1])
                wait_until(lambda port=port: is_healthy(port), "healthy")  # type: ignore[misc]
        load = Load(ports, token)
        with _administrator(environment) as database:
            with load.running():
                waits, handled_off = _switched(ports, token, database)
            _wait_for_all(load, database)
            report(load, waits, handled_off, _heard(database))


def _environment(folder: Path) -> dict[str, str]:
    path = os.pathsep.join([str(folder), str(Path.cwd())])
    return {
        **os.environ,
        **UNREACHED,
        "MEISHI_HOME": str(folder / "home"),
        "MEISHI_PLUGINS": f"crm_contacts,{TOGGLED}",
        "MEISHI_WORKERS": "1",
        "MEISHI_BOOT_POLICY": "strict",
        "PYTHONPATH": path,
    }


def _prepared(environment: dict[str, str]) -> str:
    """Make a workspace, and return an operator's token."""
    issue = ["tokens", "issue", "--email", "owner@example.com", "--operator", "--json"]
    for arguments in (["init", "--json"], issue):
        command = [sys.executable, "-P", "-m", "meishi", *arguments]
        made = subprocess.run(command, env=environment, check=True, capture_output=True)
    return str(json.loads(made.stdout)["token"])


def _started(
    arguments: list[str], environment: dict[str, str], log: Any
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "meishi", *arguments]
    return subprocess.Popen(command, env=environment, stdout=log, stderr=log)


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(60)


def _administrator(environment: dict[str, str]) -> psycopg.Connection[Any]:
    location = locate(load_settings(environment=environment))
    url = location.administrator_url().replace("postgresql+psycopg://", "postgresql://")
    return psycopg.connect(url, autocommit=True)


def _switched(
    ports: list[int], token: str, database: psycopg.Connection[Any]
) -> tuple[list[float], int]:
    """Switch again and again; return how long each process took, and what was handled while off."""
    operator, watchers = Client(ports[0], token), [Client(port, token) for port in ports]
    waits: list[float] = []
    handled = 0
    for cycle in range(CYCLES):
        on = bool(cycle % 2)
        word = "enable" if on else "disable"
        status, document = operator.ask("POST", f"/api/v1/plugins/{TOGGLED}/deployment/{word}", {})
        assert status == 200, document
        begun = time.perf_counter()
        waiting = dict(enumerate(watchers))
        while waiting:
            for number, watcher in list(waiting.items()):
                if watcher.is_on() is on:
                    waits.append(time.perf_counter() - begun)
                    del waiting[number]
            assert time.perf_counter() - begun < 30, "a process does not follow"
        if not on and cycle % LONG_EVERY == 0:
            handled += _handled_while_off(database)
    return waits, handled


def _handled_while_off(database: psycopg.Connection[Any]) -> int:
    """Return how many events were handled a second after the plugin was switched off."""
    time.sleep(1.0)
    ((before,),) = database.execute("SELECT clock_timestamp()").fetchall()
    time.sleep(LONG_SECONDS - 1.0)
    query = "SELECT count(*) FROM bench_toggled.heard WHERE at > %s"
    ((count,),) = database.execute(query, [before]).fetchall()
    return int(count)


def _wait_for_all(load: Load, database: psycopg.Connection[Any]) -> None:
    """Wait until everything was heard that is going to be, or much time has passed."""
    wanted, deadline = len(load.made), time.monotonic() + 60
    while len(_heard(database)) < wanted and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(1.0)


def _heard(database: psycopg.Connection[Any]) -> Counter[str]:
    rows = database.execute("SELECT contact::text FROM bench_toggled.heard").fetchall()
    return Counter(contact for (contact,) in rows)


def report(load: Load, waits: list[float], handled_off: int, heard: Counter[str]) -> None:
    """Print the figures, and whether all targets are met."""
    p99 = statistics.quantiles(waits, n=100)[98]
    figures = {
        "cycles": CYCLES,
        "requests": load.seen.total() - load.seen["failed"],
        "own_on": load.seen["on"],
        "own_off": load.seen["off"],
        "events": len(load.made),
        "foreign_failures": load.seen["failed"],
        "own_unexpected": load.seen["unexpected"] + handled_off,
        "events_lost": len(set(load.made) - set(heard)),
        "events_duplicated": sum(count - 1 for count in heard.values()),
        "converge_ms_p50": round(statistics.median(waits) * 1000, 1),
        "converge_ms_p99": round(p99 * 1000, 1),
        "look_ms": round(statistics.median(load.seconds) * 1000, 1),
    }
    holds = all(figures[name] <= most for name, most in TARGETS.items())
    document = {"benchmark": "toggle", "figures": figures, "targets": TARGETS, "holds": holds}
    print(json.dumps(document))


if __name__ == "__main__":
    main()
