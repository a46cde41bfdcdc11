"""Exchanges as their owners see them: over the web API, and in the console."""

from __future__ import annotations

import html
from uuid import UUID

import pytest

from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Browser, EventDeliveries
from qr.consent import CURRENT_CONSENT
from qr.contract import VisitorDetails

from .conftest import Json, QrClient
from .test_exchanges import BO, Visitors

EVE = VisitorDetails(name='Eve "&" Co', email="eve@example.org")


@pytest.fixture
def visitors(workspace: WorkspaceUnderTest) -> Visitors:
    """The visitors of the workspace."""
    return Visitors(workspace)


def names(page: Json) -> list[str]:
    """Return who has left something, as far as that waits."""
    return [item["details"]["name"] for item in page["items"]]


def test_exchanges_are_listed_newest_first_and_filtered(
    qr: QrClient, visitors: Visitors, deliver_events: EventDeliveries
) -> None:
    """By card, state and contact; page after page, with the card if it is asked for."""
    first, second = qr.card(), qr.card()
    visitors.leave(first)
    deliver_events()
    visitors.leave(first, EVE)
    visitors.leave(second, EVE)
    everything = qr.get("exchanges?total=true&include=card").json
    newest, waiting, recorded = everything["items"]
    assert everything["total"] == 3
    assert (newest["card_id"], waiting["card_id"]) == (second["id"], first["id"])
    assert waiting["details"] == {
        "name": EVE.name,
        "email": EVE.email,
        "phone": None,
        "organisation": None,
        "title": None,
        "note": None,
    }
    assert (recorded["state"], recorded["details"]) == ("recorded", None)
    assert recorded["consent"] == {
        "version": CURRENT_CONSENT.version,
        "text": CURRENT_CONSENT.text,
        "purpose": CURRENT_CONSENT.purpose,
        "given_at": recorded["created_at"],
    }
    for query, found in (
        (f"filter[card_id][eq]={first['id']}", [waiting, recorded]),
        ("filter[state][eq]=received", [newest, waiting]),
        (f"filter[card_id][eq]={first['id']}&filter[state][eq]=recorded", [recorded]),
        (f"filter[visitor_contact_id][eq]={recorded['visitor_contact_id']}", [recorded]),
        ("filter[state][eq]=refused", []),
    ):
        assert qr.get(f"exchanges?{query}").json["items"] == found, query
    page = qr.get("exchanges?limit=2").json
    rest = qr.get(f"exchanges?limit=2&after={page['next_after']}").json
    assert page["items"] + rest["items"] == [newest, waiting, recorded]
    assert rest["next_after"] is None
    one = qr.get(f"exchanges/{waiting['id']}?include=card")
    assert one.json["id"] == waiting["id"]
    unchanged = {"If-None-Match": qr.get(f"exchanges/{waiting['id']}").headers["ETag"]}
    qr.send("GET", f"exchanges/{waiting['id']}", 304, headers=unchanged)
    deliver_events()
    assert qr.send("GET", f"exchanges/{waiting['id']}", 200, headers=unchanged).json["version"] == 2
    qr.get(f"exchanges/{UUID(int=7)}", 404)
    qr.get("exchanges?filter[state][eq]=lost", 400)


def test_the_list_of_the_console_tells_who_left_what_where(
    signed_in: Browser, qr: QrClient, visitors: Visitors, deliver_events: EventDeliveries
) -> None:
    """Those who are contacts lead there; what was typed is text, and the consent can be read."""
    assert "No exchanges yet" in signed_in.get("/qr/exchanges").text
    card = qr.card()
    visitors.leave(card)
    deliver_events()
    visitors.leave(card, EVE)
    [recorded] = qr.get("exchanges?filter[state][eq]=recorded").json["items"]
    page = signed_in.get("/qr/exchanges").text
    assert f'href="/contacts/{recorded["visitor_contact_id"]}">{BO.name}<' in page
    assert "Eve &#34;&amp;&#34; Co" in page
    assert EVE.name not in page
    assert f'href="/qr/{card["id"]}"' in page
    assert CURRENT_CONSENT.text in page
    assert "Waiting" in page
    assert 'href="/qr/exchanges"' in signed_in.get("/qr").text
    chosen = signed_in.get(f"/qr/exchanges?filter[card_id][eq]={qr.card()['id']}").text
    assert BO.name not in chosen
    waiting = signed_in.get("/qr/exchanges?filter[state][eq]=received").text
    assert "Eve &#34;&amp;&#34; Co" in waiting
    assert BO.name not in waiting


def test_the_card_and_the_contact_show_each_other(
    signed_in: Browser, qr: QrClient, visitors: Visitors, deliver_events: EventDeliveries
) -> None:
    """The card's page who has left theirs there, the contact's through which card it came."""
    card = qr.card()
    panel = f"/qr/{card['id']}?_panel=qr.card_exchanges"
    assert panel in html.unescape(signed_in.get(f"/qr/{card['id']}").text)
    assert signed_in.get(panel).text == ""
    visitors.leave(card)
    deliver_events()
    assert BO.name in signed_in.get(panel).text
    [recorded] = qr.get("exchanges").json["items"]
    came = f"/contacts/{recorded['visitor_contact_id']}?_panel=qr.contact_exchanges"
    shown = signed_in.get(came).text
    assert f'href="/qr/{card["id"]}">{card["title"]}<' in shown
    assert CURRENT_CONSENT.text in shown
    owner = f"/contacts/{card['contact_id']}?_panel=qr.contact_exchanges"
    assert signed_in.get(owner).text == ""


def test_a_deleted_contact_is_named_nowhere(
    signed_in: Browser, qr: QrClient, visitors: Visitors, deliver_events: EventDeliveries
) -> None:
    """The list says that there was somebody."""
    visitors.leave(qr.card())
    deliver_events()
    [recorded] = qr.get("exchanges").json["items"]
    contact = f"/api/v1/contacts/{recorded['visitor_contact_id']}"
    assert qr.client.delete(contact, headers={**qr.headers, "If-Match": "*"}).status_code == 204
    page = signed_in.get("/qr/exchanges").text
    assert "Contact deleted" in page
    assert BO.name not in page
