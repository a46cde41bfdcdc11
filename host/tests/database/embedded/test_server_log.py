"""The server's log stays within its bound."""

import os
from pathlib import Path

import pytest

from meishi.database.embedded.server_log import ServerLog

pytestmark = pytest.mark.no_calls


def test_an_overgrown_log_is_moved_aside_while_it_is_written(tmp_path: Path) -> None:
    """The writer keeps its descriptor, the old lines are kept once, new ones begin anew."""
    log = ServerLog(tmp_path / "server.log", max_bytes=10)
    descriptor = log.open()
    try:
        for line in (b"first, long line\n", b"second, long line\n", b"third\n"):
            os.write(descriptor, line)
            log.trim()
    finally:
        os.close(descriptor)
    assert log.path.read_text() == "third\n"
    assert (tmp_path / "server.log.1").read_text() == "second, long line\n"


def test_the_tail_is_what_came_last(tmp_path: Path) -> None:
    """Only lines after the mark, and of those the last."""
    log = ServerLog(tmp_path / "server.log")
    assert log.tail() == ""
    log.path.write_text("one\n")
    mark = log.size()
    log.path.write_text("one\ntwo\nthree\n")
    assert log.tail(mark) == "two\nthree"
    assert log.tail(lines=1) == "three"
