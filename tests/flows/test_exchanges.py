"""Cards that visitors leave, across the plugins that deal with them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from meishi.core.identity.contract import Suppressions
from meishi.sdk.context import service
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import EventDeliveries, PublishedEvents
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
