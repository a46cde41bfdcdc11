import json
import socket

import psycopg
import pytest

from meishi.database.location import Location
from meishi.testing.packages import PluginPackages

from .conftest import Run

pytestmark = pytest.mark.once


def states(run: Run) -> dict[str, tuple[str, str]]:
    """Return state and reason of every plugin, by its name."""
    result = run("plugins", "--json")
    assert (result.code, result.err) == (0, "")
    assert result.out.count("\n") == 1
    return {item["name"]: (item["state"], item["reason"]) for item in json.loads(result.out)}


def test_all_plugins_are_listed_with_state_version_and_reason(
    run: Run, migrated: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People get a table, programs one JSON document."""
    monkeypatch.setenv("MEISHI_PLUGINS", "crm_contacts")
    table = run("plugins")
    assert table.code == 0
    lines = {line.split()[0]: line for line in table.out.splitlines()}
    assert lines["crm_contacts"].split() == ["crm_contacts", "0.1.0", "active"]
    assert lines["qr"].rstrip().endswith("disabled  not in the setting `plugins`")
    assert states(run)["identity"] == ("active", "")


def test_faulty_plugins_are_listed_even_under_the_strict_policy(
    run: Run,
    migrated: Location,
    packages: PluginPackages,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The command that explains a refused boot is not refused itself."""
    packages.add("shop", plugin="raise RuntimeError('no licence')")
    monkeypatch.setenv("MEISHI_PLUGINS", "shop,shoop")
    monkeypatch.setenv("MEISHI_BOOT_POLICY", "strict")
    found = states(run)
    assert found["shop"][0] == "broken"
    assert "no licence" in found["shop"][1]
    assert found["shoop"][0] == "missing_dependency"
    refused = run("db", "pending")
    assert refused.code == 4
    assert refused.err.startswith("Error: The plugin sho")
    assert "Hint: `meishi plugins` lists all states" in refused.err


def test_what_a_plugin_does_not_do_is_noted_beside_its_state(
    run: Run, migrated: Location, packages: PluginPackages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that extends a plugin which is not there runs, and says what it needs."""
    code = (
        "from meishi.sdk.plugin import hookimpl\n"
        "@hookimpl(optionalhook=True)\ndef notes_renderers(): ...\n"
    )
    packages.add("marks", plugin=code, after={"notes": ">=1"})
    monkeypatch.setenv("MEISHI_PLUGINS", "marks")
    note = "hook `notes_renderers` inactive: needs notes"
    lines = {line.split()[0]: line for line in run("plugins").out.splitlines()}
    assert lines["marks"].partition("active ")[2].strip() == note
    (found,) = [
        item for item in json.loads(run("plugins", "--json").out) if item["name"] == "marks"
    ]
    assert (found["state"], found["reason"], found["note"]) == ("active", "", note)


def test_a_plugin_whose_package_has_gone_is_an_orphan(run: Run, migrated: Location) -> None:
    """The database remembers what was installed, whether or not an administrator asks."""
    with psycopg.connect(migrated.administrator_url()) as connection:
        connection.execute(
            "INSERT INTO meishi.plugin (name, version, manifest) VALUES ('shop', '1', '{}')"
        )
    assert states(run)["shop"] == (
        "orphaned",
        "in the database, but its package is not installed",
    )


def test_orphans_are_listed_without_an_administrators_url(
    run: Run, migrated: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The runtime login is enough to look."""
    with psycopg.connect(migrated.administrator_url()) as connection:
        connection.execute(
            "INSERT INTO meishi.plugin (name, version, manifest) VALUES ('shop', '1', '{}')"
        )
    monkeypatch.delenv("MEISHI_DATABASE_ADMIN_URL")
    assert states(run)["shop"][0] == "orphaned"


def test_a_database_that_is_behind_shows_in_the_states(run: Run, empty: Location) -> None:
    """An operator's database is looked at, never changed."""
    state, reason = states(run)["qr"]
    assert (state, reason.partition(", ")[0], reason.rpartition("; ")[2]) == (
        "needs_migration",
        "pending: qr_0001",
        "run `meishi db upgrade`",
    )
    with psycopg.connect(empty.administrator_url()) as connection:
        assert connection.execute("SELECT to_regnamespace('meishi')").fetchone() == (None,)


def test_a_plugin_that_runs_elsewhere_is_listed_with_the_place(
    run: Run, migrated: Location, packages: PluginPackages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside its state, which is that of what stands for it here; its token is not shown."""
    packages.add("shop")
    monkeypatch.setenv("MEISHI_PLUGINS", "shop")
    monkeypatch.setenv("MEISHI_PLUGIN__SHOP__PLACEMENT", "https://shop.example")
    monkeypatch.setenv("MEISHI_PLUGIN__SHOP__PLACEMENT_TOKEN", "x" * 32)
    listed = run("plugins", "--json")
    placements = {item["name"]: item["placement"] for item in json.loads(listed.out)}
    assert placements["shop"] == "https://shop.example"
    assert {url for name, url in placements.items() if name != "shop"} == {None}
    table = run("plugins").out
    assert "x" * 32 not in table + listed.out
    lines = {line.split()[0]: line for line in table.splitlines()}
    assert lines["shop"].partition("active ")[2].strip() == "runs at https://shop.example"
    shown = run("plugins", "show", "shop").out.splitlines()
    assert shown[0] == "shop is active, at https://shop.example."


def test_a_service_lists_its_plugins_though_the_main_deployment_is_away(
    run: Run, migrated: Location, packages: PluginPackages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it does not have itself stands with the place of the main deployment."""
    packages.add("shop")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        monkeypatch.setenv("MEISHI_ONLY", "shop")
        monkeypatch.setenv("MEISHI_MAIN_URL", url)
        monkeypatch.setenv("MEISHI_SERVICE_TOKENS", "x" * 32)
        listed = run("plugins", "--json")
    assert (listed.code, listed.err) == (0, "")
    found = {item["name"]: (item["state"], item["placement"]) for item in json.loads(listed.out)}
    assert found["shop"] == ("active", None)
    assert found["identity"] == ("active", url)
