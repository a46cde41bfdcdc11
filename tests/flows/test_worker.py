"""`meishi worker`, alone and beside `meishi serve`: it survives losses and leaves nothing."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.processes import (
    PATIENCE,
    ended,
    free_port,
    is_healthy,
    named,
    start,
    stop,
    wait_until,
    wait_until_gone,
)

from meishi.database.location import Location

pytestmark = pytest.mark.once

Worker = subprocess.Popen[str]

AUTOGROUP = Path("/proc/self/autogroup")
#: Of Linux, `PR_CAPBSET_DROP` and `CAP_SYS_ADMIN`.
_DROP_FROM_BOUNDING_SET, _SYS_ADMIN = 24, 21


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A data folder after which nothing may run any more."""
    yield tmp_path / "home"
    wait_until_gone(tmp_path / "home")


def delivering(home: Path, processes: int = 1, *, after: int = 0) -> list[int]:
    """Return the processes that deliver, once there are so many, and none that was `after`."""

    def all_there() -> bool:
        found = delivery_processes(home)
        return len(found) == processes and after not in found and (home / "worker.sock").exists()

    wait_until(all_there, "worker processes")
    return delivery_processes(home)


def delivery_processes(home: Path) -> list[int]:
    """Return the worker processes that deliver events, and run no jobs."""
    found = named(home, "meishi.working")
    return sorted(process for process, arguments in found.items() if "--jobs" not in arguments)


def errors_of(worker: Worker) -> str:
    """Wait for the end, and return what was said meanwhile."""
    return worker.communicate(timeout=PATIENCE)[1]


def test_a_signal_ends_the_worker_cleanly(home: Path) -> None:
    """Ctrl-C ends the whole tree, the database last, with exit code 0."""
    worker = start("worker", home=home)
    delivering(home)
    worker.send_signal(signal.SIGINT)
    errors = errors_of(worker)
    assert worker.returncode == 0
    assert "Traceback" not in errors
    wait_until_gone(home)
    assert not (home / "worker.sock").exists()


def test_a_signal_while_the_worker_loads_ends_it_cleanly(home: Path) -> None:
    """However early it comes, nothing is left behind."""
    worker = start("worker", home=home)
    wait_until((home / "postgres").exists, "the database is being made", every=0.001)
    worker.send_signal(signal.SIGHUP)
    errors = errors_of(worker)
    assert worker.returncode == 0
    assert "Traceback" not in errors
    wait_until_gone(home)


def test_a_killed_process_is_replaced_and_its_successor_knows(home: Path) -> None:
    """The next process in its place is told who died, and how."""
    worker = start("worker", "--threads", "2", home=home)
    (first,) = delivering(home)
    identity = _argument(home, first, "--id")
    os.kill(first, signal.SIGKILL)
    (second,) = delivering(home, after=first)
    assert _argument(home, second, "--threads") == "2"
    assert _argument(home, second, "--predecessor") == identity
    assert _argument(home, second, "--ended") == "ended by signal 9"
    worker.terminate()
    errors = errors_of(worker)
    assert worker.returncode == 0
    assert errors.count('"worker_lost"') == 1


def test_several_processes_deliver_and_are_replaced_one_by_one(home: Path) -> None:
    """The loss of one concerns no other."""
    worker = start("worker", "--processes", "3", home=home)
    first, second, third = delivering(home, 3)
    os.kill(second, signal.SIGKILL)
    assert {first, third} < set(delivering(home, 3, after=second))
    worker.terminate()
    assert ended(worker) == 0


def test_a_killed_supervisor_leaves_nothing_behind(home: Path) -> None:
    """After SIGKILL of the supervisor its processes and the database end by themselves."""
    worker = start("worker", "--processes", "2", home=home)
    delivering(home, 2)
    worker.kill()
    assert ended(worker) == -signal.SIGKILL


def test_two_workers_share_a_deployment(home: Path) -> None:
    """Each ends by itself, and the database with the last of them."""
    one, other = start("worker", home=home), start("worker", home=home)
    delivering(home, 2)
    one.terminate()
    assert ended(one) == 0
    delivering(home, 1)
    assert (home / "postgres/data/postmaster.pid").exists()
    other.terminate()
    assert ended(other) == 0
    wait_until_gone(home)


