"""What stands in the log beside a message."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from meishi.logs import logged, logger

Log = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> Iterator[Log]:
    """Return what was logged; the logger keeps the stream that it begins with."""
    logger.cache_clear()
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    logger.cache_clear()


def test_messages_carry_the_fields_of_the_blocks_around(log: Log) -> None:
    """Inner fields win over outer ones, a message's own over both, and none stays behind."""
    event = UUID(int=7)
    with logged(subscription="crm_graph.main", worker="w"):
        with logged(event_id=event, worker="x", workspace=None):
            logger("info").info("handler_failed")
            logger("info").info("lease_lost", worker="y")
        logger("info").info("outer")
    logger("info").info("outside")
    inner, own, outer, outside = ({**line, "timestamp": ""} for line in log())
    around = {"level": "info", "timestamp": "", "subscription": "crm_graph.main"}
    within = {**around, "event_id": str(event), "workspace": None}
    assert inner == {**within, "event": "handler_failed", "worker": "x"}
    assert own == {**within, "event": "lease_lost", "worker": "y"}
    assert outer == {**around, "event": "outer", "worker": "w"}
    assert outside == {"event": "outside", "level": "info", "timestamp": ""}


def test_a_block_that_raises_leaves_no_field_behind(log: Log) -> None:
    """What is logged later does not speak of an event that failed before."""
    with pytest.raises(ZeroDivisionError), logged(event_id=1):
        raise ZeroDivisionError
    logger("info").info("later")
    (line,) = log()
    assert "event_id" not in line


def test_threads_do_not_share_fields(log: Log) -> None:
    """Two deliveries at a time are not taken for each other."""
    with logged(subscription="one"):
        thread = threading.Thread(target=lambda: logger("info").info("elsewhere"))
        thread.start()
        thread.join()
    (line,) = log()
    assert "subscription" not in line
