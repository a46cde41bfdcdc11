"""Throw-away plugins, examined without a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from meishi.lifecycle.loading import PluginSet, load_plugins
from meishi.settings import load_settings
from meishi.testing.packages import PluginPackages, plugin_packages

Load = Callable[..., PluginSet]


@pytest.fixture
def packages(tmp_path: Path) -> Iterator[PluginPackages]:
    """Packages of this test alone."""
    with plugin_packages(tmp_path / "packages") as found:
        yield found


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load what is installed, with the named plugins enabled, and settings of plugins."""

    def load_named(*names: str, settings: str = "") -> PluginSet:
        file = tmp_path / "settings.toml"
        file.write_text(settings)
        return load_plugins(load_settings(file=file, environment={}, overrides={"plugins": names}))

    return load_named