def test_a_process_that_does_not_end_is_killed(home: Path) -> None:
    """Its time runs out, the operator reads of it, and all else ends in order."""
    worker = start("worker", home=home)
    (process,) = delivering(home)
    stop(process)
    worker.terminate()
    errors = errors_of(worker)
    assert worker.returncode == 0
    assert '"worker_killed"' in errors


def test_a_second_signal_ends_it_at_once(home: Path) -> None:
    """Who asks twice does not wait for a process's time to run out."""
    worker = start("worker", home=home)
    (process,) = delivering(home)
    stop(process)
    worker.terminate()
    wait_until(lambda: _is_asked_to_end(process), "the first signal is heard")
    worker.terminate()
    errors = errors_of(worker)
    assert worker.returncode == 0
    assert '"worker_killed"' not in errors


def test_a_database_that_is_down_is_said_once_and_in_one_line(home: Path) -> None:
    """A worker that cannot begin does not try for ever: its reason, and exit code 3."""
    url = f"postgresql://meishi:secret@127.0.0.1:{free_port()}/meishi"
    worker = start("worker", "--processes", "3", home=home, MEISHI_DATABASE_URL=url)
    errors = [line for line in errors_of(worker).splitlines() if not line.startswith("{")]
    assert worker.returncode == 3
    assert errors[0].startswith("Error: The database cannot be reached: ")
    assert errors[1].startswith("Hint: ")
    assert len(errors) == 2
    assert "secret" not in "".join(errors)


@pytest.mark.parametrize(
    ("variable", "value"), [("WORKER_MEMORY_MB", "100"), ("WORKER_THREADS", "0")]
)
def test_a_wrong_setting_is_said_in_one_line(home: Path, variable: str, value: str) -> None:
    """The setting is named, with exit code 2."""
    worker = start("worker", home=home, **{f"MEISHI_{variable}": value})
    errors = errors_of(worker)
    assert worker.returncode == 2
    assert errors.startswith(f"Error: `{variable.lower()}` must be ")


def test_a_database_of_ones_own_is_served_by_the_command(home: Path, database: Location) -> None:
    """With an operator's database the worker starts none of its own."""
    worker = start(
        "worker",
        home=home,
        MEISHI_DATABASE_URL=database.runtime_url,
        MEISHI_DEPLOYMENT="test",
    )
    delivering(home)
    assert not (home / "postgres").exists()
    worker.terminate()
    assert ended(worker) == 0


def test_memory_is_limited_as_the_setting_says(home: Path) -> None:
    """The kernel holds a process to it, and takes that process first where memory ends."""
    worker = start("worker", home=home, MEISHI_WORKER_MEMORY_MB="300")
    (process,) = delivering(home)
    limits = " ".join(Path(f"/proc/{process}/limits").read_text().split())
    assert f"Max data size {300 * 1024**2} {300 * 1024**2} bytes" in limits
    assert Path(f"/proc/{process}/oom_score_adj").read_text() == "500\n"
    worker.terminate()
    assert ended(worker) == 0


def test_who_delivers_gives_way_to_who_runs_jobs(home: Path) -> None:
    """Deliveries are as nice as the setting says, in Linux's groups of sessions, too."""
    worker = start("worker", home=home, MEISHI_WORKER_NICENESS="7")
    (delivering_one,) = delivering(home)
    wait_until(lambda: bool(named(home, "--jobs")), "a process that runs jobs")
    (running_jobs,) = named(home, "--jobs")
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    nice = min(ours + 7, 19)
    wait_until(lambda: os.getpriority(os.PRIO_PROCESS, delivering_one) == nice, "it is nice")
    assert os.getpriority(os.PRIO_PROCESS, running_jobs) == ours
    group = Path(f"/proc/{delivering_one}/autogroup")
    wait_until(lambda: not group.exists() or group.read_text().endswith("nice 7\n"), "its group")
    worker.send_signal(signal.SIGTERM)
    errors_of(worker)


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="there are no groups of sessions")
def test_all_who_start_at_once_give_way() -> None:
    """Without privileges, Linux lets one process at a time set the niceness of its session."""
    program = """
import os
from pathlib import Path
from meishi.working import give_way
give_way(7)
print(Path("/proc/self/autogroup").read_text().split()[-1])
"""
    beginnings = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=_without_privileges,  # noqa: PLW1509 (there is one thread)
        )
        for _ in range(4)
    ]
    assert [begun.communicate(timeout=PATIENCE)[0] for begun in beginnings] == ["7\n"] * 4


