"""What was moved is taken up by the next boot as what settings place elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace

import pytest

from meishi.app import create_app
from meishi.cli import main
from meishi.database.embedded import EmbeddedPostgres
from meishi.database.location import Location
from meishi.host import Host
from meishi.lifecycle.states import PluginState
from meishi.moves.announcing import place
from meishi.moves.side import Side
from meishi.placement import Placement
from meishi.settings import BootPolicy, Settings
from meishi.testing.databases import TestDatabases
from meishi.testing.fixtures import found_workspace
from meishi.testing.packages import PluginPackages, plugin_packages

from .conftest import TOKEN

URL = "https://cellar.example.com"

CELLAR = """
import click

from meishi.sdk.cli import working_in
from meishi.sdk.plugin import hookimpl


@hookimpl
def cli():
    return click.Group("cellar", commands=[count])


@click.command()
def count():
    with working_in(None, plugin="cellar"):
        click.echo("There is nothing.")
"""

VAULT = """
from meishi.sdk.plugin import Service, hookimpl

from vault.contract import Vault


@hookimpl
def services():
    return [Service(Vault, lambda context: None)]
"""

CONTRACT = '''
"""The vault's contract."""

from typing import Protocol

from meishi.sdk.contract import atomic


class Vault(Protocol):
    """What a vault does."""

    @atomic()
    def lock(self) -> None:
        """Lock it, with what its caller does."""
'''


def write_packages(packages: PluginPackages) -> None:
    """Write a plugin that has a command, and one that is pinned."""
    packages.add("cellar", plugin=CELLAR, scope="workspace", api_prefix="cellar")
    packages.add("vault", plugin=VAULT, files={"contract.py": CONTRACT.lstrip()})


@dataclass(frozen=True)
class Moved:
    """A deployment whose plugins were moved: how it is set, and its database."""

    settings: Settings
    location: Location


@pytest.fixture(scope="module")
def moved(
    meishi_server: EmbeddedPostgres,
    meishi_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Moved]:
    """A deployment of which both plugins were moved, and that has a workspace."""
    with ExitStack() as stack:
        write_packages(stack.enter_context(plugin_packages(tmp_path_factory.mktemp("packages"))))
        known = Placement(url="", token=TOKEN)
        settings = replace(
            meishi_settings,
            deployment="cellars",
            plugins=("cellar", "vault"),
            plugins_listed=True,
            boot_policy=BootPolicy.DEGRADE,
            movable={"cellar": known, "vault": known},
        )
        location = stack.enter_context(TestDatabases(meishi_server, settings).clone())
        host = booted(settings, location)
        found_workspace(host, "one")
        host.close()
        with Side("main", location.administrator_url()).connected() as connection:
            for name in settings.plugins:
                place(connection, name, URL)
            connection.commit()
        yield Moved(settings, location)


def booted(settings: Settings, location: Location) -> Host:
    """Return the host of an application that begins now."""
    found: Host = create_app(settings, location=location).extensions["meishi"]
    return found


def test_what_pins_a_moved_plugin_is_told_at_boot(moved: Moved) -> None:
    """Whoever upgrades it hears so, and not by the first call that fails."""
    host = booted(moved.settings, moved.location)
    try:
        status = host.status_of("vault")
        assert status.state is PluginState.BROKEN
        assert "it cannot run apart from the others: Vault.lock is @atomic" in status.reason
        assert host.plugins.url_of("cellar") == URL
    finally:
        host.close()


def test_a_command_says_where_its_plugin_was_moved(
    moved: Moved, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It does not look at tables that are nobody's any more."""
    for name, value in {
        "DATABASE_URL": moved.location.runtime_url,
        "DATABASE_ADMIN_URL": moved.location.administrator_url(),
        "DEPLOYMENT": moved.settings.deployment,
        "PLUGINS": "cellar,vault",
        "HOME": str(moved.settings.home),
        "PLUGIN__CELLAR__PLACEMENT_TOKEN": TOKEN,
        "PLUGIN__VAULT__PLACEMENT_TOKEN": TOKEN,
    }.items():
        monkeypatch.setenv(f"MEISHI_{name}", value)
    with pytest.raises(SystemExit) as end:
        main(["cellar", "count"])
    told = capsys.readouterr()
    assert (end.value.code, told.out) == (1, "")
    assert told.err == (
        f"Error: `cellar` is the plugin cellar, which runs at {URL}.\n"
        "Hint: Run it there, with the settings of that side.\n"
    )
