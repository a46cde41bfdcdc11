"""Turns of a plugin's life, and its commands, where it runs as a service."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from meishi.cli import main
from meishi.switches.interface import PluginRefused, PluginSwitches
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import TOKEN, Split


@pytest.fixture
def turns(split: Split) -> Iterator[Any]:
    """What the bakery was told of."""
    found: Any = import_module("bakery.turns")
    found.TURNED.clear()
    yield found
    found.TURNED.clear()
    found.REFUSED.clear()


def switch(split: Split, shared: WorkspaceUnderTest, *, on: bool) -> None:
    """Switch the bakery in a workspace, with what needs it."""
    with split.host.scope(workspace=shared.id):
        split.host.service(PluginSwitches).switch_here("bakery", on=on, cascade=True)
    split.host.switches.refresh()


def test_the_service_is_told_when_its_plugin_is_switched(
    split: Split, shared: WorkspaceUnderTest, turns: Any
) -> None:
    """In the workspace, and with the plugin's own rights there."""
    switch(split, shared, on=False)
    switch(split, shared, on=True)
    role = "meishi_service_bakery_run"
    assert [("disabled", shared.id, role), ("enabled", shared.id, role)] == turns.TURNED


def test_what_the_plugin_refuses_there_is_not_switched(
    split: Split, shared: WorkspaceUnderTest, turns: Any
) -> None:
    """It is told in its own words."""
    turns.REFUSED.add("disabled")
    with pytest.raises(PluginRefused, match=r"bakery: There is bread in the oven\."):
        switch(split, shared, on=False)
    assert split.host.is_on("bakery", shared.id)
    assert turns.TURNED == []


def test_nothing_is_switched_while_the_service_is_away(
    split: Split, shared: WorkspaceUnderTest, turns: Any
) -> None:
    """Nobody could tell it; afterwards it goes."""
    with split.gates.closed(), pytest.raises(PluginRefused, match="does not answer; ask again"):
        switch(split, shared, on=False)
    assert split.host.is_on("bakery", shared.id)
    assert turns.TURNED == []


def test_a_command_says_where_it_is_to_be_run(
    split: Split, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line with a hint, and not that there is no such command."""
    for name, value in {
        "PLUGINS": "bakery,cashdesk",
        "HOME": str(split.host.settings.home),
        "PLUGIN__BAKERY__PLACEMENT": split.service_url,
        "PLUGIN__BAKERY__PLACEMENT_TOKEN": TOKEN,
    }.items():
        monkeypatch.setenv(f"MEISHI_{name}", value)
    with pytest.raises(SystemExit) as end:
        main(["bakery", "count"])
    told = capsys.readouterr()
    assert (end.value.code, told.out) == (1, "")
    assert told.err == (
        f"Error: `bakery` is the plugin bakery, which runs at {split.service_url}.\n"
        "Hint: Run it there, with the settings of that side.\n"
    )
