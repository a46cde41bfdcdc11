"""The limit of time for loading a plugin: who is interrupted, where, and what is left as it was."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

import pytest

from meishi.lifecycle import deadline
from meishi.lifecycle.deadline import Deadline, DeadlineMissed
from meishi.lifecycle.loading import _import, load_plugins
from meishi.settings import load_settings
from meishi.testing.packages import PluginPackages

pytestmark = pytest.mark.no_calls

SOON = 0.05
HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def _alarm() -> Iterator[None]:
    """Nothing of an alarm outlives a test."""
    yield
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert {signal.getsignal(signal.SIGALRM), signal.getsignal(signal.SIGURG)} == {signal.SIG_DFL}
    assert "deadline" not in {thread.name for thread in threading.enumerate()}


def insist() -> None:
    """Wait, let nobody interrupt it, and raise an error once nobody tries any more."""
    while True:
        try:
            time.sleep(30)
        except BaseException:  # noqa: BLE001 (what the deadline has to cope with)
            continue
        raise RuntimeError("nobody came between two rounds")


def test_a_loop_that_catches_everything_ends() -> None:
    """Interruptions are repeated until one comes between two rounds."""
    with pytest.raises(DeadlineMissed) as caught, Deadline(SOON, HERE):
        insist()
    assert not isinstance(caught.value.__cause__, RuntimeError)


def test_a_block_that_swallows_the_interruption_has_still_missed_its_deadline() -> None:
    """Whether it goes on, or raises something else, the reason is the time that it took."""
    for raised in (None, RuntimeError("no answer")):
        with pytest.raises(DeadlineMissed, match=r"loading did not end within 0\.05 s"):
            swallow(raised)


def swallow(raised: Exception | None) -> None:
    """Catch the interruption, and go on or raise an error."""
    with Deadline(SOON, HERE):
        try:
            time.sleep(60)
        except BaseException:  # noqa: BLE001 (what the deadline has to cope with)
            if raised is not None:
                raise raised from None


def test_the_message_says_what_was_done_and_where() -> None:
    """The line is the innermost of the folder, though the time is spent outside of it."""
    line = late.__code__.co_firstlineno + 2
    limit = Deadline(1000, HERE)
    limit.step = "waiting"
    with pytest.raises(DeadlineMissed) as caught, limit:
        late()
    place = f"lifecycle/test_deadline.py:{line}"
    assert str(caught.value) == f"waiting did not end within 1000 s (it was at {place})"


def late() -> None:
    """Let the alarm ring, as if the time were over."""
    signal.raise_signal(signal.SIGALRM)


def test_an_alarm_that_rings_at_once_ends_the_block_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the limit needs is there before its time begins, however long that takes."""
    begin = threading.Thread.start

    def start(thread: threading.Thread) -> None:
        begin(thread)
        time.sleep(3 * SOON)

    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(DeadlineMissed), Deadline(SOON, HERE):
        insist()


def test_the_former_alarm_is_set_again() -> None:
    """Handler and timer of somebody else come back, with what is left of their time."""
    rung = threading.Event()
    former = signal.signal(signal.SIGALRM, lambda *_: rung.set())
    try:
        signal.setitimer(signal.ITIMER_REAL, 500, 7)
        with Deadline(100, HERE):
            assert signal.getitimer(signal.ITIMER_REAL)[0] <= 100
        left, interval = signal.getitimer(signal.ITIMER_REAL)
        assert (100 < left <= 500, interval) == (True, 7)
        signal.raise_signal(signal.SIGALRM)
        assert rung.is_set()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def test_another_thread_has_no_deadline() -> None:
    """Where signals cannot reach, the block runs as it is, and leaves the alarm alone."""
    done: list[str] = []

    def load() -> None:
        with Deadline(0.001, HERE):
            time.sleep(0.01)
            done.append("loaded")

    thread = threading.Thread(target=load)
    thread.start()
    thread.join()
    assert done == ["loaded"]


def test_the_import_system_is_not_interrupted(
    packages: PluginPackages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An alarm while it works around a plugin's code leaves no module half imported."""
    packages.add("shop")
    monkeypatch.setattr(deadline, "GRACE", 1000)
    limit, rung = Deadline(1000, HERE), set[str]()

    def ring(frame: FrameType, event: str, _: object) -> None:
        # The function that puts a module where others find it, and takes it out if it fails.
        if frame.f_code.co_name == "_load_unlocked":
            rung.add(event)
            limit._ring(signal.SIGALRM, frame)

    with pytest.raises(DeadlineMissed), limit, profiled(ring):
        _import("shop.plugin", limit)
    assert {"call", "return"} <= rung
    assert "shop.plugin" in sys.modules


@contextmanager
def profiled(listen: Callable[[FrameType, str, object], None]) -> Iterator[None]:
    """Tell somebody of each call and return in a block."""
    sys.setprofile(listen)
    try:
        yield
    finally:
        sys.setprofile(None)


def test_a_plugin_that_hangs_leaves_no_hook_behind(packages: PluginPackages) -> None:
    """What was registered before it hung is not held against the plugins after it."""
    code = "from meishi.sdk.plugin import hookimpl\n@hookimpl\ndef routes():\n    while True: ...\n"
    packages.add("kiosk", plugin=code)
    packages.add("shop")
    settings = load_settings(environment={}, overrides={"plugins": ("kiosk", "shop")})
    plugins = load_plugins(replace(settings, plugin_load_seconds=1))
    assert plugins.statuses["shop"].state.value == "active"
    assert plugins.statuses["kiosk"].reason == (
        "hook `routes` did not end within 1 s (it was at kiosk/plugin.py:4)"
    )
