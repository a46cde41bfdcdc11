"""What only the main deployment knows, and a service heeds: switches, and settings."""

from __future__ import annotations

from typing import Any

from meishi.levels.interface import PluginSettingValues, SettableLevel
from meishi.switches.interface import PluginSwitches
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Split


def test_what_a_workspace_sets_holds_in_the_service(
    split: Split, shared: WorkspaceUnderTest
) -> None:
    """It is asked for in each unit of work."""
    from bakery.contract import Shelf  # type: ignore[import-not-found]

    shelf: Any = split.host.calls.get(Shelf)
    with shared.acting_as("cashdesk"):
        assert shelf.greeting() == "Hello"
    with split.host.scope(workspace=shared.id):
        split.host.calls.get(PluginSettingValues).change(
            "bakery", '{"greeting": "Moin"}', level=SettableLevel.WORKSPACE
        )
    with shared.acting_as("cashdesk"):
        assert shelf.greeting() == "Moin"


def test_what_is_switched_is_heard_by_the_service(split: Split, shared: WorkspaceUnderTest) -> None:
    """For the deployment and for a workspace; without the main deployment, the last holds."""
    service, switches = split.service_host, split.host.calls.get(PluginSwitches)
    service.read_switches()
    assert service.is_on("bakery", shared.id)
    with split.host.scope(workspace=shared.id):
        switches.switch_here("bakery", on=False, cascade=True)
    split.host.switches.refresh()
    assert service.switches.refresh()
    assert not service.is_on("bakery", shared.id)
    assert service.is_on("bakery", None)
    assert not service.switches.refresh()
