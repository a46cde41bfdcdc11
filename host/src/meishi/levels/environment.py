"""What the settings need of the host around them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, cast

from meishi.context import Surroundings, current_scope
from meishi.lifecycle.leveled_settings import LeveledSettings
from meishi.lifecycle.loading import PluginSet
from meishi.settings import Settings


class LevelEnvironment(Surroundings, Protocol):
    """The host, as far as the settings know it."""

    settings: Settings
    plugins: PluginSet
    leveled_settings: Mapping[str, LeveledSettings]


def environment() -> LevelEnvironment:
    """Return the host of the current scope."""
    return cast("LevelEnvironment", current_scope().host)
