"""Wiring: what the active plugins supply is registered with who acts on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from meishi.calls.registry import CallRegistry
from meishi.core.operations.contract import Operations
from meishi.declarations import PluginContext
from meishi.events.catalogue import EventCatalogue
from meishi.events.merging import all_handlers
from meishi.events.signals import EventSignals
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.loading import PluginSet
from meishi.remote.operations import OPERATIONS, OperationsEverywhere, service_operations
from meishi.remote.way import Ways
from meishi.settings import Settings


class UnwiredHost(Protocol):
    """The host, as far as it acts on what plugins supply."""

    settings: Settings
    plugins: PluginSet
    calls: CallRegistry
    catalogue: EventCatalogue
    signals: EventSignals
    ways: Ways
    new_id: Callable[[], UUID]

    @property
    def clock(self) -> Callable[[], datetime]:
        """What time it is."""


def _look_elsewhere(host: UnwiredHost, active: Sequence[Contribution]) -> None:
    """Have the main deployment find the operations of its services, too."""
    services = () if host.settings.only else service_operations(active, host.ways)
    if services and host.plugins.is_active(OPERATIONS):

        def everywhere(here: Operations) -> Operations:
            return OperationsEverywhere(here, services)

        host.calls.stand_before(Operations, everywhere)


def register_all(host: UnwiredHost) -> None:
    """Register services, event types and listeners, in the order of the plugins' dependencies."""
    active = list(host.plugins.active())
    for contribution in active:
        context = PluginContext(
            plugin=contribution.plugin,
            settings=contribution.settings,
            clock=host.clock,
            new_id=host.new_id,
            public_url=host.settings.reachable_url,
        )
        for service in contribution.services:
            if contribution.placement is None:
                host.calls.register(service, context)
            else:
                way = host.ways.to(contribution.placement)
                host.calls.place(service.protocol, contribution.plugin, way)
        for event in contribution.event_types:
            host.catalogue.add(contribution.plugin, event)
    _look_elsewhere(host, active)
    for contribution, handlers in all_handlers(active, host.plugins.extensions):
        for handler in handlers:
            host.signals.connect(contribution.plugin, handler)
