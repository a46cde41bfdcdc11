"""Signals around commands that clear up after themselves."""

from __future__ import annotations

import os
import signal

import pytest

from meishi.command.interruption import SIGNALS, Interruption


def test_a_signal_interrupts_a_block_once() -> None:
    """What follows the first one is not interrupted again."""
    with Interruption():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)


def test_behind_a_block_signals_mean_what_they_meant_before() -> None:
    """A process that does not end by itself can still be ended."""
    before = [signal.getsignal(number) for number in SIGNALS]
    with Interruption():
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before
