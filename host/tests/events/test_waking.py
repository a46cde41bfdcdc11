"""Word of a commit: it reaches the one who listens, and hinders nobody."""

# ruff: noqa: PT012 (a unit of work that must fail is a block)

from __future__ import annotations

import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from meishi.context import Scope, enter_scope
from meishi.events.waking import WakeListener, Waker
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Bus, ThingMade


def wake(home: Path) -> None:
    """Wake whoever listens, as a process that has not done so before."""
    with closing(Waker(home)) as waker:
        waker.wake()


def hears(listener: WakeListener, *, seconds: float = 0) -> bool:
    """Whether there was word since the last look."""
    heard = bool(select.select([listener], [], [], seconds)[0])
    listener.drain()
    return heard


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder that nobody has made yet."""
    return tmp_path / "home"


@pytest.fixture
def listener(home: Path) -> Iterator[WakeListener]:
    """The one who listens."""
    with closing(WakeListener(home)) as found:
        yield found


def test_word_arrives_once(home: Path, listener: WakeListener) -> None:
    """After any number of commits there is one thing to look at, and then none."""
    assert listener.bound
    assert not hears(listener)
    wake(home)
    wake(home)
    assert hears(listener)
    assert not hears(listener)


def test_the_socket_is_its_owners_alone(home: Path, listener: WakeListener) -> None:
    """No other account of the machine keeps the worker busy."""
    assert (home / "worker.sock").stat().st_mode & 0o777 == 0o600


def test_a_deaf_listener_holds_nobody_up(home: Path, listener: WakeListener) -> None:
    """A committer neither waits nor fails when more word is waiting than there is room for."""
    for _ in range(3000):
        wake(home)
    assert hears(listener)
    assert not hears(listener)


@pytest.mark.parametrize("made", [True, False])
def test_where_nobody_listens_nothing_happens(home: Path, made: bool) -> None:
    """Without a listener, or without a folder, to wake means nothing."""
    if made:
        WakeListener(home).close()
    wake(home)


def test_where_nothing_can_be_written_nobody_listens(tmp_path: Path) -> None:
    """A worker without a folder of its own works without word of commits."""
    file = tmp_path / "file"
    file.touch()
    with closing(WakeListener(file / "home")) as listener:
        assert not listener.bound
        assert not hears(listener)


def test_the_folders_path_may_be_long(tmp_path: Path) -> None:
    """What the system takes as a socket's path does not limit the data folder's."""
    home = tmp_path / ("a" * 100) / ("b" * 100)
    with closing(WakeListener(home)) as listener:
        assert listener.bound
        wake(home)
        assert hears(listener)


def test_one_listens_and_the_next_takes_its_place(home: Path, listener: WakeListener) -> None:
    """A second one hears nothing until the first has closed."""
    with closing(WakeListener(home)) as second:
        assert not second.bound
        wake(home)
        assert not hears(second)
        assert hears(listener)
        listener.close()
        assert not hears(second)
        assert second.bound
        wake(home)
        assert hears(second)


def test_a_killed_listener_is_replaced(home: Path) -> None:
    """The socket that it leaves behind keeps nobody from listening."""
    program = (
        "import sys, time; from pathlib import Path\n"
        "from meishi.events.waking import WakeListener\n"
        "listener = WakeListener(Path(sys.argv[1]))\n"
        "print(listener.bound, flush=True); time.sleep(60)"
    )
    first = subprocess.Popen([sys.executable, "-c", program, str(home)], stdout=subprocess.PIPE)
    assert first.stdout is not None
    assert first.stdout.readline() == b"True\n"
    with closing(WakeListener(home)) as second:
        assert not second.bound
        first.kill()
        first.communicate()
        assert (home / "worker.sock").exists()
        assert not hears(second)
        assert second.bound
        wake(home)
        assert hears(second)


def test_whoever_waits_can_be_interrupted(home: Path, listener: WakeListener) -> None:
    """From then on nobody waits any more, whether one has heard anything or not."""
    with closing(WakeListener(home)) as second:
        for one in (listener, second):
            one.interrupt()
            assert hears(one)
            assert hears(one)


@pytest.fixture
def here(workspace: WorkspaceUnderTest) -> Iterator[WakeListener]:
    """The one who listens in the data folder of the application."""
    with closing(WakeListener(workspace.host.settings.home)) as found:
        yield found


def publishing(bus: Bus, scope: Scope) -> None:
    """Publish something as the plugin that owns it."""
    with scope.work.entered("crm_contacts"):
        bus.publish(ThingMade(thing="a"))


def test_a_commit_with_events_wakes(
    workspace: WorkspaceUnderTest, bus: Bus, here: WakeListener
) -> None:
    """Word goes out when the events can be read, and not before."""
    with workspace.host.scope(workspace=workspace.id) as scope:
        publishing(bus, scope)
        assert not hears(here)
    assert hears(here)


def test_a_commit_aside_with_events_wakes(
    workspace: WorkspaceUnderTest, bus: Bus, here: WakeListener
) -> None:
    """A transaction of its own beside another one sends word as any other."""
    with workspace.host.scope(workspace=workspace.id) as scope:
        with enter_scope(scope.aside()) as beside:
            publishing(bus, beside)
        assert hears(here)
    assert not hears(here)


def test_a_commit_without_events_wakes_nobody(
    workspace: WorkspaceUnderTest, here: WakeListener
) -> None:
    """Where nothing was published there is nothing to look for."""
    with workspace.host.scope(workspace=workspace.id) as scope:
        scope.work.execute("SELECT 1")
    assert not hears(here)


def test_what_was_undone_wakes_nobody(
    workspace: WorkspaceUnderTest, bus: Bus, here: WakeListener
) -> None:
    """Events of a transaction that ended in an error were never there."""
    with pytest.raises(ZeroDivisionError), workspace.host.scope(workspace=workspace.id) as scope:
        publishing(bus, scope)
        raise ZeroDivisionError
    assert not hears(here)


def test_a_commit_that_fails_wakes_nobody(
    workspace: WorkspaceUnderTest, bus: Bus, here: WakeListener
) -> None:
    """Word goes out only after the database has said that the events are kept."""
    with (
        pytest.raises(DBAPIError, match="division by zero"),
        workspace.host.scope(workspace=workspace.id) as scope,
    ):
        publishing(bus, scope)
        scope.work.ending.at_commit("SELECT 1 / 0")
    assert not hears(here)
