"""Gates: a plugin that is off has no routes, pages, navigation and documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from meishi.core.identity.contract import Tokens
from meishi.declarations import Lifecycle
from meishi.host import Host
from meishi.placement import Placement
from meishi.sdk.context import service
from meishi.sdk.contract import DomainError
from meishi.switches.interface import (
    PluginNeeded,
    PluginNeeds,
    PluginNotFound,
    PluginNotSwitchable,
    PluginSwitches,
)
from meishi.switches.state import WorkspaceDefault
from meishi.testing.browsing import Browser
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace

Switch = Callable[..., tuple[str, ...]]
DISABLED = "urn:meishi:problem:plugin-disabled"


@pytest.fixture
def switch(host: Host, workspace: WorkspaceUnderTest) -> Switch:
    """Switch a plugin: for the deployment, or with `here` for the workspace."""

    def switched(plugin: str, *, on: bool, here: bool = False, cascade: bool = False) -> Any:
        with workspace.acting_as("meishi_plugins"):
            switches = service(PluginSwitches)
            change = switches.switch_here if here else switches.switch
            changed = change(plugin, on=on, cascade=cascade)
        host.switches.refresh()
        return changed

    return switched


def contacts(client: FlaskClient, workspace: WorkspaceUnderTest) -> TestResponse:
    """Ask for the contacts of a workspace."""
    return client.get("/api/v1/contacts", headers=workspace.headers)


def is_disabled(answer: TestResponse) -> bool:
    """Whether an answer says that a plugin is off."""
    assert answer.status_code in {200, 404}, answer.text
    return answer.status_code == 404 and (answer.json or {})["type"] == DISABLED


def test_a_plugin_is_off_for_everybody_and_on_again(
    client: FlaskClient, workspace: WorkspaceUnderTest, switch: Switch
) -> None:
    """What needs it goes along, in order; without a restart it is there again."""
    assert switch("crm_contacts", on=False, cascade=True) == (
        *("crm_enrichment", "crm_graph", "qr"), "crm_contacts",
    )  # fmt: skip
    answer = contacts(client, workspace)
    assert is_disabled(answer)
    assert "switched off" in (answer.json or {})["detail"]
    assert is_disabled(client.get("/api/v1/contacts"))
    assert client.get("/api/v1/identity/account", headers=workspace.headers).status_code == 200
    assert switch("crm_contacts", on=True) == ("crm_contacts",)
    assert not is_disabled(contacts(client, workspace))
    assert is_disabled(client.get("/api/v1/qr/cards", headers=workspace.headers))


def test_a_workspace_switches_for_itself_alone(
    client: FlaskClient, host: Host, workspace: WorkspaceUnderTest, switch: Switch
) -> None:
    """The others do not notice."""
    other = found_workspace(host, "two")
    switch("crm_contacts", on=False, here=True, cascade=True)
    assert is_disabled(contacts(client, workspace))
    assert not is_disabled(contacts(client, other))


def test_what_others_need_is_not_taken_from_them(switch: Switch) -> None:
    """Refused by name, unless they go along; and nothing comes back without what it needs."""
    with pytest.raises(PluginNeeded, match="qr would be without crm_contacts"):
        switch("crm_contacts", on=False)
    switch("crm_contacts", on=False, cascade=True)
    with pytest.raises(PluginNeeds, match="qr needs crm_contacts"):
        switch("qr", on=True)
    assert switch("qr", on=True, cascade=True) == ("crm_contacts", "qr")
    assert switch("qr", on=True) == ()


def test_not_everything_can_be_switched(switch: Switch, workspace: WorkspaceUnderTest) -> None:
    """Parts of the host stay, unknown names are told, and the deployment has the last word."""
    with pytest.raises(PluginNotSwitchable, match="part of the host"):
        switch("identity", on=False)
    with pytest.raises(PluginNotFound, match="no plugin 'nobody'"):
        switch("nobody", on=False)
    with workspace.acting_as("meishi_plugins"):
        service(PluginSwitches).set_default("qr", WorkspaceDefault.FORCED)
    with pytest.raises(PluginNotSwitchable, match="in every workspace"):
        switch("qr", on=False, here=True)
    switch("qr", on=False)
    with pytest.raises(PluginNotSwitchable, match="for the whole deployment"):
        switch("qr", on=True, here=True)


def test_documents_leave_out_what_is_off(
    client: FlaskClient, workspace: WorkspaceUnderTest, switch: Switch
) -> None:
    """For strangers what is off for all, for a token what is off in its workspace."""

    def paths(**headers: str) -> set[str]:
        document = client.get("/api/openapi.json", headers=headers).json
        assert document is not None
        return {path for path in document["paths"] if path.startswith("/api/v1/qr")}

    everything = paths()
    assert everything
    switch("qr", on=False, here=True)
    assert paths() == everything
    assert paths(**workspace.headers) == set()
    switch("qr", on=False)
    assert paths() == set()
    assert "/api/v1/qr" not in client.get("/api/docs").text


def test_pages_and_navigation_go_with_a_plugin(
    signed_in: Browser, workspace: WorkspaceUnderTest, switch: Switch
) -> None:
    """The page answers like one that is not there, and nothing leads to it."""
    assert signed_in.get("/contacts").status_code == 200
    assert 'href="/contacts"' in signed_in.get("/plugins").text
    switch("crm_contacts", on=False, here=True, cascade=True)
    gone = signed_in.get("/contacts")
    assert gone.status_code == 404
    assert "switched off in this workspace" in gone.text
    assert 'href="/contacts"' not in signed_in.get("/plugins").text


def test_modules_are_switched_on_their_page(
    signed_in: Browser, host: Host, workspace: WorkspaceUnderTest
) -> None:
    """Who would lose others is asked first."""
    asked = signed_in.send("/plugins/crm_contacts/here/off", page="/plugins")
    assert asked.status_code == 409
    assert "qr would be without crm_contacts" in asked.text
    done = signed_in.send("/plugins/crm_contacts/here/off", {"cascade": "true"}, page="/plugins")
    assert (done.status_code, done.location) == (303, "/plugins")
    host.switches.refresh()
    assert not host.is_on("qr", workspace.id)
    assert (
        "Switched: crm_enrichment, crm_graph, qr, crm_contacts." in signed_in.get("/plugins").text
    )
    signed_in.send("/plugins/crm_contacts/here/on", page="/plugins")
    host.switches.refresh()
    assert host.is_on("crm_contacts", workspace.id)


def test_the_page_says_what_runs_as_a_service(
    signed_in: Browser, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Members see that it does so, and no address."""
    said = "Runs as a service of its own."
    assert said not in signed_in.get("/plugins").text
    placement = Placement(url="https://qr.example", token="x" * 32)
    elsewhere = replace(host.plugins.contributions["qr"], placement=placement)
    monkeypatch.setitem(host.plugins.contributions, "qr", elsewhere)
    text = signed_in.get("/plugins").text
    assert text.count(said) == 1
    assert "qr.example" not in text


