"""Contacts of a workspace and what is found about them, over the web API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from meishi.testing.types import EventDeliveries, WorkspaceUnderTest

Json = dict[str, Any]
CONTACTS, ENRICHMENT = "/api/v1/contacts", "/api/v1/enrichment"


def body(answer: TestResponse) -> Json:
    """Return the object that an answer holds."""
    assert isinstance(answer.json, dict), answer.text
    return answer.json


class EnrichmentClient:
    """The web API of one workspace: each change is followed at once."""

    def __init__(
        self, client: FlaskClient, headers: dict[str, str], deliver: EventDeliveries
    ) -> None:
        self.client = client
        self.headers = headers
        self._deliver = deliver
        self.user_id = ""

    def follow(self) -> None:
        """Deliver what was published, until nothing follows any more."""
        for _ in range(3):
            self._deliver()

    def contact(self, **fields: Any) -> str:
        """Make a contact, and return its id."""
        draft = {"name": {"full": "Anna Lindqvist"}, **fields}
        made = self.client.post(CONTACTS, json=draft, headers=self.headers)
        assert made.status_code == 201, made.text
        return str(body(made)["id"])

    def edit(self, contact_id: str, **fields: Any) -> None:
        """Change a contact as somebody who types."""
        headers = {**self.headers, "If-Match": "*", "Content-Type": "application/merge-patch+json"}
        done = self.client.patch(f"{CONTACTS}/{contact_id}", json=fields, headers=headers)
        assert done.status_code == 200, done.text

    def read(self, contact_id: str) -> Json:
        """Return a contact as others see it."""
        found = self.client.get(f"{CONTACTS}/{contact_id}", headers=self.headers)
        assert found.status_code == 200, found.text
        return body(found)

    def known(self, contact_id: str) -> Json:
        """Return what a contact shows of what was found."""
        return dict(self.read(contact_id)["extensions"]["crm_enrichment"] or {})

    def proposals(self, **filters: str) -> list[Json]:
        """Return proposals, newest first."""
        query = {f"filter[{name}][eq]": value for name, value in filters.items()}
        found = self.client.get(f"{ENRICHMENT}/proposals", query_string=query, headers=self.headers)
        assert found.status_code == 200, found.text
        return list(body(found)["items"])

    def waiting(self, contact_id: str) -> dict[str, str]:
        """Return the values that wait for a contact, by their fields."""
        return {
            item["field"]: item["value"]
            for item in self.proposals(contact_id=contact_id)
            if item["state"] == "proposed"
        }

    def about(self, contact_id: str, field: str, state: str = "proposed") -> Json:
        """Return the one proposal for a field of a contact in a state."""
        (found,) = [
            item
            for item in self.proposals(contact_id=contact_id)
            if (item["field"], item["state"]) == (field, state)
        ]
        return found

    def decide(self, proposal: Json, decision: str, status: int = 200) -> Json:
        """Apply, reject or revert a proposal."""
        path = f"{ENRICHMENT}/proposals/{proposal['id']}/{decision}"
        done = self.client.post(path, headers=self.headers)
        assert done.status_code == status, done.text
        return body(done)

    def run(self, *contact_ids: str, status: int = 201) -> Json:
        """Ask about contacts."""
        document = {"contact_ids": list(contact_ids)}
        done = self.client.post(f"{ENRICHMENT}/runs", json=document, headers=self.headers)
        assert done.status_code == status, done.text
        return body(done)


@pytest.fixture
def enrichment(
    client: FlaskClient, workspace: WorkspaceUnderTest, deliver_events: EventDeliveries
) -> EnrichmentClient:
    """Contacts and what was found about them."""
    deliver_events.register()
    return EnrichmentClient(client, workspace.headers, deliver_events)


@pytest.fixture
def wants(client: FlaskClient, workspace: WorkspaceUnderTest) -> Callable[..., None]:
    """Set what the workspace wants."""

    def put(**settings: Any) -> None:
        headers = {**workspace.headers, "If-Match": "*"}
        done = client.patch(
            "/api/v1/settings/crm_enrichment",
            json={"values": settings},
            headers=headers,
            content_type="application/merge-patch+json",
        )
        assert done.status_code == 200, done.text

    return put
