"""Services that live as long as the process: one object for all units of work."""

# ruff: noqa: D102 (methods say what they do)

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol, Self

import pytest

from meishi.calls.failures import CallFailed
from meishi.calls.registry import CallRegistry
from meishi.clock import utc_now
from meishi.context import NoScope, current_scope
from meishi.declarations import Lifetime, PluginContext, Service
from meishi.host import Host
from meishi.sdk.contract import query
from meishi.sdk.database import current_connection
from meishi.settings import CallMode
from meishi.testing.fixtures import WorkspaceUnderTest

BOTH = pytest.mark.parametrize("mode", list(CallMode))


class Counting(Protocol):
    """A contract of the QR generator in these tests."""

    @query()
    def number(self) -> int: ...

    @query()
    def role(self) -> str: ...


class CountingService:
    """Implements `Counting`; a context manager, as clients of other servers are."""

    def __init__(self, context: PluginContext) -> None:
        self.calls = 0
        self.entered = False
        self.plugin = context.plugin

    def __enter__(self) -> Self:
        self.entered = True
        return self

    def __exit__(self, *_: object) -> None:
        self.calls = -1

    def number(self) -> int:
        assert not self.entered
        self.calls += 1
        return self.calls

    def role(self) -> str:
        return str(current_connection().exec_driver_sql("SELECT current_user").scalar_one())


Offer = Callable[[CallMode, Callable[[PluginContext], object]], Counting]


@pytest.fixture
def offer(host: Host, monkeypatch: pytest.MonkeyPatch) -> Offer:
    """Offer a service for the whole process, and return it as callers get it."""

    def with_factory(mode: CallMode, factory: Callable[[PluginContext], object]) -> Counting:
        registry = CallRegistry(mode)
        context = PluginContext(
            plugin="qr", settings={}, clock=utc_now, new_id=host.new_id, public_url="http://x"
        )
        registry.register(Service(Counting, factory, Lifetime.APPLICATION), context)
        monkeypatch.setattr(host, "calls", registry)
        return registry.get(Counting)

    return with_factory


@BOTH
def test_one_object_serves_all_units_of_work(
    workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest, offer: Offer, mode: CallMode
) -> None:
    """It is made for the first, given the plugin's context, and neither entered nor left."""
    made: list[CountingService] = []

    def make(context: PluginContext) -> CountingService:
        made.append(CountingService(context))
        return made[-1]

    service = offer(mode, make)
    assert made == []
    for number, place in enumerate((workspace, other_workspace, workspace), start=1):
        with place.acting_as("crm_contacts"):
            assert service.number() == number
            assert service.role() == "meishi_test_qr_run"
    assert [item.plugin for item in made] == ["qr"]


def test_threads_that_come_first_together_get_one_object(
    workspace: WorkspaceUnderTest, offer: Offer
) -> None:
    """One makes it, the others wait for it."""
    made: list[CountingService] = []
    begun = threading.Event()
    numbers: list[int] = []

    def make(context: PluginContext) -> CountingService:
        made.append(CountingService(context))
        begun.wait(5)
        return made[-1]

    service = offer(CallMode.LOCAL, make)

    def call() -> None:
        with workspace.acting_as("crm_contacts"):
            numbers.append(service.number())

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    while not made:
        threads[0].join(0.01)
    begun.set()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert len(numbers) == 4


@BOTH
def test_what_lives_on_cannot_keep_a_unit_of_work(
    workspace: WorkspaceUnderTest, offer: Offer, mode: CallMode
) -> None:
    """The factory runs outside of any; where it raises, the call fails, and the next tries anew."""
    kept: list[Any] = []

    def make(context: PluginContext) -> CountingService:
        if not kept:
            kept.append("a first time")
            kept.append(current_scope())
        return CountingService(context)

    service = offer(mode, make)
    with workspace.acting_as("crm_contacts"):
        with pytest.raises(CallFailed) as failure:
            service.number()
        assert isinstance(failure.value.__cause__, NoScope)
        assert kept == ["a first time"]
        assert service.number() == 1