def _without_privileges() -> None:
    """Let root be as others are, as far as niceness goes."""
    ctypes.CDLL(None).prctl(_DROP_FROM_BOUNDING_SET, _SYS_ADMIN, 0, 0, 0)


def test_whoever_asks_for_too_much_memory_gets_an_error() -> None:
    """Neither one large block nor many small ones are had; without a limit, they are not refused.

    What was given back can be had again.
    """
    program = """
import resource
from meishi.working import limit_memory
before = resource.getrlimit(resource.RLIMIT_DATA)
limit_memory(0)
print(resource.getrlimit(resource.RLIMIT_DATA) == before)
limit_memory(512)
for size, count in [(3 << 30, 1), (1 << 20, 3 << 10)]:
    try:
        taken = [bytearray(size) for _ in range(count)]
    except MemoryError:
        print("refused")
print(len(bytearray(100 << 20)))
"""
    done = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert done.split() == ["True", "refused", "refused", str(100 << 20)]


def test_a_lost_database_comes_back(home: Path) -> None:
    """The worker's supervisor looks after the embedded database as the server's does."""
    worker = start("worker", home=home)
    delivering(home)
    (keeper,) = named(home, "meishi.database.embedded.keeper")
    os.kill(keeper, signal.SIGKILL)
    wait_until(
        lambda: set(named(home, "meishi.database.embedded.keeper")) - {keeper} != set(),
        "a new keeper",
    )
    worker.terminate()
    assert ended(worker) == 0


def test_the_server_runs_a_worker_beside_it_and_replaces_it(home: Path) -> None:
    """A killed worker is replaced while requests are answered."""
    port = free_port()
    server = start("serve", "--port", str(port), home=home)
    (first,) = delivering(home)
    assert is_healthy(port)
    os.kill(first, signal.SIGKILL)
    assert is_healthy(port)
    delivering(home, after=first)
    assert is_healthy(port)
    server.terminate()
    assert ended(server) == 0
    wait_until_gone(home)


def test_a_killed_server_leaves_no_worker_behind(home: Path) -> None:
    """After SIGKILL of the supervisor the worker ends as the web server does."""
    server = start("serve", "--port", str(free_port()), home=home)
    delivering(home)
    server.kill()
    assert ended(server) == -signal.SIGKILL


def test_the_server_ends_before_the_worker_and_the_database_last(home: Path) -> None:
    """While a delivery is being finished nobody is served any more, and the database is there."""
    port = free_port()
    server = start("serve", "--port", str(port), home=home)
    (process,) = delivering(home)
    stop(process)
    server.terminate()
    wait_until(lambda: _is_asked_to_end(process), "the worker is told to end")
    assert not is_healthy(port)
    assert (home / "postgres/data/postmaster.pid").exists()
    os.kill(process, signal.SIGCONT)
    errors = errors_of(server)
    assert server.returncode == 0
    assert '"worker_killed"' not in errors


def _argument(home: Path, process: int, name: str) -> str:
    arguments = named(home, "meishi.working")[process]
    return arguments[arguments.index(name) + 1]


def _is_asked_to_end(process: int) -> bool:
    """Whether a SIGTERM waits for a process that is stopped."""
    status = Path(f"/proc/{process}/status").read_text()
    pending = next(line for line in status.splitlines() if line.startswith("ShdPnd:"))
    return bool(int(pending.split()[1], 16) & 1 << (signal.SIGTERM - 1))
