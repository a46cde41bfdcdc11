"""A deployment of tallies and mirrors in real processes, as an operator starts them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psycopg
from tests.processes import PATIENCE, free_port, processes_of, wait_until, wait_until_gone

from meishi.database.location import Location

Process = subprocess.Popen[bytes]

#: How many lines of what the processes said are shown of a test that fails.
_SHOWN = 40


@dataclass(slots=True)
class System:
    """Processes that share a data folder; `admin_url` leads to their database as administrator.

    What they say stands in `said`, for whoever reads why a test has failed.
    """

    home: Path
    environment: Mapping[str, str]
    admin_url: str
    said: IO[bytes]
    port: int = field(default_factory=free_port)

    def start(self, *arguments: str, **environment: str) -> Process:
        """Start `meishi`."""
        return subprocess.Popen(
            [sys.executable, "-m", "meishi", *arguments],
            env={**self._variables, **environment},
            stdin=subprocess.DEVNULL,
            stdout=self.said,
            stderr=self.said,
        )

    def serve(self) -> Process:
        """Start the web server, and what runs beside it."""
        return self.start("serve", "--port", str(self.port))

    def run(self, *arguments: str, **environment: str) -> str:
        """Return what `meishi` prints; it must go well."""
        return subprocess.check_output(
            [sys.executable, "-m", "meishi", *arguments],
            env={**self._variables, **environment},
            stderr=self.said,
            text=True,
        )

    @property
    def _variables(self) -> dict[str, str]:
        unlimited = {f"MEISHI_RATE_LIMIT_{of}PER_MINUTE": "0" for of in ("", "WORKSPACE_")}
        return {**os.environ, **unlimited, "MEISHI_HOME": str(self.home), **self.environment}

    def raise_tally(self, token: str, key: str, request: str) -> int:
        """Let a client raise a tally over HTTP; return the status of the answer.

        :raises OSError: if there was none
        """
        wanted = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1/tally/raises",
            data=json.dumps({"key": key, "request": request}).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(wanted, timeout=10) as answer:
            return int(answer.status)

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return what the administrator sees, as soon as the database answers."""
        found: list[list[tuple[Any, ...]]] = []

        def ask() -> bool:
            with (
                suppress(psycopg.OperationalError),
                psycopg.connect(self.admin_url, autocommit=True, connect_timeout=5) as admin,
            ):
                result = admin.execute(query.encode(), values)
                found.append(result.fetchall() if result.description else [])
            return bool(found)

        wait_until(ask, "the database answers")
        return found[0]

    def named(self, *words: str) -> list[int]:
        """Return the processes of this system with all of these words in their command."""
        found = []
        for process in processes_of(self.home):
            with suppress(OSError):  # it ended while we looked
                command = Path(f"/proc/{process}/cmdline").read_text()
                if all(word in command for word in words):
                    found.append(process)
        return sorted(found)

    def log(self) -> str:
        """Return what the processes have said."""
        self.said.seek(0)
        return bytes(self.said.read()).decode(errors="replace")


@contextmanager
def ending(home: Path, said: IO[bytes]) -> Iterator[None]:
    """Leave no process of a system behind; show what they have said if the test fails."""
    try:
        yield
    finally:
        said.seek(0)
        print(*said.readlines()[-_SHOWN:], sep="\n")  # noqa: T201 (for who asks why it failed)
        wait_until_gone(home)


@contextmanager
def system_at(location: Location, folder: Path, environment: Mapping[str, str]) -> Iterator[System]:
    """Yield a system on a database, with packages of its own; nothing of it is left behind."""
    home, packages = folder / "home", packages_of(folder)
    packages.mkdir()
    variables = {
        "PYTHONPATH": str(packages),
        "MEISHI_DATABASE_URL": location.runtime_url,
        "MEISHI_BOOT_POLICY": "strict",
        **environment,
    }
    with (folder / "said.log").open("w+b") as said, ending(home, said):
        yield System(home, variables, location.administrator_url(), said)


def packages_of(folder: Path) -> Path:
    """Return where a system's packages are."""
    return folder / "packages"


def end(process: Process, how: signal.Signals = signal.SIGTERM) -> int:
    """Send a process a signal, and return its exit code once it has ended."""
    process.send_signal(how)
    return process.wait(PATIENCE)


def parent_of(process: int) -> int:
    """Return the parent of a process, 0 if it has ended."""
    with suppress(OSError):
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    return 0
