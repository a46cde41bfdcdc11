"""The modes in which a run of tests has plugins call each other, and who is tested in which."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

#: What names the mode: one of the setting `calls`, or `split`.
VARIABLE = "MEISHI_CALLS"
#: The plugin under test is a service, with a process's worth of everything and its own database.
SPLIT = "split"
#: The marker of tests that look at a plugin from inside, which in this mode is somewhere else.
INSIDE = "inside"
#: The marker of tests of what a plugin as a service does not do, or does differently.
ONE_PIECE = "one_piece"


def is_split() -> bool:
    """Whether this run has the plugin under test as a service."""
    return os.environ.get(VARIABLE) == SPLIT


def environment_of_settings() -> Mapping[str, str]:
    """Return the environment as the settings of applications under test shall see it."""
    return {name: value for name, value in os.environ.items() if (name, value) != (VARIABLE, SPLIT)}


def plugin_under_test(file: Path) -> str | None:
    """Return the plugin beside whose package a file of tests stands; None if there is none."""
    for folder in file.parents:
        for manifest in sorted(folder.glob("src/*/plugin.toml")):
            return manifest.parent.name
    return None


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    left_out = f"a run with {VARIABLE}={SPLIT} leaves it out"
    for marker in (
        f"{INSIDE}: looks into its plugin, which is in another process; {left_out}",
        f"{ONE_PIECE}: holds of a deployment in one piece, as the documents say; {left_out}",
        "beside(*plugins): holds where these run, too, and is skipped where one of them does not",
    ):
        config.addinivalue_line("markers", marker)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what says nothing of a plugin as a service, when the run is about that."""
    if is_split():
        left_out = [item for item in items if not _is_of_a_service(item)]
        items[:] = [item for item in items if _is_of_a_service(item)]
        config.hook.pytest_deselected(items=left_out)


def _is_of_a_service(item: pytest.Item) -> bool:
    """Whether a test uses an application, and its plugin from outside only."""
    return (
        "app" in getattr(item, "fixturenames", ())
        and not any(map(item.get_closest_marker, (INSIDE, ONE_PIECE)))
        and plugin_under_test(item.path) is not None
    )
