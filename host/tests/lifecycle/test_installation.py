from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from meishi.database.location import Location
from meishi.database.migrations import MigrationFailed
from meishi.errors import OperatorError
from meishi.lifecycle.discovery import discover
from meishi.lifecycle.installation import upgrade_all, with_migrations
from meishi.lifecycle.loading import PluginSet, load_plugins
from meishi.settings import Settings
from meishi.testing.databases import TestDatabases
from meishi.testing.packages import PluginPackages

PLUGIN = """
from meishi.sdk.plugin import Migrations, hookimpl
@hookimpl
def migrations():
    return Migrations("{name}.versions")
"""
REVISION = """
from alembic import op
revision = "{name}_0001"
down_revision = None
def upgrade():
    op.execute("{sql}")
def downgrade():
    op.execute("DROP TABLE {name}.item")
"""


@pytest.fixture
def location(meishi_databases: TestDatabases) -> Iterator[Location]:
    """A database in which nothing was ever installed."""
    with meishi_databases.empty() as found:
        yield found


def add(packages: PluginPackages, name: str, *, sql: str = "", **manifest: Any) -> None:
    """Add a plugin with one revision: `sql`, or a table of its own."""
    statement = sql or f"CREATE TABLE {name}.item (id integer)"
    packages.add(
        name,
        plugin=PLUGIN.format(name=name),
        files={
            "versions/__init__.py": "",
            "versions/0001.py": REVISION.format(name=name, sql=statement),
        },
        **manifest,
    )


def loaded(settings: Settings, *names: str) -> tuple[Settings, PluginSet]:
    """Load these plugins and no others."""
    chosen = replace(settings, plugins=names)
    return chosen, load_plugins(chosen)


#: What the host itself brings.
HOST_PARTS = {plugin.name for plugin in discover() if plugin.built_in}


def memory(location: Location) -> list[str]:
    """Return the names of the plugins that the database remembers, without the host's parts."""
    with psycopg.connect(location.administrator_url()) as connection:
        rows = connection.execute("SELECT name FROM meishi.plugin ORDER BY name").fetchall()
    assert {name for (name,) in rows} >= HOST_PARTS
    return [name for (name,) in rows if name not in HOST_PARTS]


def test_an_upgrade_installs_the_host_first_and_then_all_others(
    packages: PluginPackages, meishi_settings: Settings, location: Location
) -> None:
    """Every plugin's revisions are applied once, and what was installed is remembered."""
    add(packages, "shop")
    settings, plugins = loaded(meishi_settings, "shop")
    done = upgrade_all(settings, location, plugins)
    assert next(iter(done)) == "meishi"
    assert done["shop"] == ["shop_0001"]
    assert memory(location) == ["shop"]
    assert not any(upgrade_all(settings, location, plugins).values())


def test_a_plugin_without_tables_is_remembered_too(
    packages: PluginPackages, meishi_settings: Settings, location: Location
) -> None:
    """What was installed can be listed when its package has gone, whatever it had stored."""
    packages.add("bare", plugin="", scope="workspace")
    settings, plugins = loaded(meishi_settings, "bare")
    upgrade_all(settings, location, plugins)
    assert memory(location) == ["bare"]


def test_one_plugin_can_be_upgraded_alone(
    packages: PluginPackages, meishi_settings: Settings, location: Location
) -> None:
    """Only the host's own tables go along."""
    add(packages, "shop")
    add(packages, "store")
    settings, plugins = loaded(meishi_settings, "shop", "store")
    done = upgrade_all(settings, location, plugins, ["store"])
    assert list(done) == ["meishi", "store"]
    assert done["store"] == ["store_0001"]


def test_a_name_without_migrations_changes_nothing(
    meishi_settings: Settings, location: Location
) -> None:
    """A slip of the pen is told before anything is applied."""
    settings, plugins = loaded(meishi_settings)
    with pytest.raises(OperatorError, match="No loaded plugin 'shoop' has migrations"):
        upgrade_all(settings, location, plugins, ["shoop"])
    with psycopg.connect(location.administrator_url()) as connection:
        found = connection.execute("SELECT to_regnamespace('meishi')").fetchone()
    assert found == (None,)


def test_a_revision_that_fails_costs_only_those_that_need_it(
    packages: PluginPackages, meishi_settings: Settings, location: Location
) -> None:
    """The others are upgraded all the same; the failure is raised and the plugin is broken."""
    add(packages, "a_shop", sql="CREATE TABLE nowhere.item (id integer)")
    add(packages, "b_shop", requires={"a_shop": "*"})
    add(packages, "c_shop")
    settings, plugins = loaded(meishi_settings, "a_shop", "b_shop", "c_shop")
    with pytest.raises(MigrationFailed, match="a_shop: revision a_shop_0001 failed"):
        upgrade_all(settings, location, plugins)
    assert plugins.statuses["a_shop"].state.value == "broken"
    assert plugins.statuses["b_shop"].reason == "skipped: needs a_shop"
    assert memory(location) == ["c_shop"]


def test_plugins_are_listed_for_migration_in_the_order_of_their_needs(
    packages: PluginPackages, meishi_settings: Settings
) -> None:
    """After the host's own tables, what is needed comes first."""
    add(packages, "a_shop", requires={"z_shop": "*"})
    add(packages, "z_shop")
    _, plugins = loaded(meishi_settings, "a_shop", "z_shop")
    names = [subject.name for _, subject in with_migrations(plugins)]
    assert names[0] == "meishi"
    with_tables = {item.plugin for item in plugins.active() if item.versions is not None}
    assert set(names[1:-2]) == (HOST_PARTS & with_tables) - {"meishi"}
    assert names[-2:] == ["z_shop", "a_shop"]
