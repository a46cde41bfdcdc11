"""Whoever runs Meishi: root, an ordinary user, one without a name."""

import os
import pwd
import subprocess
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from meishi.database.embedded import EmbeddedPostgres
from meishi.database.embedded.folders import Folders
from meishi.database.embedded.leftovers import find
from meishi.errors import DatabaseUnavailable

StartUser = Callable[..., tuple[subprocess.Popen[str], str]]
Eventually = Callable[[Callable[[], object]], None]
ProcessesOf = Callable[[Path], set[int]]
NAMELESS = 54_321
pytestmark = [
    pytest.mark.no_calls,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else"),
]


@pytest.fixture
def no_namespaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system without `unshare`."""
    monkeypatch.setenv("PATH", str(tmp_path))


def owners_of(pids: Iterable[int]) -> set[int]:
    """The user ids that processes run as; some of a server's end at any moment."""
    found = set()
    for pid in pids:
        with suppress(FileNotFoundError):
            found.add(Path(f"/proc/{pid}").stat().st_uid)
    return found


def test_root_needs_no_folder_but_its_own(home: Path, tmp_path: Path) -> None:
    """As root it works below folders that nobody else may enter, and opens none of them."""
    tmp_path.chmod(0o700)
    with EmbeddedPostgres(home, durable=False) as server:
        psycopg.connect(server.admin_url).close()
    assert tmp_path.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_uid for path in Folders.of(home).data.rglob("*")} == {0}


@pytest.mark.parametrize("uid", [pwd.getpwnam("nobody").pw_uid, NAMELESS])
def test_an_ordinary_user_needs_nothing_special(
    open_parent: Path,
    uid: int,
    start_user: StartUser,
    eventually: Eventually,
    processes_of: ProcessesOf,
) -> None:
    """Any user id works, also one without a name as containers have it."""
    home = open_parent / "home"
    home.mkdir(mode=0o700)
    os.chown(home, uid, uid)
    user, url = start_user(home, uid=uid)
    assert url.startswith("postgresql://")
    assert owners_of(processes_of(home)) == {uid}
    user.communicate()
    eventually(lambda: not processes_of(home))


def test_an_ordinary_user_is_told_whose_folder_it_is(
    open_parent: Path, start_user: StartUser
) -> None:
    """A folder of root's is refused with one line."""
    (open_parent / "home").mkdir()
    _, line = start_user(open_parent / "home", uid=65534)
    assert line.startswith("refused: The data folder")
    assert line.endswith("belongs to user id 0, this process runs as 65534.")


@pytest.mark.usefixtures("no_namespaces")
def test_without_namespaces_another_account_gets_a_folder_of_its_own(open_parent: Path) -> None:
    """Root steps down; the data is kept over restarts, whether namespaces come back or not."""
    home = open_parent / "private" / "home"
    home.mkdir(parents=True)
    home.chmod(0o700)
    with EmbeddedPostgres(home) as server:
        with psycopg.connect(server.admin_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        running = find(Folders.of(home).data.resolve().parent)
        owners = owners_of(running)
        assert owners
        assert 0 not in owners
    assert not find(Folders.of(home).data.resolve().parent)
    os.environ["PATH"] = os.defpath
    with EmbeddedPostgres(home) as server, psycopg.connect(server.admin_url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert home.stat().st_mode & 0o777 == 0o700


@pytest.mark.usefixtures("no_namespaces")
def test_data_made_with_namespaces_is_refused_without(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Existing data is neither opened to others nor replaced; the fault says what to do."""
    with monkeypatch.context() as context:
        context.setenv("PATH", os.defpath)
        with EmbeddedPostgres(home, durable=False):
            pass
    with pytest.raises(DatabaseUnavailable, match="user namespaces are not available") as caught:
        EmbeddedPostgres(home).start()
    assert "as an ordinary user" in caught.value.hint
