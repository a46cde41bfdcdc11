"""What a host knows of its plugins' standing: which are on, and which are left alone for now."""

from __future__ import annotations

from functools import partial
from typing import cast
from uuid import UUID

from meishi.calls.registry import CallRegistry
from meishi.lifecycle.loading import PluginSet
from meishi.moves.board import PlaceBoard
from meishi.moves.taking import expected_charges
from meishi.remote.errors import RemoteCallError
from meishi.settings import Settings
from meishi.switches.board import Switchboard
from meishi.switches.charges import AskingHost, read_standings

#: Why a plugin is left alone.
_MOVING = "it is being moved"


class Standings:
    """The part of a host that tells who works for plugins, and where they are on."""

    settings: Settings
    plugins: PluginSet
    calls: CallRegistry
    switches: Switchboard
    places: PlaceBoard

    def is_on(self, plugin: str, workspace: UUID | None = None) -> bool:
        """Whether an active plugin is switched on, in a workspace or for the deployment.

        One that is left alone as it is being moved counts as off.
        """
        return plugin not in self.places.held and self.switches.is_on(plugin, workspace)

    def is_held(self, plugin: str) -> bool:
        """Whether a plugin is left alone for now, as it is being moved."""
        return plugin in self.places.held

    def is_moving(self, plugin: str) -> bool:
        """Whether a plugin is being moved, so that nothing new is begun for it."""
        return plugin in self.places.moving

    def refuse_held(self, plugin: str) -> None:
        """Raise `RemoteCallError` if a plugin is left alone for now."""
        if plugin in self.places.held:
            raise RemoteCallError(plugin, "it", _MOVING, may_have_happened=False)

    def renew_places(self) -> None:
        """Read anew who works for plugins, once plugins and database are known."""
        self.places = PlaceBoard(partial(read_standings, cast("AskingHost", self)))
        expected = expected_charges(self.plugins, self.settings)
        self.places.expect(expected, waits=bool(self.settings.only))
