"""`meishi extract NAME --check`: what pins a plugin, with the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from meishi.database.location import Location
from meishi.testing.packages import PluginPackages

from .conftest import Run
from .shops import install, rows

TOKEN = "a-token-of-services-that-nobody-guesses"


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
        ("store", "store runs at https://away.example already."),
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
    packages.add("store")
    packages.add("broken", plugin="raise RuntimeError('no licence')")
    (tmp_path / "meishi.toml").write_text(
        'plugins = ["store", "broken"]\n[plugin.store]\nplacement = "https://away.example"\n'
        f'placement_token = "{TOKEN}"\n'
    )
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


def test_without_check_nothing_is_done(run: Run) -> None:
    """Moving a plugin is the operator's, by settings."""
    told = run("extract", "qr")
    assert told.code == 2
    assert "--check" in told.err
