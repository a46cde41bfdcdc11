"""Sudden deaths, at every place where one can happen."""

import os
import signal
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from meishi.database.embedded import EmbeddedPostgres, leftovers
from meishi.database.embedded.folders import Folders
from meishi.errors import DatabaseUnavailable

pytestmark = pytest.mark.no_calls

Eventually = Callable[[Callable[[], object]], None]
StartUser = Callable[..., tuple[subprocess.Popen[str], str]]
KeeperOf = Callable[[Path], int]
ProcessesOf = Callable[[Path], set[int]]


def postmaster_of(home: Path) -> int:
    """The process id of the running server, 0 while there is none, or its file is being written."""
    try:
        text = (Folders.of(home).data / "postmaster.pid").read_text()
    except FileNotFoundError:
        return 0
    number, end, _ = text.partition("\n")
    return int(number) if end else 0


def kill(pid: int, number: signal.Signals) -> None:
    """Send a signal to one process, never to the group that 0 stands for."""
    assert pid > 0
    os.kill(pid, number)


def answers(url: str) -> bool:
    """Whether a new connection works."""
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            return connection.execute("SELECT true").fetchone() == (True,)
    except psycopg.OperationalError:
        return False


def test_the_server_ends_when_its_only_user_is_killed(
    home: Path, start_user: StartUser, eventually: Eventually, processes_of: ProcessesOf
) -> None:
    """A user that dies by SIGKILL leaves no process behind."""
    user, _ = start_user(home)
    assert processes_of(home)
    user.kill()
    eventually(lambda: not processes_of(home))


def test_everything_ends_when_a_user_dies_during_the_first_start(
    home: Path, eventually: Eventually, processes_of: ProcessesOf
) -> None:
    """Nobody's server does not stay, and the next start is a normal one."""
    user = os.fork()
    if user == 0:
        EmbeddedPostgres(home).start()
        os._exit(0)
    eventually(lambda: list(Folders.of(home).root.glob("data-new-*")))
    kill(user, signal.SIGKILL)
    os.waitpid(user, 0)
    eventually(lambda: not processes_of(home))
    with EmbeddedPostgres(home, durable=False) as server:
        assert answers(server.admin_url)


def test_a_start_after_the_keeper_was_killed_works(
    home: Path, start_user: StartUser, keeper_of: KeeperOf
) -> None:
    """The next start must not stumble over what a killed keeper left."""
    _, url = start_user(home)
    kill(keeper_of(home), signal.SIGKILL)
    with EmbeddedPostgres(home, durable=False) as server:
        assert server.admin_url == url
        assert answers(url)


def test_a_server_that_outlived_its_keeper_is_ended(
    home: Path, start_user: StartUser, keeper_of: KeeperOf
) -> None:
    """Even a server that reacts to nothing is gone before its successor starts."""
    _, url = start_user(home)
    folders = Folders.of(home)
    kill(postmaster_of(home), signal.SIGSTOP)
    kill(keeper_of(home), signal.SIGKILL)
    assert leftovers.find(folders.root)
    leftovers.clear(folders.root, folders.sockets, patience=0.2)
    assert not leftovers.find(folders.root)
    with EmbeddedPostgres(home, durable=False):
        assert answers(url)


def test_a_lost_keeper_is_noticed_and_replaced(
    home: Path, keeper_of: KeeperOf, eventually: Eventually
) -> None:
    """`ensure_running` costs nothing while all is well, and mends it when it is not."""
    with EmbeddedPostgres(home, durable=False) as server:
        assert not server.ensure_running()
        kill(keeper_of(home), signal.SIGKILL)
        eventually(server.ensure_running)
        assert answers(server.admin_url)


def test_a_killed_server_comes_back_by_itself(home: Path, eventually: Eventually) -> None:
    """After the server's death new connections work again, with everything committed."""
    with EmbeddedPostgres(home) as server:
        with psycopg.connect(server.admin_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        first = postmaster_of(home)
        kill(first, signal.SIGKILL)
        eventually(lambda: postmaster_of(home) not in {0, first} and answers(server.admin_url))
        with psycopg.connect(server.admin_url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        assert not server.ensure_running()


def test_a_server_that_keeps_dying_is_given_up_loudly(
    home: Path, eventually: Eventually, keeper_of: KeeperOf
) -> None:
    """After several quick deaths the keeper ends, and the next start says why."""
    with EmbeddedPostgres(home, durable=False) as server:
        settings = Folders.of(home).data / "postgresql.auto.conf"
        settings.write_text("no_such_setting = 1\n")
        kill(postmaster_of(home), signal.SIGKILL)
        eventually(lambda: not keeper_of(home))
        with pytest.raises(DatabaseUnavailable, match="did not start") as fault:
            server.ensure_running()
        assert "no_such_setting" in fault.value.hint
        settings.write_text("")
        assert server.ensure_running()


def test_a_keeper_told_to_end_stops_the_server_first(
    home: Path, keeper_of: KeeperOf, eventually: Eventually, processes_of: ProcessesOf
) -> None:
    """SIGTERM to the keeper is a clean shutdown, even with users connected."""
    with EmbeddedPostgres(home, durable=False):
        kill(keeper_of(home), signal.SIGTERM)
        eventually(lambda: not processes_of(home))
        assert "database system is shut down" in Folders.of(home).log.read_text()


def test_a_lock_file_that_names_a_stranger_is_no_obstacle(home: Path) -> None:
    """A process id that another program got since then must not be taken for a server."""
    with EmbeddedPostgres(home, durable=False) as server:
        content = (Folders.of(home).data / "postmaster.pid").read_text()
    lines = content.splitlines()
    # Our own parent runs for certain, and PostgreSQL would refuse to start because of it.
    (Folders.of(home).data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]))
    (Folders.of(home).sockets / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    with EmbeddedPostgres(home, durable=False) as server:
        assert answers(server.admin_url)


def test_a_half_made_database_is_made_anew(home: Path) -> None:
    """What an interrupted initdb left is removed, and never mistaken for a database."""
    folders = Folders.of(home)
    folders.claim()
    half_done = folders.root / "data-new-abc" / "data"
    half_done.mkdir(parents=True)
    (half_done / "PG_VERSION").write_text("18\n")
    folders.password.write_text("of the interrupted start")
    with EmbeddedPostgres(home, durable=False) as server:
        assert answers(server.admin_url)
    assert not half_done.parent.exists()


def test_a_keeper_killed_during_the_first_start_leaves_nothing_that_matters(
    home: Path, keeper_of: KeeperOf, eventually: Eventually
) -> None:
    """A kill in the middle of initdb is one clear fault, and the next start a normal one."""
    folders = Folders.of(home)
    with ThreadPoolExecutor(1) as pool:
        started = pool.submit(EmbeddedPostgres(home).start)
        eventually(lambda: list(folders.root.glob("data-new-*/data/PG_VERSION")))
        kill(keeper_of(home), signal.SIGKILL)
        with pytest.raises(DatabaseUnavailable, match="ended unexpectedly"):
            started.result()
    assert not folders.data.exists()
    with EmbeddedPostgres(home, durable=False) as server:
        assert answers(server.admin_url)
    assert not list(folders.root.glob("data-new-*"))
