"""`meishi extract NAME --check`: what pins a plugin, with the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from meishi.database.location import Location
from meishi.testing.packages import PluginPackages

from .conftest import Run
from .shops import install, rows

pytestmark = pytest.mark.once

TOKEN = "a-token-of-services-that-nobody-guesses"
AWAY = "https://away.example"
COMMANDS = """
import click
from meishi.sdk.cli import working_in
from meishi.sdk.plugin import hookimpl

@click.group()
def store():
    pass

@store.command()
def look():
    with working_in(None, plugin="store") as session, session.unit_of_work():
        click.echo("looked")

@hookimpl
def cli():
    return store
"""
NOWHERE = "http://127.0.0.1:1"
TOKENED = f'[plugin.store]\nplacement_token = "{TOKEN}"\n'


def test_a_plugin_that_may_go(
    run: Run, bare: Location, packages: PluginPackages, tmp_path: Path
) -> None:
    """Exit code 0, a line for people and a document for programs."""
    install(packages, run, tmp_path, "store")
    told = run("extract", "store", "--check")
    assert (told.code, told.err, told.out) == (0, "", "store may run as a service.\n")
    document = run("extract", "store", "--check", "--json")
    assert json.loads(document.out) == {
        "plugin": "store",
        "may_run_as_service": True,
        "reasons": [],
        "url": None,
        "placed_by": None,
    }


@pytest.mark.parametrize(
    ("statement", "code", "message"),
    [
        (
            "ALTER TABLE store.item ADD FOREIGN KEY (workspace_id, id) REFERENCES shop.item",
            "foreign-key",
            "The foreign key item_workspace_id_id_fkey leads from store.item to shop.item.",
        ),
        (
            "GRANT SELECT ON shop.item TO meishi_purge_store_run",
            "grant",
            "The role meishi_purge_store_run has rights on shop.item.",
        ),
        (
            "GRANT USAGE ON SCHEMA store TO meishi_purge_shop_run",
            "grant",
            "The role meishi_purge_shop_run has rights on store.",
        ),
        (
            """CREATE FUNCTION shop.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
            GRANT EXECUTE ON FUNCTION shop.f TO meishi_purge_store_owner""",
            "grant",
            "The role meishi_purge_store_owner has rights on shop.f().",
        ),
    ],
)
def test_what_somebody_tied_in_the_database_pins_both(
    run: Run,
    bare: Location,
    packages: PluginPackages,
    tmp_path: Path,
    statement: str,
    code: str,
    message: str,
) -> None:
    """It would be cut, and the other plugin is named."""
    install(packages, run, tmp_path, "shop")
    install(packages, run, tmp_path, "store")
    rows(bare, statement)
    for name, other in (("shop", "store"), ("store", "shop")):
        told = run("extract", name, "--check", "--json")
        document = json.loads(told.out)
        assert (told.code, told.err, document["may_run_as_service"]) == (1, "", False)
        assert document["reasons"] == [
            {"weight": "pins", "code": code, "message": message, "others": [other]}
        ]
    told = run("extract", "shop", "--check")
    assert (told.code, told.out) == (1, f"pins: {message}\nshop must stay where it is.\n")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nobody", "There is no plugin 'nobody'."),
        ("identity", "identity is a part of the host, and cannot be extracted."),
        ("qr", "qr is disabled: not in the setting `plugins`."),
        ("broken", "broken is broken: importing broken.plugin raised RuntimeError('no licence')."),
    ],
)
def test_who_cannot_be_asked_about(
    run: Run,
    bare: Location,
    packages: PluginPackages,
    tmp_path: Path,
    name: str,
    message: str,
) -> None:
    """One line, and a hint."""
    packages.add("broken", plugin="raise RuntimeError('no licence')")
    (tmp_path / "meishi.toml").write_text('plugins = ["broken"]\n')
    told = run("extract", name, "--check")
    assert (told.code, told.out) == (1, "")
    first, second = told.err.splitlines()
    assert first == f"Error: {message}"
    assert second.startswith("Hint: ")


def test_a_service_has_nobody_to_extract(
    run: Run, bare: Location, packages: PluginPackages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The question is the main deployment's."""
    packages.add("store")
    monkeypatch.setenv("MEISHI_ONLY", "store")
    monkeypatch.setenv("MEISHI_MAIN_URL", "https://main.example")
    monkeypatch.setenv("MEISHI_SERVICE_TOKENS", TOKEN)
    told = run("extract", "store", "--check")
    assert (told.code, told.err.splitlines()[0]) == (1, "Error: This is a service already.")


@pytest.mark.parametrize("how", [(), ("--check", "--back"), ("--back", "--run", "https://a.b")])
def test_what_is_to_be_done_must_be_said(run: Run, how: tuple[str, ...]) -> None:
    """One thing, and nothing is guessed."""
    told = run("extract", "qr", *how)
    assert told.code == 2
    assert "--check, --run TARGET or --back" in told.err


