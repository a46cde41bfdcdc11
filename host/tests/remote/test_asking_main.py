"""What only the main deployment knows, and a service heeds: switches, and settings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from meishi.levels.across import StoredSettings
from meishi.levels.interface import PluginSettingValues, SettableLevel
from meishi.refusals import Forbidden
from meishi.remote.errors import RemoteCallError
from meishi.switches.interface import PluginSwitches
from meishi.testing.browsing import Browser
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.jobs import JobRuns

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
    assert service.is_on("bakery", shared.id)
    with split.host.scope(workspace=shared.id):
        switches.switch_here("bakery", on=False, cascade=True)
    split.host.switches.refresh()
    assert service.switches.refresh()
    assert not service.is_on("bakery", shared.id)
    assert service.is_on("bakery", None)
    assert not service.switches.refresh()


@pytest.mark.parametrize(("plugin", "told"), [("bakery", True), ("cashdesk", False)])
def test_a_service_is_told_what_was_set_of_its_plugin(
    split: Split, shared: WorkspaceUnderTest, plugin: str, told: bool
) -> None:
    """Who has its token learns nothing of others, whose settings may say more."""
    with split.service_host.scope(workspace=shared.id, plugin="bakery"):
        asked = split.service_host.service(StoredSettings)
        if told:
            assert asked.of(plugin, None).workspace == b"{}"
        else:
            with pytest.raises(Forbidden, match="may not read what is set of cashdesk"):
                asked.of(plugin, None)
    with split.host.scope(workspace=shared.id, plugin="cashdesk"):
        assert split.host.service(StoredSettings).of(plugin, UUID(int=1)).user == b"{}"


@pytest.fixture
def untold(split: Split) -> Split:
    """A service that has begun while nobody told it what is switched on."""
    split.service_host.use_database(str(split.service_host.engine.url.render_as_string(False)))
    return split


def test_a_service_that_was_told_nothing_refuses_requests(
    untold: Split, shared: WorkspaceUnderTest, owner: Browser
) -> None:
    """Something may be switched off: it can do nothing now, and as soon as it knows, it does."""
    client = untold.main.test_client()
    assert not untold.service_host.is_on("bakery", shared.id)
    answer = client.get("/api/v1/bakery/sales", headers=shared.headers)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.json is not None
    assert answer.json["type"].endswith("plugin-unavailable")
    assert owner.get("/bakery/shelves").status_code == 503
    assert untold.service_host.switches.refresh()
    assert client.get("/api/v1/bakery/sales", headers=shared.headers).status_code == 200


def test_a_service_that_was_told_nothing_does_no_calls(
    untold: Split, shared: WorkspaceUnderTest
) -> None:
    """What others of the service add to its hooks would be left out of them."""
    from bakery.contract import Shelf

    shelf: Any = untold.host.calls.get(Shelf)
    with shared.acting_as("cashdesk"):
        with pytest.raises(RemoteCallError) as raised:
            shelf.sell("bread")
        assert not raised.value.may_have_happened
        untold.service_host.switches.refresh()
        assert shelf.count() == 0


def test_a_service_that_was_told_nothing_lets_work_wait(
    split: Split, shared: WorkspaceUnderTest, work_there: JobRuns
) -> None:
    """What was asked for is done once it knows."""
    from bakery.contract import Shelf

    host = split.service_host
    with host.scope(workspace=shared.id):
        host.service(Shelf).bake()
    host.use_database(str(host.engine.url.render_as_string(False)))
    assert work_there() == []
    assert host.switches.refresh()
    assert [run.fate for run in work_there() if run.job == "bakery.bake"] == ["succeeded"]
