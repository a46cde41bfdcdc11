"""Faults that an operator can mend: one line, and one hint."""

import fcntl
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from meishi.database.embedded import EmbeddedPostgres
from meishi.database.embedded.binaries import Binaries, locate
from meishi.database.embedded.cluster import prepare
from meishi.database.embedded.folders import Folders
from meishi.database.embedded.sandbox import Sandbox
from meishi.errors import DatabaseUnavailable

pytestmark = pytest.mark.no_calls

Eventually = Callable[[Callable[[], object]], None]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can arrange this")


def refusal(home: Path, *, patience: float = 120.0) -> DatabaseUnavailable:
    """The fault with which a start ends."""
    with pytest.raises(DatabaseUnavailable) as caught:
        EmbeddedPostgres(home, durable=False, patience=patience).start()
    assert "\n" not in caught.value.message
    return caught.value


@needs_root
def test_a_folder_of_somebody_else_is_refused(home: Path) -> None:
    """The fault names both users."""
    Folders.of(home).claim()
    os.chown(Folders.of(home).root, 65534, 65534)
    fault = refusal(home)
    assert "belongs to user id 65534, this process runs as 0" in fault.message
    assert "Run Meishi as the owner" in fault.hint


@needs_root
def test_data_of_somebody_else_is_refused(home: Path) -> None:
    """Also when only the data inside has the wrong owner."""
    with EmbeddedPostgres(home, durable=False):
        pass
    os.chown(Folders.of(home).data, 65534, 65534)
    assert "belongs to user id 65534" in refusal(home).message


@needs_root
def test_a_full_disk_is_called_by_its_name(home: Path, eventually: Eventually) -> None:
    """Initdb's many lines become one."""
    home.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs", str(home)], check=False
    )
    if mounted.returncode != 0:
        pytest.skip("a small file system cannot be mounted here")
    try:
        fault = refusal(home)
    finally:
        # The keeper needs a moment to end after it has said why.
        eventually(lambda: not subprocess.run(["umount", str(home)], check=False).returncode)
    assert "is full" in fault.message
    assert "Free some space" in fault.hint


@pytest.mark.parametrize(("script", "hint"), [("echo 1\necho two", "two"), ("", "with 7")])
def test_an_initdb_that_fails_is_told_in_one_line(home: Path, script: str, hint: str) -> None:
    """The hint is its last word, if it had any."""
    folders, programs = Folders.of(home), home / "programs"
    folders.claim()
    (programs / "bin").mkdir(parents=True)
    (programs / "bin/initdb").write_text(f"#!/bin/sh\n{script}\nexit 7\n")
    (programs / "bin/initdb").chmod(0o700)
    sandbox = Sandbox(folders.root, folders.sockets, Binaries(programs))
    with pytest.raises(DatabaseUnavailable, match="could not be made") as caught:
        prepare(folders, sandbox, password="secret", durable=False)
    assert caught.value.hint.endswith(hint)
    assert "\n" not in caught.value.hint
    assert not sandbox.data.exists()


def test_a_discarded_server_is_gone_whoever_uses_it(home: Path) -> None:
    """The files go when its keeper has ended; afterwards there is nothing to discard."""
    other = EmbeddedPostgres(home, durable=False)
    other.start()
    EmbeddedPostgres(home, durable=False).discard()
    assert list(home.iterdir()) == []
    EmbeddedPostgres(home, durable=False).discard()
    other.stop()


def test_a_parent_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    """A data folder below a file cannot be."""
    (tmp_path / "file").touch()
    assert "cannot be used" in refusal(tmp_path / "file" / "home").message


def test_a_link_in_place_of_the_server_folder_is_refused(home: Path, tmp_path: Path) -> None:
    """Somebody's link must not lead the server's files elsewhere."""
    home.mkdir()
    Folders.of(home).root.mkdir()
    (Folders.of(home).root / "run").symlink_to(tmp_path)
    assert "not a folder of its own" in refusal(home).message


def test_data_of_another_version_is_refused(home: Path) -> None:
    """The fault names both versions and the way out."""
    with EmbeddedPostgres(home, durable=False):
        pass
    (Folders.of(home).data / "PG_VERSION").write_text("17\n")
    fault = refusal(home)
    assert "is of PostgreSQL 17, this is 18" in fault.message
    assert "MEISHI_DATABASE_URL" in fault.hint


def test_a_lost_password_file_is_named(home: Path) -> None:
    """Data whose password is gone is not silently replaced."""
    with EmbeddedPostgres(home, durable=False):
        pass
    Folders.of(home).password.unlink()
    assert "password file" in refusal(home).message
    assert Folders.of(home).data.exists()


def test_data_that_is_linked_but_missing_is_not_replaced(home: Path, tmp_path: Path) -> None:
    """A link to a disk that is not mounted must not become a new, empty database."""
    Folders.of(home).claim()
    Folders.of(home).data.symlink_to(tmp_path / "unmounted" / "data")
    assert "which is missing" in refusal(home).message
    assert Folders.of(home).data.is_symlink()


def test_a_lock_whose_holder_does_not_answer_is_named(home: Path) -> None:
    """The fault names the process to stop."""
    folders = Folders.of(home)
    folders.claim()
    with folders.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4711")
        lock.flush()
        fault = refusal(home, patience=0.1)
    assert "does not answer" in fault.message
    assert "stop process 4711" in fault.hint


def test_a_server_that_does_not_start_shows_its_last_words(home: Path) -> None:
    """The end of the server's log is in the hint."""
    with EmbeddedPostgres(home, durable=False):
        pass
    (Folders.of(home).data / "postgresql.conf").write_text("no_such_setting = 1\n")
    fault = refusal(home)
    assert "did not start" in fault.message
    assert "no_such_setting" in fault.hint


def test_an_absent_wheel_has_a_remedy() -> None:
    """Without the extra, the fault says how to get it."""
    with pytest.raises(DatabaseUnavailable, match="not installed") as caught:
        locate("a_wheel_that_is_not_there")
    assert "meishi[embedded]" in caught.value.hint


def test_a_wheel_without_programs_has_a_remedy() -> None:
    """A platform for which the wheel has no programs is named as such."""
    with pytest.raises(DatabaseUnavailable, match="no programs for this platform"):
        locate(json.__name__)
