"""What the search needs of the host around it."""

from __future__ import annotations

from typing import Protocol, cast

from meishi.context import Surroundings, current_scope
from meishi.lifecycle.loading import PluginSet


class SearchEnvironment(Surroundings, Protocol):
    """The host, as far as the search knows it."""

    plugins: PluginSet


def environment() -> SearchEnvironment:
    """Return the host of the current scope."""
    return cast("SearchEnvironment", current_scope().host)
