"""`meishi plugins settings`: what holds of a plugin's settings, and who set it."""

from __future__ import annotations

import json

import pytest

from .conftest import Run

SETTINGS = ("plugins", "settings", "crm_contacts")


pytestmark = pytest.mark.usefixtures("migrated", "workspace")


def test_settings_are_shown_and_changed(run: Run) -> None:
    """All of them, also the deployment's; what is set is the workspace's, until it is unset."""
    shown = {item["key"]: item for item in json.loads(run(*SETTINGS, "--json").out)}
    assert (shown["default_region"]["value"], shown["default_region"]["source"]) == (
        "null",
        "default",
    )
    assert shown["import_step_seconds"]["value"] == "1"
    changed = run(*SETTINGS, "--set", "default_region=SE", "--json")
    assert {"key": "default_region", "value": '"SE"', "source": "workspace"} in json.loads(
        changed.out
    )
    unset = run(*SETTINGS, "--unset", "default_region", "--json")
    assert {"key": "default_region", "value": "null", "source": "default"} in json.loads(unset.out)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--set", "default_region=XX"), "crm_contacts does not accept: default_region. Not a"),
        (("--set", "max_card_bytes=5000"), "these can: default_region."),
        (("--set", "default_region"), "'default_region' sets nothing."),
    ],
)
def test_what_cannot_be_set_is_told_in_one_line(
    run: Run, arguments: tuple[str, ...], said: str
) -> None:
    """The line names the plugin and the key."""
    result = run(*SETTINGS, *arguments)
    assert (result.code, result.out) == (1, "")
    error, hint = result.err.splitlines()
    assert said in error
    assert hint.startswith("Hint: ")


def test_plugins_without_settings_are_named(run: Run) -> None:
    """One that is not there has none either."""
    result = run("plugins", "settings", "nothing")
    assert "There is no active plugin 'nothing' with settings." in result.err