def test_operators_see_how_a_module_stands(
    client: FlaskClient, host: Host, workspace: WorkspaceUnderTest, signed_in: Browser
) -> None:
    """Its revision and its lag; nobody else is told."""
    with workspace.acting_as("identity"):
        token = service(Tokens).issue(user_id=workspace.owner_id, name="op", operator=True)
    operator = {"Authorization": f"Bearer {token.secret}"}
    EventDeliveries(host).register()
    path = "/api/v1/plugins/qr/deployment"
    found = client.get(path, headers=operator).json
    assert found is not None
    assert (found["revision"].startswith("qr_"), found["pending"]) == (True, [])
    assert "qr.main" in {item["name"] for item in found["subscriptions"]}
    assert {item["lag_events"] for item in found["subscriptions"]} == {0}
    assert client.get(path, headers=workspace.headers).status_code == 403
    assert client.get("/api/v1/plugins/nobody/deployment", headers=operator).status_code == 404
    assert signed_in.get("/plugins/qr/deployment").status_code == 403


def test_modules_are_switched_over_http(
    client: FlaskClient, host: Host, workspace: WorkspaceUnderTest
) -> None:
    """The list says what is on, and why something is not."""
    path, headers = "/api/v1/plugins", workspace.headers
    refused = client.post(f"{path}/crm_contacts/disable", json={}, headers=headers)
    assert refused.status_code == 409
    done = client.post(f"{path}/crm_contacts/disable", json={"cascade": True}, headers=headers)
    assert done.json == {"changed": ["crm_enrichment", "crm_graph", "qr", "crm_contacts"]}
    found = client.get(f"{path}/qr", headers=headers).json
    assert found is not None
    assert (found["state"], found["enabled"], found["chosen"], found["on"]) == (
        "active",
        True,
        False,
        False,
    )
    listed = client.get(path, headers=headers).json
    assert listed is not None
    assert found in listed["items"]
    denied = client.post(f"{path}/qr/deployment/disable", json={}, headers=headers)
    assert denied.status_code == 403
    assert client.get(f"{path}/nobody", headers=headers).status_code == 404


class _InUse(DomainError):
    """Something is printed at the moment."""

    code = "in-use"
    title = "In use"
    status = 409


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (RuntimeError("/home/meishi/secret"), "qr failed when it was told"),
        (_InUse("A sheet is being printed."), "qr: A sheet is being printed."),
    ],
)
def test_members_are_told_what_a_plugin_says_and_not_what_broke_in_it(
    error: Exception,
    told: str,
    client: FlaskClient,
    host: Host,
    workspace: WorkspaceUnderTest,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """It stays on either way; what broke is in the log, for those who run the deployment."""

    def refuse() -> None:
        raise error

    real = host.plugins.contributions["qr"]
    refusing = replace(real, lifecycle=Lifecycle(disabled=refuse))
    monkeypatch.setitem(host.plugins.contributions, "qr", refusing)
    answer = client.post("/api/v1/plugins/qr/disable", json={}, headers=workspace.headers)
    assert answer.status_code == 409
    assert answer.json is not None
    assert told in answer.json["detail"]
    assert "secret" not in answer.text
    host.switches.refresh()
    assert host.is_on("qr", workspace.id)
    assert ("secret" in capfd.readouterr().err) is isinstance(error, RuntimeError)
