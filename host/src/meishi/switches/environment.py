"""What the switches need of the host around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from meishi.context import Surroundings, current_scope
from meishi.switches.board import Switchboard

if TYPE_CHECKING:
    from meishi.lifecycle.loading import PluginSet


class SwitchEnvironment(Surroundings, Protocol):
    """The host, as far as the switches know it."""

    plugins: PluginSet
    switches: Switchboard


def environment() -> SwitchEnvironment:
    """Return the host of the current scope."""
    return cast("SwitchEnvironment", current_scope().host)
