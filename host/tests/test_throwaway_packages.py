"""Throw-away packages of tests, of which several may have one name."""

from __future__ import annotations

import importlib
from pathlib import Path

from meishi.testing.packages import PluginPackages, plugin_packages


def test_the_last_package_of_a_name_is_the_one_that_is_imported(tmp_path: Path) -> None:
    """Until its end; then it is the one before again, with all that was imported of it."""

    def value() -> int:
        found: int = importlib.import_module("twofold.values").VALUE
        return found

    with plugin_packages(tmp_path / "first") as first:
        first.add("twofold", files={"values.py": "VALUE = 1\n"})
        assert value() == 1
        before = importlib.import_module("twofold.values")
        with plugin_packages(tmp_path / "second") as second:
            second.add("twofold", files={"values.py": "VALUE = 2\n"})
            assert value() == 2
            second.forget()
            assert value() == 2
        assert value() == 1
        assert importlib.import_module("twofold.values") is before


def test_what_is_written_for_other_processes_changes_nothing_in_this_one(tmp_path: Path) -> None:
    """Its names go on to mean what this process has imported."""
    with plugin_packages(tmp_path / "ours") as ours:
        ours.add("twofold", files={"values.py": "VALUE = 1\n"})
        before = importlib.import_module("twofold.values")
        PluginPackages(tmp_path / "theirs").add("twofold", files={"values.py": "VALUE = 2\n"})
        assert importlib.import_module("twofold.values") is before
