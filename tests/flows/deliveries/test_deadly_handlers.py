"""A handler that hangs or ends its process is found, parked and told of; all else flows."""

from __future__ import annotations

import pytest
from tests.processes import wait_until

from meishi.events.log import slot_of

from .conftest import Mirrors, MirrorsWith
from .tallies import MIRRORS

pytestmark = pytest.mark.once

HEALTHY = [f"healthy-{number}" for number in range(6)]

_ACTS = """
import ctypes, os, re, signal, time


ATTEMPTS, LIMIT_SECONDS = {attempts}, {limit}

def hangs():
    time.sleep(3600)
def hangs_without_python():
    re.match("(a+)+$", "a" * 64 + "b")
def crashes():
    ctypes.string_at(0)
def kills_itself():
    os.kill(os.getpid(), signal.SIGKILL)
def exits_at_once():
    os._exit(3)
def is_slow():
    time.sleep(1)
def exits_soon():
    time.sleep(0.5)
    os._exit(3)

ACTS = {{act.__name__: act
        for act in (hangs, hangs_without_python, crashes, kills_itself, exits_at_once, exits_soon,
                    is_slow)}}

def act(event):
    ACTS.get(event.key.partition("-")[0], str)()
"""

#: What an operator reads of calls that leave a trace, from which their handler is known.
TRACED = {
    "hangs": ("did not end within its limit", "in hangs"),
    "hangs_without_python": ("let nothing else of the process run", "in hangs_without_python"),
    "crashes": ("Segmentation fault", "in crashes"),
}
TRACELESS = ["kills_itself", "exits_at_once"]


def test_a_call_that_ends_its_process_is_parked_with_its_trace(mirrors_with: MirrorsWith) -> None:
    """Hanging, without the interpreter too, or crashing: the operator reads where."""
    mirrors = mirrors_with(_ACTS.format(attempts=1, limit=10.0))
    with mirrors.worker():
        _publish(mirrors, [*TRACED])
    parked = mirrors.parked()
    for key, parts in TRACED.items():
        error = parked[key][0][1]
        assert all(part in error for part in parts), error
        assert 'acts.py"' in error


def test_a_call_that_leaves_no_trace_is_found_all_the_same(mirrors_with: MirrorsWith) -> None:
    """What was being attempted when processes ended without a word is tried alone, then parked."""
    mirrors = mirrors_with(_ACTS.format(attempts=2, limit=30.0))
    with mirrors.worker("--processes", "2"):
        _publish(mirrors, TRACELESS)
    parked = mirrors.parked()
    for key in TRACELESS:
        assert "ended without a word" in parked[key][0][1]


def test_what_is_slow_is_not_given_up_beside_what_ends_processes(
    mirrors_with: MirrorsWith,
) -> None:
    """Calls that run whenever a process ends are suspects, too; each gets its try alone."""
    mirrors = mirrors_with(_ACTS.format(attempts=1, limit=30.0))
    slow, deadly = ["is_slow-0", "is_slow-4", "is_slow-5"], "exits_soon"
    assert len({slot_of(key) % 4 for key in (*slow, deadly)}) == 4
    with mirrors.worker():
        mirrors.publish(*slow, deadly)
        wait_until(lambda: mirrors.states() == {deadly: ["dead"]}, "only the deadly one is dead")
        wait_until(
            lambda: all(mirrors.numbers(key, mirror) for key in slow for mirror in MIRRORS),
            "others flow",
        )
    for key in slow:
        assert [mirrors.numbers(key, mirror) for mirror in MIRRORS] == [[1]] * len(MIRRORS)


def _publish(mirrors: Mirrors, bad: list[str]) -> None:
    """Raise tallies of bad and healthy keys, until only the bad ones are given up."""
    mirrors.publish(*bad)
    for _ in range(2):
        mirrors.publish(*HEALTHY)
    wait_until(lambda: mirrors.states().keys() == {*bad}, "the bad ones are parked")
    wait_until(lambda: mirrors.states() == {key: ["dead"] for key in bad}, "the bad ones are dead")
    shown = "SELECT count(*) FROM mirror.effect WHERE key = ANY (%s)"
    wait_until(
        lambda: mirrors.system.rows(shown, [HEALTHY]) == [(3 * 2 * len(HEALTHY),)], "others flow"
    )
    for key in HEALTHY:
        assert [mirrors.numbers(key, mirror) for mirror in MIRRORS] == [[1, 2]] * len(MIRRORS)
    mirrors.publish(*bad)
    wait_until(lambda: mirrors.states() == {key: ["dead", "held"] for key in bad}, "all wait")
