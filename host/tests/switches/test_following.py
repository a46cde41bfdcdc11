"""Following: processes hear of switches, and whoever switches at once leaves a state that fits."""

from __future__ import annotations

import random
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


def test_whoever_switches_at_once_leaves_nothing_without_what_it_needs(
    host: Host, workspace: WorkspaceUnderTest
) -> None:
    """One waits for the other, and sees what that has done."""
    del workspace
    barrier = threading.Barrier(4)

    def some(seed: int) -> None:
        chance = random.Random(seed)
        barrier.wait()
        for _ in range(8):
            plugin, cascade = chance.choice(["crm_contacts", "qr"]), chance.random() < 0.7
            try:
                with host.within("meishi_plugins"):
                    switches = host.service(PluginSwitches)
                    switches.switch(plugin, on=chance.random() < 0.5, cascade=cascade)
            except REFUSALS:
                continue

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(some, range(4)))
    host.switches.refresh()
    assert host.switches.state.epoch > 4
    assert not ("crm_contacts" in host.switches.state.off and host.is_on("qr"))
    off = host.switches.state.off
    assert "qr" in off or "crm_contacts" not in off
