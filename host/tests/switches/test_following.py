"""Following: processes hear of switches, and whoever switches at once leaves a state that fits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy.exc import OperationalError

from meishi.host import Host
from meishi.switches.board import Switchboard
from meishi.switches.following import SwitchFollower
from meishi.switches.interface import REFUSALS, PluginSwitches
from meishi.switches.state import Switches
from meishi.testing.fixtures import WorkspaceUnderTest


def switched(host: Host, plugin: str, *, on: bool) -> None:
    """Switch a plugin for the deployment."""
    with host.within("meishi_plugins"):
        host.service(PluginSwitches).switch(plugin, on=on, cascade=True)


def comes_true(condition: Callable[[], bool]) -> bool:
    """Whether something happens before long."""
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def test_a_process_follows_what_is_switched_elsewhere(
    host: Host, workspace: WorkspaceUnderTest
) -> None:
    """Off and on again, without being asked; its own requests read nothing for that."""
    del workspace
    follower = SwitchFollower(host.switches, seconds=0.01)
    follower.start()
    try:
        switched(host, "qr", on=False)
        assert comes_true(lambda: not host.is_on("qr"))
        switched(host, "qr", on=True)
        assert comes_true(lambda: host.is_on("qr"))
    finally:
        follower.stop()


def test_a_database_that_is_away_leaves_what_was_known() -> None:
    """The follower goes on looking, and hears of it once the database is back."""
    away, asked = threading.Event(), threading.Event()

    def read(known: int) -> Switches | None:
        if away.is_set():
            asked.set()
            raise OperationalError("SELECT", {}, Exception("gone"))
        found = {-1: Switches(epoch=1, off=frozenset({"qr"})), 1: Switches(epoch=2)}
        return found.get(known)

    board = Switchboard(read)
    board.refresh()
    away.set()
    follower = SwitchFollower(board, seconds=0.001)
    follower.start()
    try:
        assert asked.wait(60)
        assert not board.is_on("qr")
        away.clear()
        assert comes_true(lambda: board.is_on("qr"))
    finally:
        follower.stop()


def test_of_two_who_contradict_each_other_one_is_refused(
    host: Host, workspace: WorkspaceUnderTest
) -> None:
    """One takes away what the other needs: whoever is second sees what the first has done."""
    del workspace

    def tried(barrier: threading.Barrier, plugin: str, *, on: bool) -> bool:
        barrier.wait()
        try:
            with host.within("meishi_plugins"):
                host.service(PluginSwitches).switch(plugin, on=on)
        except REFUSALS:
            return False
        return True

    for _ in range(12):
        switched(host, "crm_contacts", on=True)
        switched(host, "qr", on=False)
        barrier = threading.Barrier(2)
        with ThreadPoolExecutor(2) as threads:
            taken = threads.submit(tried, barrier, "crm_contacts", on=False)
            needed = threads.submit(tried, barrier, "qr", on=True)
        assert {taken.result(), needed.result()} == {True, False}
