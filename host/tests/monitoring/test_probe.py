"""Asking without waiting: what came too late is late, whenever one looks."""

from __future__ import annotations

import pytest

from meishi.monitoring.probe import Asking, Late

pytestmark = pytest.mark.no_calls


def test_an_answer_that_came_late_is_no_answer() -> None:
    """Who looks after the end learns the same as who waited; within the limit it counts."""
    asking = Asking(lambda: 7, "a probe")
    assert asking.answer(60) == 7
    with pytest.raises(Late):
        asking.answer(0)


def test_what_is_raised_reaches_who_asks() -> None:
    """Even what would end a process."""

    def leave() -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        Asking(leave, "a probe").answer(60)
