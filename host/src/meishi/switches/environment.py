"""What the switches need of the host around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from meishi.context import Surroundings, current_scope
from meishi.lifecycle.turns import TurningHost
from meishi.switches.board import Switchboard

if TYPE_CHECKING:
    from meishi.database.standing import Standing
    from meishi.lifecycle.contribution import Contribution
    from meishi.lifecycle.states import PluginStatus


class SwitchEnvironment(Surroundings, TurningHost, Protocol):
    """The host, as far as the switches know it."""

    switches: Switchboard

    def statuses(self) -> dict[str, PluginStatus]:
        """Return the states of all plugins."""
        ...

    def standing(self, contribution: Contribution) -> Standing:
        """Return where a plugin's tables stand."""
        ...


def environment() -> SwitchEnvironment:
    """Return the host of the current scope."""
    return cast("SwitchEnvironment", current_scope().host)
