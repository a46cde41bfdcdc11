"""Cards that visitors leave, across the plugins that deal with them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from meishi.app import create_app
from meishi.core.identity.contract import Suppressions
from meishi.sdk.context import service
from meishi.switches.interface import PluginSwitches
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.packages import plugin_packages
from meishi.testing.types import EventDeliveries, Host, Location, PublishedEvents, Settings
from qr.consent import CURRENT_CONSENT
from qr.contract import ExchangeRecorded, Exchanges, ExchangeState, Visit, VisitorDetails

BO = VisitorDetails(name="Bo Nilsson", email="Bo@Example.org", phone="+46 8 123 456 78")
EVE = VisitorDetails(name="Eve", email="eve@example.org")


def make(
    client: FlaskClient, workspace: WorkspaceUnderTest, path: str, document: dict[str, Any]
) -> dict[str, Any]:
    """Post a document to a collection and return the answer."""
    made = client.post(f"/api/v1/{path}", json=document, headers=workspace.headers)
    assert made.status_code == 201, made.text
    assert isinstance(made.json, dict)
    return made.json


@pytest.mark.parametrize("suppressed", ["bo@example.org", "+46812345678"])
def test_who_was_erased_does_not_come_back(
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    published_events: PublishedEvents,
    deliver_events: EventDeliveries,
    suppressed: str,
) -> None:
    """Nothing of what they leave is kept, and no contact comes of it; others are not concerned."""
    is_email = "@" in suppressed
    with workspace.acting_as("identity"):
        service(Suppressions).suppress(
            emails=frozenset({suppressed} if is_email else ()),
            phones=frozenset(() if is_email else {suppressed}),
        )
    contact = make(client, workspace, "contacts", {"name": {"full": "Anna"}})
    card = make(client, workspace, "qr/cards", {"contact_id": contact["id"]})
    with workspace.acting_as("qr"):
        exchanges = service(Exchanges)
        for details in (BO, EVE):
            assert exchanges.leave_card(
                uuid4(),
                card["slug"],
                details,
                consent_version=CURRENT_CONSENT.version,
                visit=Visit(),
            )
    deliver_events()
    with workspace.acting_as("qr"):
        recorded, refused = service(Exchanges).list_exchanges().items
    assert (refused.state, refused.details, refused.visitor_contact_id) == (
        ExchangeState.REFUSED,
        None,
        None,
    )
    assert recorded.state is ExchangeState.RECORDED
    [told] = published_events(ExchangeRecorded)
    assert isinstance(told, ExchangeRecorded)
    assert told.exchange_id == recorded.id


def test_what_was_left_waits_while_the_plugin_is_off(
    client: FlaskClient,
    host: Host,
    workspace: WorkspaceUnderTest,
    published_events: PublishedEvents,
    deliver_events: EventDeliveries,
) -> None:
    """The page of the card is gone meanwhile; when it is back, the contact is made."""
    contact = make(client, workspace, "contacts", {"name": {"full": "Anna"}})
    card = make(client, workspace, "qr/cards", {"contact_id": contact["id"]})
    with workspace.acting_as("qr"):
        service(Exchanges).leave_card(
            uuid4(),
            card["slug"],
            EVE,
            consent_version=CURRENT_CONSENT.version,
            visit=Visit(),
        )
    for on in (False, True):
        with workspace.acting_as("meishi_plugins"):
            service(PluginSwitches).switch_here("qr", on=on)
        host.switches.refresh()
        for method in ("GET", "POST"):
            answer = client.open(f"/p/{card['slug']}", method=method, data={"name": "Bo"})
            assert answer.status_code == ({"GET": 200, "POST": 422}[method] if on else 404)
        deliver_events()
        assert len(published_events(ExchangeRecorded)) == int(on)


FRIENDS = """
from meishi.sdk.plugin import hookimpl

def fails(card_id):
    raise ValueError(card_id)

@hookimpl(optionalhook=True)
def qr_card_invitations():
    from qr.contract import CardInvitation

    return [CardInvitation(address=address) for address in ({addresses})]
"""


@pytest.mark.parametrize(
    ("addresses", "leads_to"),
    [
        ("lambda card_id: f'/sign-up?card={card_id}',", "/sign-up?card="),
        ("fails, lambda card_id: None, lambda card_id: '/friends',", "/friends"),
        ("fails, lambda card_id: '//evil.example', lambda card_id: 7,", "/sign-up"),
        ("lambda card_id: 'https://evil.example', lambda card_id: '/a\\r\\nb',", "/sign-up"),
    ],
)
def test_another_plugin_says_where_a_card_of_ones_own_is_made(
    meishi_settings: Settings, database: Location, tmp_path: Path, addresses: str, leads_to: str
) -> None:
    """The first path of this site; one that fails, or leads elsewhere, costs the referral alone."""
    with plugin_packages(tmp_path) as packages:
        packages.add("friends", plugin=FRIENDS.format(addresses=addresses), after={"qr": ">=0"})
        settings = replace(meishi_settings, plugins=(*meishi_settings.plugins, "friends"))
        app = create_app(settings, location=database)
        client, workspace = app.test_client(), found_workspace(app.extensions["meishi"], "one")
        contact = make(client, workspace, "contacts", {"name": {"full": "Anna"}})
        card = make(client, workspace, "qr/cards", {"contact_id": contact["id"]})
        answer = client.get(f"/p/{card['slug']}/own")
        app.extensions["meishi"].close()
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(leads_to)
    assert (card["id"] in answer.headers["Location"]) is leads_to.endswith("card=")