@pytest.mark.parametrize(
    ("settings", "how", "code", "message"),
    [
        ("", ("--run", AWAY), 1, "There is no token by which the service of store would know us."),
        (TOKENED, ("--run", "there"), 2, "`--run` must be where the service is: 'there'."),
        (TOKENED, ("--run", "http://a.example"), 2, "`--run` must be https, or anybody between"),
        (TOKENED, ("--run", AWAY), 1, "This needs an administrator's connection to the service's"),
        (TOKENED, ("--back",), 1, "store is in the main deployment, so that it cannot be moved"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_moved(
    run: Run,
    bare: Location,
    packages: PluginPackages,
    tmp_path: Path,
    settings: str,
    how: tuple[str, ...],
    code: int,
    message: str,
) -> None:
    """One line, and a hint."""
    install(packages, run, tmp_path, "store")
    with (tmp_path / "meishi.toml").open("a") as file:
        file.write(settings)
    told = run("extract", "store", *how)
    assert (told.code, told.out) == (code, "")
    first, second = told.err.splitlines()
    assert first.startswith(f"Error: {message}")
    assert second.startswith("Hint: ")


def test_a_service_that_does_not_answer_takes_nothing(
    run: Run,
    bare: Location,
    packages: PluginPackages,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is said where it should be, and how it is started."""
    install(packages, run, tmp_path, "store")
    with (tmp_path / "meishi.toml").open("a") as file:
        file.write(TOKENED)
    monkeypatch.setenv("MEISHI_SERVICE_DATABASE_ADMIN_URL", "postgresql://a:secret@b/c")
    told = run("extract", "store", "--run", "http://127.0.0.1:1")
    first, second = told.err.splitlines()
    assert first.startswith("Error: The service does not answer: http://127.0.0.1:1 cannot be")
    assert second == "Hint: Start it: `meishi serve --only store`."
    assert "secret" not in told.err


def test_what_was_moved_is_said_to_be_elsewhere(
    run: Run, bare: Location, packages: PluginPackages, tmp_path: Path
) -> None:
    """By every process; without its token none begins."""
    install(packages, run, tmp_path, "store")
    rows(bare, f"INSERT INTO meishi_plugins.place (plugin, url) VALUES ('store', '{AWAY}')")
    told = run("extract", "store", "--check")
    assert (
        told.err.splitlines()[0] == f"Error: store was moved to {AWAY}, and its token is not set."
    )
    with (tmp_path / "meishi.toml").open("a") as file:
        file.write(TOKENED)
    there = f"store runs at {AWAY} already; it was moved there."
    told = run("extract", "store", "--run", "https://b.example")
    assert told.err.splitlines()[0] == f"Error: {there}"
    assert "`meishi extract store --back` returns it" in told.err
    told = run("extract", "store", "--check")
    assert (told.code, told.out, told.err) == (0, f"{there}\n", "")
    document = {"plugin": "store", "may_run_as_service": True, "reasons": [], "url": AWAY}
    told = run("extract", "store", "--check", "--json")
    assert (told.code, json.loads(told.out)) == (0, document | {"placed_by": "move"})
    with (tmp_path / "meishi.toml").open("a") as file:
        file.write(f'placement = "{AWAY}"\n')
    told = run("extract", "store", "--check", "--json")
    assert (told.code, json.loads(told.out)) == (0, document | {"placed_by": "settings"})


def test_the_doctor_knows_what_was_moved(
    run: Run, bare: Location, packages: PluginPackages, tmp_path: Path
) -> None:
    """It misses no rights that the move took, and sees where a place is not heeded."""
    install(packages, run, tmp_path, "store")
    rows(bare, f"INSERT INTO meishi_plugins.place (plugin, url) VALUES ('store', '{NOWHERE}')")
    rows(bare, "REVOKE ALL ON store.item, store.day FROM meishi_purge_store_run")

    def findings(settings: str) -> set[tuple[str, str]]:
        (tmp_path / "meishi.toml").write_text(settings)
        listed = json.loads(run("doctor", "--json").out)["findings"]
        return {(item["plugin"], item["code"]) for item in listed}

    here = f'plugins = ["store"]\n{TOKENED}'
    assert findings(here) == {("store", "service-away")}
    elsewhere = f'{here}placement = "http://127.0.0.1:2"\n'
    assert findings(elsewhere) == {("store", "service-away"), ("store", "moved-elsewhere")}
    assert ("store", "moved-idle") in findings("plugins = []\n")


def test_commands_of_a_moved_plugin_touch_nothing_here(
    run: Run, bare: Location, packages: PluginPackages, tmp_path: Path
) -> None:
    """What they would read and write is on the other side."""
    packages.add("store", plugin=COMMANDS, scope="workspace", api_prefix="store")
    (tmp_path / "meishi.toml").write_text(f'plugins = ["store"]\n{TOKENED}')
    run("db", "upgrade")
    run("init")
    assert run("store", "look").out == "looked\n"
    rows(bare, f"INSERT INTO meishi_plugins.place (plugin, url) VALUES ('store', '{AWAY}')")
    told = run("store", "look")
    assert (told.code, told.out) == (1, "")
    assert f"which runs at {AWAY}" in told.err.splitlines()[0]
