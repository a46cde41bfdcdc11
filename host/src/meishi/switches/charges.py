"""Who works for a plugin, across processes: a service asks the main deployment."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol, cast

from meishi.calls.registry import CallRegistry
from meishi.context import Scope, current_scope
from meishi.declarations import PluginContext
from meishi.sdk.contract import query
from meishi.settings import Settings
from meishi.switches.models import DB_SCHEMA
from meishi.switches.places import Charge, Standing, read_places, standings

_AT_MAIN = Standing(charge=Charge.MAIN)


class AskingHost(Protocol):
    """The host, as far as it can be asked who works for a plugin."""

    settings: Settings
    calls: CallRegistry

    def scope(self) -> AbstractContextManager[Scope]:
        """Run a block as one unit of work."""
        ...

    def within(self, plugin: str) -> AbstractContextManager[Scope]:
        """Run a block as one unit of work of a part of the host."""
        ...


class Charges(Protocol):
    """What services ask the main deployment again and again."""

    @query()
    def of(self, plugin: str) -> Standing:
        """Return who works for a plugin now."""
        ...


class ChargeService:
    """Implements `Charges`."""

    def __init__(self, context: PluginContext) -> None:
        self._plugin = context.plugin

    def of(self, plugin: str) -> Standing:
        """Return who works for a plugin now."""
        scope = current_scope()
        placed = cast("AskingHost", scope.host).settings.placements
        return standings(read_places(scope.work), placed).get(plugin, _AT_MAIN)


def read_standings(host: AskingHost) -> Mapping[str, Standing]:
    """Return who works for the plugins that were moved, or are placed by settings.

    A service has no such table, and asks who has, of its own plugins alone.
    """
    if host.settings.only:
        with host.scope():
            charges = host.calls.get(Charges)
            return {plugin: charges.of(plugin) for plugin in host.settings.only}
    with host.within(DB_SCHEMA) as scope:
        return standings(read_places(scope.work), host.settings.placements)
