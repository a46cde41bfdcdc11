"""Each service switched off in turn: the others go on, and pages lose only what was its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from crm_contacts.contract import ContactDraft, Contacts, Email, Name
from meishi.host import Host
from meishi.sdk.context import service
from meishi.switches.interface import PluginSwitches
from meishi.switches.models import DB_SCHEMA as SWITCHES
from meishi.testing.browsing import Browser
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import WorkspaceUnderTest

#: Each service, and those that cannot do without it.
SERVICES = {
    "crm_contacts": {"crm_contacts", "crm_enrichment", "crm_graph", "qr"},
    "crm_enrichment": {"crm_enrichment"},
    "crm_graph": {"crm_graph"},
    "crm_viral": {"crm_viral"},
    "qr": {"qr"},
}


@pytest.fixture(params=SERVICES)
def off(
    request: pytest.FixtureRequest, host: Host, workspace: WorkspaceUnderTest
) -> Iterator[set[str]]:
    """The services that are off; there was a contact before."""
    _add(workspace, "Anna Ek")
    with host.within(SWITCHES):
        host.service(PluginSwitches).switch(request.param, on=False, cascade=True)
    host.switches.refresh()
    yield SERVICES[request.param]
    with host.within(SWITCHES):
        for name in SERVICES:
            host.service(PluginSwitches).switch(name, on=True, cascade=True)
    host.switches.refresh()


def test_only_what_is_its_own_is_gone(
    off: set[str], host: Host, signed_in: Browser, workspace: WorkspaceUnderTest
) -> None:
    """Its routes, pages and entries are gone, and nobody else's."""
    document = signed_in.client.get("/api/openapi.json", headers=workspace.headers).json
    assert document is not None
    prefixes = {
        item.plugin: f"/api/v1/{item.manifest.api_prefix}"
        for item in host.plugins.active()
        if item.plugin in SERVICES
    }
    for plugin, prefix in prefixes.items():
        there = any(path.startswith((f"{prefix}/", prefix)) for path in document["paths"])
        assert there is (plugin not in off), (plugin, prefix)
    for path, methods in document["paths"].items():
        if "{" not in path and "get" in methods and path.startswith("/api/v1/"):
            with signed_in.client.get(path, headers=workspace.headers) as answer:
                assert answer.status_code < 500, path


def test_every_page_that_one_is_led_to_opens(off: set[str], signed_in: Browser) -> None:
    """The navigation leads nowhere where nothing is; the start page is there."""
    start = signed_in.get("/")
    while start.status_code in {301, 302, 303}:
        start = signed_in.get(start.headers["Location"])
    assert start.status_code == 200
    led = set(re.findall(r'href="(/[a-z][^"#?]*)"', start.text))
    assert led
    for path in sorted(led - {"/sign-out"}):
        page = signed_in.get(path)
        assert page.status_code in {200, 302, 303}, (path, page.status_code, off)


def test_work_goes_on_and_nothing_is_parked(
    off: set[str],
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    deliver_events: EventDeliveries,
) -> None:
    """A contact comes in, is delivered to who is there, and has a page with what is left."""
    if "crm_contacts" in off:
        answer = client.get("/api/v1/contacts", headers=workspace.headers)
        assert answer.status_code == 404
        assert answer.json is not None
        assert answer.json["type"].endswith("plugin-disabled")
        return
    made = _add(workspace, "Berta Holm")
    deliver_events()
    shown = client.get(f"/api/v1/contacts/{made}", headers=workspace.headers)
    assert shown.status_code == 200
    assert shown.json is not None
    assert off.isdisjoint(shown.json.get("extensions", {}))


def _add(workspace: WorkspaceUnderTest, name: str) -> UUID:
    with workspace.acting_as("crm_contacts"):
        email = Email(address=f"{name.split(maxsplit=1)[0].lower()}@holm-data.example")
        draft = ContactDraft(name=Name(full=name), emails=(email,), title="Head of Sales")
        return service(Contacts).create(draft).id
