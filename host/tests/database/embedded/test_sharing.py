"""Several users of one server."""

import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from meishi.database.embedded import EmbeddedPostgres
from meishi.database.embedded.folders import Folders
from meishi.database.embedded.leftovers import find

pytestmark = pytest.mark.no_calls

Eventually = Callable[[Callable[[], object]], None]
StartUser = Callable[..., tuple[subprocess.Popen[str], str]]


def test_a_second_user_shares_the_server_and_the_last_one_ends_it(
    home: Path, start_user: StartUser, keeper_of: Callable[[Path], int]
) -> None:
    """The server lives exactly as long as somebody uses it, whoever started it."""
    other, url = start_user(home)
    keeper = keeper_of(home)
    with EmbeddedPostgres(home) as server:
        assert server.admin_url == url
        assert keeper_of(home) == keeper
        other.communicate()
        psycopg.connect(url).close()
    assert not find(Folders.of(home).root)


def test_many_who_start_at_once_get_one_server(
    home: Path, keeper_of: Callable[[Path], int]
) -> None:
    """A race of first starts must end with one database that all of them use."""
    servers = [EmbeddedPostgres(home, durable=False) for _ in range(6)]
    with ThreadPoolExecutor(len(servers)) as pool:
        list(pool.map(lambda server: server.start(), servers))
        assert len({server.admin_url for server in servers}) == 1
        assert keeper_of(home)
        list(pool.map(lambda server: server.stop(), servers))
    assert not find(Folders.of(home).root)


def test_coming_while_the_last_one_leaves_gets_a_server(home: Path) -> None:
    """Whoever meets a keeper on its way out waits and starts anew, and sees no error."""

    def use(_: int) -> bool:
        with EmbeddedPostgres(home, durable=False) as server:
            psycopg.connect(server.admin_url).close()
        return True

    with ThreadPoolExecutor(3) as pool:
        assert all(pool.map(use, range(24)))


def test_a_forked_process_does_not_end_its_parents_use(home: Path) -> None:
    """`stop` in a forked child gives up the child's copy only."""
    with EmbeddedPostgres(home, durable=False) as server:
        child = os.fork()
        if child == 0:
            server.stop()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        psycopg.connect(server.admin_url).close()
        assert not server.ensure_running()


def test_other_programs_started_by_a_user_are_no_users(
    home: Path, processes_of: Callable[[Path], set[int]]
) -> None:
    """A child program inherits nothing that would keep the server alive."""
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    with subprocess.Popen(["sleep", "60"], close_fds=False) as sleeper:
        server.stop()
        assert not find(Folders.of(home).root)
        sleeper.kill()


def test_no_zombie_is_left_to_the_starter(home: Path) -> None:
    """The keeper is nobody's child to bury."""
    with EmbeddedPostgres(home, durable=False):
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        commands = [Path(f"/proc/{pid}/cmdline").read_text() for pid in children]
    assert not [command for command in commands if "keeper" in command or not command]
