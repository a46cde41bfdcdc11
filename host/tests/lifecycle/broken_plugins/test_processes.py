"""Broken plugins as an operator meets them: commands in processes of their own."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from meishi.database.location import Location
from meishi.testing.packages import PluginPackages

from .broken_plugin import BrokenPlugin
from .conftest import Install
from .loading import IMPORTS

pytestmark = pytest.mark.once

RAISES, HANGS = (
    next(entry for entry in IMPORTS if entry.what == what)
    for what in ("it raises while it is imported", "it hangs, and catches whatever should end it")
)
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(packages: PluginPackages, database: Location, tmp_path: Path) -> Start:
    """Start `meishi` in a process of its own, on this test's database."""

    def start_command(*arguments: str, **variables: str) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "MEISHI_HOME": str(tmp_path / "home"),
            "MEISHI_DATABASE_URL": database.runtime_url,
            "MEISHI_DEPLOYMENT": "test",
            "PYTHONPATH": str(packages.folder),
            **variables,
        }
        return subprocess.Popen(
            [sys.executable, "-m", "meishi", *arguments],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    return start_command


@pytest.mark.parametrize("entry", [RAISES, HANGS], ids=lambda entry: entry.what)
@pytest.mark.parametrize("command", [("init",), ("serve", "--port", "{port}")])
def test_a_strict_command_ends_in_one_line_and_a_hint(
    entry: BrokenPlugin, command: tuple[str, ...], install: Install, start: Start
) -> None:
    """The process says who and why on stderr, and its exit code is that of a refused boot."""
    install(entry)
    arguments = [item.format(port=free_port()) for item in command]
    process = start(*arguments, MEISHI_BOOT_POLICY="strict")
    out, err = process.communicate(timeout=180)
    assert err.splitlines() == [
        f"Error: The plugin notes is broken: {entry.reason}",
        'Hint: `meishi plugins` lists all states; boot_policy = "degrade" runs the rest.',
    ]
    assert (process.returncode, out) == (4, "")


def test_a_degraded_server_serves_beside_a_plugin_that_hangs(
    install: Install, start: Start
) -> None:
    """Supervisor and web worker each give the plugin up, and the neighbour answers."""
    install(HANGS)
    port = free_port()
    with start("serve", "--port", str(port)) as server:
        try:
            assert opened(f"http://127.0.0.1:{port}/neighbour", server) == "at home"
        finally:
            server.terminate()
            _, err = server.communicate(timeout=180)
    assert f"Plugin notes is broken: {HANGS.reason}" in err.splitlines()
    assert server.returncode == 0


def free_port() -> int:
    """Return a port that nobody uses, of those that the system gives to nobody who asks for any.

    It takes seconds until the server is there, and others ask for ports meanwhile.
    """
    while True:
        port = 12_000 + secrets.randbelow(8_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def opened(url: str, server: subprocess.Popen[str]) -> str:
    """Return what a server answers, as soon as it does."""
    not_yet = suppress(urllib.error.URLError, ConnectionError, TimeoutError)
    while server.poll() is None:
        with not_yet, urllib.request.urlopen(url, timeout=30) as answer:
            return str(answer.read().decode())
        time.sleep(0.05)
    raise AssertionError("the server has ended")
