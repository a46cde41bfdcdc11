"""Signals around commands that clear up after themselves."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

import pytest

from meishi.command.interruption import SIGNALS, Interruption

pytestmark = pytest.mark.once


def test_a_signal_interrupts_a_block_once() -> None:
    """What follows the first one is not interrupted again."""
    with pytest.raises(KeyboardInterrupt), Interruption():
        _told_twice()


def _told_twice() -> None:
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)


def test_what_swallows_the_interruption_does_not_undo_it() -> None:
    """It is raised anew where somebody asks for it, and at the end of the block at the latest."""
    with pytest.raises(KeyboardInterrupt), Interruption() as interruption:
        _swallowed(interruption)


def _swallowed(interruption: Interruption) -> None:
    interruption.check()
    with suppress(BaseException):
        os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        interruption.check()


def test_a_signal_at_the_very_end_changes_nothing() -> None:
    """What is over already is not interrupted."""
    with Interruption() as interruption:
        interruption.end()
        os.kill(os.getpid(), signal.SIGTERM)


def test_behind_a_block_signals_mean_what_they_meant_before() -> None:
    """A process that does not end by itself can still be ended."""
    before = [signal.getsignal(number) for number in SIGNALS]
    with Interruption():
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before
