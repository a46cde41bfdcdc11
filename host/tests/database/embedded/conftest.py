"""Folders, processes and deadlines for tests with real servers."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import meishi
from meishi.database.embedded.binaries import locate
from meishi.database.embedded.folders import Folders
from meishi.database.embedded.leftovers import find

Eventually = Callable[[Callable[[], object]], None]
StartUser = Callable[..., tuple[subprocess.Popen[str], str]]
PATIENCE = 120.0
SOURCE = str(Path(meishi.__file__).parent.parent)
# Uses the server until its standard input ends; says where the server is.
USER = """
import sys
from pathlib import Path
from meishi.database.embedded import EmbeddedPostgres
from meishi.errors import OperatorError
try:
    with EmbeddedPostgres(Path(sys.argv[1]), durable=False) as server:
        print(server.admin_url, flush=True)
        sys.stdin.read()
except OperatorError as error:
    print("refused:", error.message, flush=True)
"""


def _interpreter(account: dict[str, Any], environment: dict[str, str]) -> str:
    """A Python that the account can run and that finds what the test needs."""
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            answer = subprocess.run(
                [python, "-c", "from meishi.database.embedded.binaries import locate; locate()"],
                check=False,
                cwd="/",
                env=environment,
                stderr=subprocess.DEVNULL,
                **account,
            )
        except OSError:
            continue
        if answer.returncode == 0:
            return python
    pytest.skip("another account can run no Python with the embedded server here")


def _keeper_of(home: Path) -> int:
    try:
        text = Folders.of(home).lock.read_text()
        command = Path(f"/proc/{text or 0}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):  # it ended while we looked, perhaps
        return 0
    return int(text) if b"embedded.keeper" in command else 0


def _processes_of(home: Path) -> set[int]:
    return find(Folders.of(home).root) | ({_keeper_of(home)} - {0})


@pytest.fixture
def keeper_of() -> Callable[[Path], int]:
    """Gives the process id of the keeper that runs for a data folder, 0 if none does."""
    return _keeper_of


@pytest.fixture
def processes_of() -> Callable[[Path], set[int]]:
    """Gives every process that belongs to the server in a data folder."""
    return _processes_of


@pytest.fixture
def eventually() -> Eventually:
    """Waits until a condition holds; fails after a deadline."""

    def wait(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.01)

    return wait


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder whose name is short, as a socket's must be; a long test's own is not."""
    folder = tmp_path_factory.mktemp("server")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def home(tmp_path: Path, eventually: Eventually) -> Iterator[Path]:
    """A data folder of Meishi that must have no process left after the test."""
    folder = tmp_path / "meishi"
    yield folder
    try:
        eventually(lambda: not _processes_of(folder))
    finally:
        for pid in _processes_of(folder):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def open_parent() -> Iterator[Path]:
    """A folder that other accounts can reach, which pytest's own folders are not."""
    parent = Path(tempfile.mkdtemp(prefix="meishi-test-"))
    parent.chmod(0o755)
    yield parent
    shutil.rmtree(parent)


@pytest.fixture
def start_user() -> Iterator[StartUser]:
    """Starts a process that uses the server in a data folder; gives it and its first line."""
    with ExitStack() as stack:

        def start(home: Path, *, uid: int | None = None) -> tuple[subprocess.Popen[str], str]:
            account: dict[str, Any] = {}
            path = os.pathsep.join([SOURCE, str(locate().root.parent.parent)])
            environment = os.environ | {"PYTHONPATH": path}
            if uid is not None:
                account = {"user": uid, "group": uid, "extra_groups": []}
            python = _interpreter(account, environment) if account else sys.executable
            process = subprocess.Popen(
                [python, "-c", USER, str(home)],
                cwd="/",
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                **account,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            assert process.stdout is not None
            return process, process.stdout.readline().strip()

        yield start
