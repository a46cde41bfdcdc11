"""A workbench with every installed plugin, and one for throw-away plugins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from meishi.lifecycle.contribution import Contribution
from meishi.settings import BootPolicy, Settings
from meishi.testing.conformance import CHECKS, Check, Finding, Workbench, loaded_plugins
from meishi.testing.databases import TestDatabases
from meishi.testing.packages import PluginPackages, plugin_packages

Bench = Callable[..., Workbench]


@pytest.fixture(scope="package")
def bench(meishi_settings: Settings, meishi_databases: TestDatabases) -> Iterator[Workbench]:
    """All installed plugins and a database with their tables; each test undoes what it does."""
    with Workbench(
        meishi_settings, loaded_plugins(meishi_settings), lambda: meishi_databases
    ) as found:
        yield found


@pytest.fixture(scope="package")
def contributions(bench: Workbench) -> list[Contribution]:
    """What every active plugin supplies."""
    return list(bench.plugins.active())


@pytest.fixture
def packages(tmp_path: Path) -> Iterator[PluginPackages]:
    """Packages of this test alone."""
    with plugin_packages(tmp_path) as found:
        yield found


@pytest.fixture
def bench_of(meishi_settings: Settings, meishi_databases: TestDatabases) -> Bench:
    """Load plugins beside the host's own parts; their trials run in databases of their own."""

    def load(*names: str) -> Workbench:
        settings = replace(meishi_settings, plugins=names).with_policy(BootPolicy.DEGRADE)
        return Workbench(settings, loaded_plugins(settings), lambda: meishi_databases)

    return load


def check_named(name: str) -> Check:
    """Return a check of the suite."""
    return next(check for check in CHECKS if check.name == name)


def findings(bench: Workbench, check: str, plugin: str) -> list[str]:
    """Return what a check finds in a plugin, a line for each; all of it must be the plugin's."""
    found: tuple[Finding, ...] = check_named(check).result(bench, plugin).findings
    assert all(item.remedy for item in found)
    return [item.message for item in found if (item.plugin, item.check) == (plugin, check)]
