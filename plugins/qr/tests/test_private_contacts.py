"""Cards of private contacts: their title is for those who see the contact."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.members import join
from meishi.testing.types import Location

from .conftest import ANNA, Json, QrClient

TITLE = "Anna Žofie 山田"


@pytest.fixture
def bob(client: FlaskClient, workspace: WorkspaceUnderTest, database: Location) -> QrClient:
    """The web API as another member has it."""
    return QrClient(client, join(workspace, database, "Bob").headers)


@pytest.fixture
def card(qr: QrClient) -> Json:
    """A card of Anna, which everybody sees."""
    return qr.card(ANNA)


def share(qr: QrClient, workspace: WorkspaceUnderTest, card: Json, visibility: str) -> None:
    """Let the owner of the workspace decide who sees the contact of a card."""
    done = qr.client.put(
        f"/api/v1/contacts/{card['contact_id']}/sharing",
        json={"owner_id": str(workspace.owner_id), "visibility": visibility},
        headers=qr.headers | {"If-Match": "*"},
    )
    assert done.status_code == 200, done.text


def titles(who: QrClient, card: Json) -> set[str]:
    """Return what the API calls a card, wherever it shows it."""
    feed = who.get("cards/changes").json
    shown: list[Any] = [who.get(f"cards/{card['id']}").json, *who.get("cards").json["items"]]
    return {item["title"] for item in (*shown, *feed["items"])}


def hits(who: QrClient, text: str) -> list[str]:
    """Return the cards that a search finds."""
    found = who.client.get("/api/v1/search", query_string={"q": text}, headers=who.headers)
    assert found.json is not None
    assert found.json["incomplete"] == []
    return [item["id"] for item in found.json["items"] if item["kind"] == "cards"]


def test_the_title_is_for_those_who_see_the_contact(
    qr: QrClient, bob: QrClient, workspace: WorkspaceUnderTest, card: Json
) -> None:
    """Lists, single cards, the feed and the search; once the contact is shared, it is there."""
    assert titles(bob, card) == {TITLE}
    assert hits(bob, "Anna") == [card["id"]]
    share(qr, workspace, card, "private")
    assert titles(bob, card) == {""}
    assert hits(bob, "Anna") == []
    assert titles(qr, card) == {TITLE}
    assert hits(qr, "Anna") == [card["id"]]
    share(qr, workspace, card, "workspace")
    assert titles(bob, card) == {TITLE}


def test_who_changes_the_card_neither_reads_nor_loses_the_title(
    qr: QrClient, bob: QrClient, workspace: WorkspaceUnderTest, card: Json
) -> None:
    """What may be shown can be changed by who does not see whose card it is."""
    share(qr, workspace, card, "private")
    changed = bob.change(f"cards/{card['id']}", {"fields": ["emails"]}).json
    assert (changed["title"], changed["fields"]) == ("", ["emails"])
    assert titles(qr, card) == {TITLE}
