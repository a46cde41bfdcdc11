"""The watch over calls: whoever passes a limit ends the process, and it is known who it was."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meishi.events.watching import ENDED, CallWatch, has_run, read_aftermath

pytestmark = pytest.mark.no_calls

#: What every program begins with. `PyDLL` calls C without giving the interpreter back.
_HEAD = """
import ctypes, os, signal, sys, threading, time
from meishi.events.watching import CallWatch

C = ctypes.PyDLL(None)
watch = CallWatch(os.fdopen(int(sys.argv[1]), "r+b", buffering=0))
watch.start()

def beside(label, seconds, function):
    begun = threading.Event()
    def call():
        with watch.calling(label, seconds):
            begun.set()
            function()
    threading.Thread(target=call, daemon=True).start()
    begun.wait()

def hang_around():
    threading.Event().wait()

"""


@dataclass(frozen=True)
class Aftermath:
    """How a program ended, and what it left."""

    code: int
    guilty: str | None
    error: str


def run(program: str) -> Aftermath:
    """Run a program in a process of its own, as a worker runs handlers."""
    with tempfile.TemporaryFile(buffering=0) as file:
        command = [sys.executable, "-c", _HEAD + dedent(program), str(file.fileno())]
        ended = subprocess.run(
            command, pass_fds=[file.fileno()], stderr=subprocess.PIPE, timeout=360, check=False
        )
        assert b"Traceback" not in ended.stderr
        return Aftermath(ended.returncode, *read_aftermath(file))


def test_a_call_that_keeps_its_limit_leaves_nothing() -> None:
    """A process whose calls have all ended goes on to its own end."""
    end = run("""
        for number in range(2000):
            with watch.calling(f"call {number}", 5):
                pass
        with watch.calling("short", 0.8):
            pass
        time.sleep(2.5)
    """)
    assert end == Aftermath(0, None, "")


def test_a_call_that_hangs_in_python_ends_the_process() -> None:
    """Its label and the line on which it hung are known."""
    end = run("""
        with watch.calling("crm_graph.main 7", 0.3):
            hang_around()
    """)
    assert (end.code, end.guilty) == (ENDED, "crm_graph.main 7")
    assert end.error.startswith("The call did not end within its limit.")
    assert "in hang_around" in end.error


def test_a_call_that_never_gives_the_interpreter_back_ends_the_process() -> None:
    """Where no other thread of Python runs any more, the switch outside of it does its work."""
    end = run("""
        beside("in time", 50, hang_around)
        with watch.calling("in C", 0.3):
            C.pause()
    """)
    assert (end.code, end.guilty) == (ENDED, "in C")
    assert "let nothing else of the process run" in end.error
    assert "in <module>" in end.error
    assert "hang_around" not in end.error


def test_of_several_calls_the_one_that_passed_its_limit_is_to_blame() -> None:
    """Neither the call that began first nor the last one is, but the one whose limit it was."""
    end = run("""
        beside("first", 50, hang_around)
        beside("second", 0.5, hang_around)
        with watch.calling("third", 40):
            time.sleep(60)
    """)
    assert (end.code, end.guilty) == (ENDED, "second")
    assert "in hang_around" in end.error
    assert "time.sleep" not in end.error


@pytest.mark.parametrize("crash", ["ctypes.string_at(0)", "C.abort()"])
def test_a_crash_names_the_call_that_crashed(crash: str) -> None:
    """The thread that crashed is to blame, though another one's limit comes sooner."""
    end = run(f"""
        beside("innocent", 20, hang_around)
        with watch.calling("broken", 50):
            {crash}
    """)
    assert end.code < 0
    assert end.guilty == "broken"
    assert end.error.startswith("Fatal Python error: ")
    assert "hang_around" not in end.error


def test_a_crash_outside_of_calls_blames_nobody() -> None:
    """A thread that calls no handler has a trace, but no label."""
    end = run("""
        beside("innocent", 50, hang_around)
        ctypes.string_at(0)
    """)
    assert end.guilty is None
    assert "Segmentation fault" in end.error


@pytest.mark.parametrize("death", ["os._exit(7)", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_a_death_without_a_trace_blames_nobody(death: str) -> None:
    """Who was ended from outside, or without a word, leaves no word."""
    end = run(f"""
        with watch.calling("perhaps", 50):
            {death}
    """)
    assert end.code in {7, -9}
    assert (end.guilty, end.error) == (None, "")


@pytest.mark.parametrize("hang", ["hang_around()", "C.pause()"])
def test_an_end_that_was_asked_for_comes_and_blames_nobody(hang: str) -> None:
    """Who is to end does so in its time, whatever hangs, and no call's limit was passed."""
    end = run(f"""
        watch.end_within(0.3)
        with watch.calling("innocent", 50):
            {hang}
    """)
    assert (end.code, end.guilty) == (ENDED, None)


def test_a_short_limit_that_was_kept_does_not_end_a_long_call() -> None:
    """The switch follows the calls, also where the next one lets nobody move it any more."""
    end = run("""
        with watch.calling("short", 1):
            pass
        with watch.calling("long", 50):
            C.usleep(3_000_000)
    """)
    assert end == Aftermath(0, None, "")


def test_a_limit_ends_where_the_clock_says() -> None:
    """Not a moment before its deadline is a call late."""
    now = 100.0
    with tempfile.TemporaryFile(buffering=0) as file:
        watch = CallWatch(file, clock=lambda: now)
        with watch.calling("one", 5):
            now = 104.9
            assert watch.overdue() is None
            now = 105.0
            late = watch.overdue()
            assert late is not None
            assert late.label == "one"
        assert watch.overdue() is None


def test_a_process_that_never_watched_has_left_nothing() -> None:
    """An empty file is one of a process that ended while it was still being started."""
    with tempfile.TemporaryFile(buffering=0) as file:
        assert not has_run(file)
        assert read_aftermath(file) == (None, "")
        CallWatch(file)
        assert has_run(file)
        assert read_aftermath(file) == (None, "")


def test_more_calls_than_the_table_holds_are_watched_all_the_same() -> None:
    """The table keeps those whose limits come first."""
    end = run("""
        threading.stack_size(64 * 1024)
        for number in range(300):
            beside(f"{number} " + "x" * 500, 50, hang_around)
        with watch.calling("the first limit", 0.5):
            hang_around()
    """)
    assert (end.code, end.guilty) == (ENDED, "the first limit")


_LINES = st.sampled_from([
    b"Overdue 0x1f\n", b"Overdue 0x\n", b"Timeout (0:00:01)!\n", b"Current thread 0x1f:\n",
    b"Thread 0x1f (most recent call first):\n", b'  File "a.py", line 1 in f\n', b"\n", b"\0",
    b'[{"deadline":1.0,"thread":31,"label":"a"}]\n', b"[null]\n", b"[]\n", b"\xff" * 70000,
])  # fmt: skip


@given(st.lists(st.one_of(_LINES, st.binary(max_size=40)), max_size=12).map(b"".join))
def test_whatever_a_dying_process_wrote_is_read(content: bytes) -> None:
    """No remains of a file raise, and none lead to text that PostgreSQL refuses."""
    label, error = read_aftermath(io.BytesIO(content))
    assert label is None or "a" in label
    assert "\0" not in error
    error.encode()
