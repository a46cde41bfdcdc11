"""The turns of a plugin's life: what it does at each, in the unit of work of the change."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from meishi.database.location import Location
from meishi.database.migrations import MigrationFailed
from meishi.host import Host
from meishi.lifecycle.installation import upgrade_all
from meishi.lifecycle.loading import PluginSet, load_plugins
from meishi.lifecycle.turns import TurnFailed, call_turn, purge_impact
from meishi.settings import Settings
from meishi.testing.databases import TestDatabases
from meishi.testing.packages import PluginPackages

from .conftest import Load
from .shop import hook, reason

PLUGIN = """
from meishi.sdk.context import has_workspace
from meishi.sdk.database import execute
from meishi.sdk.plugin import Lifecycle, Migrations, hookimpl
@hookimpl
def migrations():
    return Migrations("shop.versions")
def note(text):
    execute("INSERT INTO shop.item VALUES (%(text)s, %(inside)s)",
        {"text": text, "inside": has_workspace()})
    if fails == text.partition(" ")[0]:
        raise RuntimeError("no paper")
fails = ""
impact = ["1 label at the printer's"]
def tell():
    note("told")
    return impact
@hookimpl
def lifecycle():
    return Lifecycle(installed=lambda: note("installed"),
        upgraded=lambda old: note(f"upgraded {old}"),
        enabled=lambda: note("enabled"), disabled=lambda: note("disabled"), purge_impact=tell)
"""
REVISION = """
from alembic import op
revision = "shop_0001"
down_revision = None
def upgrade():
    op.execute("CREATE TABLE shop.item (text text, inside boolean)")
def downgrade():
    op.execute("DROP TABLE shop.item")
"""

Loaded = Callable[..., PluginSet]


@pytest.fixture
def settings(meishi_settings: Settings) -> Settings:
    """Settings by which the shop is loaded, and nothing else."""
    return replace(meishi_settings, plugins=("shop",))


@pytest.fixture
def location(meishi_databases: TestDatabases) -> Iterator[Location]:
    """A database in which nothing was ever installed."""
    with meishi_databases.empty() as found:
        yield found


@pytest.fixture
def shop(packages: PluginPackages, settings: Settings) -> Loaded:
    """Load the shop in a version; it fails at one turn, if that is named."""

    def load(version: str = "1.0", *, fails: str = "") -> PluginSet:
        packages.forget()
        packages.add(
            "shop",
            plugin=PLUGIN.replace('fails = ""', f"fails = {fails!r}"),
            files={"versions/__init__.py": "", "versions/0001.py": REVISION},
            version=version,
        )
        return load_plugins(settings)

    return load


@pytest.fixture
def host(shop: Loaded, settings: Settings, location: Location) -> Iterator[Host]:
    """A host in which the shop is installed."""
    plugins = shop()
    upgrade_all(settings, location, plugins)
    found = Host(settings, plugins, location.runtime_url)
    found.wire()
    yield found
    found.close()


def rows(location: Location, query: str = "SELECT text, inside FROM shop.item") -> list[Any]:
    """Return what the administrator sees."""
    with psycopg.connect(location.administrator_url()) as connection:
        return connection.execute(query.encode()).fetchall()


VERSION = "SELECT version FROM meishi.plugin WHERE name = 'shop'"


def test_an_upgrade_calls_what_a_plugin_does_once(
    shop: Loaded, settings: Settings, location: Location
) -> None:
    """It is installed when it is new, upgraded from its old version when that is older."""
    for version in ("1.0", "1.0", "1.1", "1.1", "1.0"):
        upgrade_all(settings, location, shop(version))
    assert rows(location) == [("installed", False), ("upgraded 1.0", False)]


@pytest.mark.parametrize("turn", ["installed", "upgraded"])
def test_a_step_that_fails_is_undone_and_called_again(
    shop: Loaded, settings: Settings, location: Location, turn: str
) -> None:
    """Nothing of it is kept, the plugin is named and marked, and the next upgrade calls it."""
    if turn == "upgraded":
        upgrade_all(settings, location, shop())
    before = (rows(location, VERSION), rows(location)) if turn == "upgraded" else ([], [])
    plugins = shop("2.0", fails=turn)
    with pytest.raises(MigrationFailed, match="no paper") as failure:
        upgrade_all(settings, location, plugins)
    assert failure.value.message.startswith(f"shop: `{turn}` of its hook `lifecycle` raised")
    assert plugins.statuses["shop"].state.value == "broken"
    assert (rows(location, VERSION), rows(location)) == before
    upgrade_all(settings, location, shop("2.0"))
    assert rows(location, VERSION) == [("2.0",)]
    assert rows(location)[-1][0].startswith(turn)


def test_a_plugin_whose_step_is_pending_does_not_run(
    shop: Loaded, settings: Settings, location: Location
) -> None:
    """Its revisions are applied, but the newer version has not done what it does at first."""
    upgrade_all(settings, location, shop())
    for version, state in (("1.0", "active"), ("1.1", "needs_migration")):
        plugins = shop(version)
        host = Host(settings, plugins, location.runtime_url)
        host.check_migrations()
        host.close()
        assert plugins.statuses["shop"].state.value == state
    assert plugins.statuses["shop"].reason == (
        "its step `upgraded` is pending; run `meishi db upgrade`"
    )


def test_a_turn_is_of_the_unit_of_work_around_it(host: Host, location: Location) -> None:
    """It runs as the plugin's code, and who raises takes the whole change along."""
    workspace = host.new_id()
    with host.scope() as scope:
        call_turn(host, "shop", "enabled", workspace=workspace)
        assert scope.work.identity.workspace is None
    call_turn(host, "shop", "disabled")
    noted = [("installed", False), ("enabled", True), ("disabled", False)]
    assert rows(location) == noted

    def change() -> None:
        with host.scope():
            call_turn(host, "shop", "enabled", workspace=workspace)
            call_turn(host, "shop", "disabled")

    sys.modules["shop.plugin"].fails = "disabled"  # type: ignore[attr-defined]
    with pytest.raises(TurnFailed, match=r"shop: `disabled` .* raised RuntimeError"):
        change()
    assert rows(location) == noted


def test_who_does_nothing_at_a_turn_is_not_called(host: Host) -> None:
    """Neither is a plugin that is not there any more."""
    assert call_turn(host, "shop", "before_purge") is None
    assert call_turn(host, "gone", "before_purge") is None
    assert purge_impact(host, "identity") == ()


def test_the_impact_of_a_purge_is_told_and_changes_nothing(host: Host, location: Location) -> None:
    """What it writes meanwhile is undone; anything but lines is refused."""
    assert purge_impact(host, "shop") == ("1 label at the printer's",)
    assert rows(location) == [("installed", False)]
    sys.modules["shop.plugin"].impact = "much"  # type: ignore[attr-defined]
    with pytest.raises(TurnFailed, match="must return a list of texts, not 'much'"):
        purge_impact(host, "shop")


def test_steps_without_revisions_are_refused(packages: PluginPackages, load: Load) -> None:
    """Nobody would ever call them."""
    code = hook("lifecycle", "Lifecycle(installed=print)")
    assert reason(packages, load, code) == (
        "hook `lifecycle`: `installed` and `upgraded` need hook `migrations`"
    )
