"""What the exports need of the host around them."""

from __future__ import annotations

from typing import Protocol, cast

from meishi.context import Surroundings, current_scope
from meishi.lifecycle.loading import PluginSet


class ExportEnvironment(Surroundings, Protocol):
    """The host, as far as the exports know it."""

    plugins: PluginSet


def environment() -> ExportEnvironment:
    """Return the host of the current scope."""
    return cast("ExportEnvironment", current_scope().host)
