"""What plugins are told of their settings."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest

from meishi.context import Actor
from meishi.declarations import SettingsLevel
from meishi.levels.descriptions import settings_form
from meishi.levels.interface import PluginSettingValues
from meishi.sdk.context import current_settings
from meishi.sdk.database import savepoint
from meishi.testing.fixtures import found_workspace

from .conftest import SHOP, Shop


def test_no_workspace_sees_what_another_sets(tombola: Shop) -> None:
    """Values are those of the workspace alone, and user's values of the user in it."""
    other = found_workspace(tombola.host, "two")
    tombola.patch({"currency": "SEK"})
    tombola.patch({"per_page": 9}, "/tombola/mine")
    assert tombola.effective(tombola.workspace.owner_id, other.id)["currency"] == "EUR"
    assert tombola.effective(tombola.workspace.owner_id, other.id)["per_page"] == 30
    assert tombola.effective(other.owner_id)["per_page"] == 30
    for table in ("workspace_settings", "user_settings"):
        with tombola.host.scope(workspace=other.id, plugin="meishi_settings") as scope:
            assert scope.work.execute(f"SELECT 1 FROM meishi_settings.{table}") == []
        with tombola.host.scope(workspace=tombola.workspace.id, plugin="meishi_settings") as scope:
            assert len(scope.work.execute(f"SELECT 1 FROM meishi_settings.{table}")) == 1


def test_values_are_read_once_in_a_unit_of_work(tombola: Shop) -> None:
    """The second question is answered without a statement; outside of workspaces, the first."""
    with tombola.host.scope(workspace=tombola.workspace.id, plugin=SHOP):
        first = current_settings()
        assert current_settings() is first
    with tombola.host.scope(plugin=SHOP):
        assert current_settings()["per_page"] == 30


def test_a_change_that_is_undone_is_not_remembered(tombola: Shop) -> None:
    """What is set in a savepoint holds in it, and not behind it."""
    with tombola.host.scope(workspace=tombola.workspace.id, plugin=SHOP):
        with suppress(ZeroDivisionError), savepoint():
            tombola.host.service(PluginSettingValues).change(SHOP, '{"currency":"SEK"}')
            assert current_settings()["currency"] == "SEK"
            raise ZeroDivisionError
        behind = current_settings()["currency"]
    assert behind == tombola.effective()["currency"]


def test_what_a_newer_schema_refuses_is_ignored(
    tombola: Shop, capfd: pytest.CaptureFixture[str]
) -> None:
    """The value above holds, the log names plugin and key, the API says why."""
    tombola.patch({"currency": "SEK", "per_page": 9})
    tombola.admin.execute(
        "UPDATE meishi_settings.workspace_settings "
        'SET document = \'{"currency":"SEKK","per_page":9,"gone":1}\''
    )
    capfd.readouterr()
    assert tombola.effective()["currency"] == "EUR"
    assert tombola.effective()["per_page"] == 9
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert {(line["plugin"], line["key"], line["set_by"]) for line in lines} == {
        (SHOP, "currency", "workspace"),
        (SHOP, "gone", "workspace"),
    }
    document = tombola.get().json
    assert document is not None
    assert document["settings"][0]["refused"] == "Length must be 3."
    assert tombola.patch({"per_page": 8}).status_code == 200
    assert tombola.patch({"currency": None, "gone": None}).status_code == 200
    document = tombola.get().json
    assert document is not None
    assert document["values"] == {"per_page": 8}


def test_nobody_in_particular_has_no_settings(tombola: Shop) -> None:
    """The system, which is no user, sees the workspace's."""
    tombola.patch({"per_page": 9}, "/tombola/mine")
    with tombola.host.scope(workspace=tombola.workspace.id, plugin=SHOP, actor=Actor()):
        assert current_settings()["per_page"] == 30


def test_a_form_has_the_keys_of_its_level(tombola: Shop) -> None:
    """Pages make their fields from it; what is not sent is not set."""
    leveled = tombola.host.leveled_settings[SHOP]
    assert set(settings_form(leveled, SettingsLevel.WORKSPACE)().fields) == {
        "currency", "per_page",
    }  # fmt: skip
    form = settings_form(leveled, SettingsLevel.USER)()
    assert set(form.fields) == {"per_page"}
    assert form.load({}) == {}
    assert form.validate({"per_page": 0})
