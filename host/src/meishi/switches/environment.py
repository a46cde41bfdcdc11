"""What the switches need of the host around them."""

from __future__ import annotations

from typing import Protocol, cast

from meishi.context import Surroundings, current_scope
from meishi.lifecycle.turns import TurningHost
from meishi.switches.board import Switchboard


class SwitchEnvironment(Surroundings, TurningHost, Protocol):
    """The host, as far as the switches know it."""

    switches: Switchboard


def environment() -> SwitchEnvironment:
    """Return the host of the current scope."""
    return cast("SwitchEnvironment", current_scope().host)
