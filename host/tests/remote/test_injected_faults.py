"""Faults that runs of tests have happen between two sides: each does happen, and harms nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from meishi.calls.registry import CallRegistry
from meishi.clock import utc_now
from meishi.placement import Placement
from meishi.remote.clocks import DeploymentClock
from meishi.remote.line import Line
from meishi.remote.way import Way
from meishi.settings import CallMode
from meishi.testing.faults import VARIABLE, Fault, Faults

from .conftest import TOKEN, Split, reserved_port, served, url_of

CLOCK = DeploymentClock(utc_now, follows=False)

Behind = Callable[[Faults], Any]


@pytest.fixture
def behind(split: Split) -> Iterator[Behind]:
    """Makes what stands for the bakery behind a line on which faults happen."""
    from bakery.contract import Shelf  # type: ignore[import-not-found]

    with ExitStack() as stack:

        def made(faults: Faults) -> Any:
            at = stack.enter_context(reserved_port())
            stack.enter_context(served(faults.between(split.service), at))
            line = Line(Placement(url=url_of(at), token=TOKEN, seconds=20), clock=CLOCK)
            stack.callback(line.close)
            calls = CallRegistry(CallMode.LOCAL)
            calls.place(Shelf, "bakery", Way(line))
            return calls.get(Shelf)

        yield made


@pytest.mark.parametrize(
    "kinds", [(Fault.TWICE,), (Fault.LOST,), (Fault.SLOW,), (Fault.TWICE, Fault.LOST, Fault.SLOW)]
)
def test_whatever_happens_on_the_line_a_command_is_done_once(
    behind: Behind, acting: Any, kinds: tuple[Fault, ...]
) -> None:
    """The caller has its answer, and each fault has happened to command and query."""
    from bakery.contract import Sale

    waited: list[float] = []
    faults = Faults(kinds, pause=waited.append)
    shelf = behind(faults)
    assert shelf.sell("vase") == Sale("vase", 1)
    assert shelf.sell("vase") == Sale("vase", 1)
    assert shelf.count() == 2
    assert set(faults.happened) == set(kinds)
    assert min(faults.happened.values()) >= 3
    assert bool(waited) == (Fault.SLOW in kinds)


def test_without_faults_nothing_stands_between(split: Split) -> None:
    """A run that names none has the application itself."""
    assert Faults.of({}).between(split.service) is split.service
    assert Faults.of({VARIABLE: "clocks"}).between(split.service) is split.service
    assert Faults.of({VARIABLE: "twice, lost"}).kinds == {Fault.TWICE, Fault.LOST}
    with pytest.raises(ValueError, match="thrice"):
        Faults.of({VARIABLE: "thrice"})


def test_the_clock_of_a_service_is_ahead(split: Split) -> None:
    """By minutes, and that of the main deployment is right."""
    faults = Faults({Fault.CLOCKS})
    ahead = faults.seams(replace(split.service_host.settings))["clock"]() - utc_now()
    assert ahead > timedelta(minutes=5)
    assert faults.seams(split.host.settings) == {}
