"""A broken plugin beside a healthy one, on a database of the run's own server."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from meishi.database.location import Location
from meishi.testing.databases import TestDatabases
from meishi.testing.packages import PluginPackages

from .broken_plugin import PREAMBLE, BrokenPlugin

NEIGHBOUR = """
@hookimpl
def public_pages():
    return [PublicPage(rule="/neighbour", resolve=lambda: UUID(int=1), view=lambda: "at home")]
"""

Install = Callable[[BrokenPlugin], list[str]]


@pytest.fixture(scope="module")
def shared_database(meishi_databases: TestDatabases) -> Iterator[Location]:
    """One migrated database: broken plugins write nothing."""
    with meishi_databases.clone() as location:
        yield location


@pytest.fixture
def install(packages: PluginPackages, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Write the packages of an entry and of a healthy neighbour; return the plugins' names."""

    def install_entry(entry: BrokenPlugin) -> list[str]:
        packages.add("notes", plugin=PREAMBLE + entry.plugin, **entry.manifest)
        for name, values in {"zebra": {"plugin": NEIGHBOUR}, **entry.others}.items():
            code = {"plugin": PREAMBLE + values.get("plugin", "")}
            packages.add(name, **{**values, **code})
        names = ["notes", "zebra", *entry.others]
        for name, value in entry.variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("MEISHI_PLUGINS", ",".join(names))
        monkeypatch.chdir(packages.folder)
        return names

    return install_entry
