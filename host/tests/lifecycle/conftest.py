"""Loading throw-away plugins."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from meishi.lifecycle.loading import PluginSet, load_plugins
from meishi.settings import load_settings
from meishi.testing.packages import PluginPackages, plugin_packages

Load = Callable[..., PluginSet]


@pytest.fixture
def packages(tmp_path: Path) -> Iterator[PluginPackages]:
    """Packages of this test alone."""
    with plugin_packages(tmp_path) as found:
        yield found


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load what is installed, with the named plugins enabled."""

    def load_named(*names: str, **plugin_settings: dict[str, Any]) -> PluginSet:
        table = "".join(
            f"[plugin.{name}]\n" + "".join(f"{key} = {value!r}\n" for key, value in values.items())
            for name, values in plugin_settings.items()
        )
        file = tmp_path / "settings.toml"
        file.write_text(table)
        return load_plugins(load_settings(file=file, environment={}, overrides={"plugins": names}))

    return load_named
