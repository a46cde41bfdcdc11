"""Every way in which a plugin can be broken, and what an operator reads of each."""

from __future__ import annotations

import json
from contextlib import closing

import pytest

from meishi.app import create_app
from meishi.cli import main
from meishi.database.location import Location
from meishi.settings import load_settings

from .boundaries import CONTRACTS, TABLES
from .broken_plugin import BrokenPlugin
from .conftest import Install
from .loading import HOOKS, IMPORTS
from .names import ADDRESSES, NAMES
from .requirements import MANIFESTS, REQUIREMENTS, SETTINGS

pytestmark = pytest.mark.once

CATALOGUE = (
    *IMPORTS,
    *HOOKS,
    *MANIFESTS,
    *REQUIREMENTS,
    *SETTINGS,
    *TABLES,
    *CONTRACTS,
    *NAMES,
    *ADDRESSES,
)
every_entry = pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.what)


@every_entry
def test_a_degraded_host_tells_why_and_the_neighbour_serves(
    entry: BrokenPlugin, install: Install, shared_database: Location
) -> None:
    """The plugin is out, with its state and the exact reason; a healthy one answers requests."""
    install(entry)
    app = create_app(load_settings(overrides={"deployment": "test"}), location=shared_database)
    with closing(app.extensions["meishi"]) as host:
        found = host.plugins.statuses["notes"]
        assert (found.state.value, found.reason) == (entry.state, entry.reason)
        client = app.test_client()
        assert client.get("/neighbour").text == "at home"
        assert client.get("/health").json == {"status": "degraded"}


@every_entry
def test_a_strict_boot_ends_in_one_line_and_a_hint_that_leads_on(
    entry: BrokenPlugin,
    install: Install,
    shared_database: Location,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The line names the plugin, its state and the reason; so does the list of all plugins."""
    install(entry)
    monkeypatch.setenv("MEISHI_BOOT_POLICY", "strict")
    monkeypatch.setenv("MEISHI_DATABASE_URL", shared_database.runtime_url)
    monkeypatch.setenv("MEISHI_DEPLOYMENT", "test")
    assert run("db", "pending") == 4
    printed = capsys.readouterr()
    assert printed.err.splitlines() == [
        f"Error: The plugin notes is {entry.state}: {entry.reason}",
        'Hint: `meishi plugins` lists all states; boot_policy = "degrade" runs the rest.',
    ]
    assert run("plugins", "--json") == 0
    listed = {item["name"]: item for item in json.loads(capsys.readouterr().out)}
    assert (listed["notes"]["state"], listed["notes"]["reason"]) == (entry.state, entry.reason)
    assert listed["zebra"]["state"] == "active"


def test_what_a_plugin_prints_while_it_loads_leaves_the_document_alone(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    """It goes to the other stream, where people read."""
    install(BrokenPlugin(what="it prints", plugin="print('Welcome!')", reason=""))
    assert run("plugins", "--json") == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)
    assert printed.err == "Welcome!\n"


def run(*arguments: str) -> int | str | None:
    """Run a command to its end; return the exit code."""
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    return end.value.code
