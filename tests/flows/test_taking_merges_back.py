"""Merges of contacts that are taken back, with all plugins there: nothing is orphaned in any."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg
from flask.testing import FlaskClient

from meishi.sdk.context import service
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import EventDeliveries, Location
from qr.consent import CURRENT_CONSENT
from qr.contract import Exchanges, Visit, VisitorDetails

API = "/api/v1"
#: What plugins have of contacts, without how often it was changed, and when.
HELD = {
    "qr.card": "id, contact_id, title",
    "qr.exchange": "id, visitor_contact_id, state",
    "crm_graph.node": "id, name",
    "crm_graph.evidence": "source, key, low, high, direction, weight",
    "crm_graph.tie": "low, high",
    "crm_enrichment.proposal": "id, contact_id, field, value",
    "crm_enrichment.known": "contact_id, field, place, proposal_id",
    "crm_enrichment.field_lock": "contact_id, field",
    "crm_contacts.relationship": "id, source_id, target_id, type, deleted_ends",
    "crm_contacts.fingerprint": "content_key, contact_id",
    "crm_viral.link": "id, participant_id",
}
#: What is noted to take a merge back, and of no use after that.
NOTES = (
    "qr.moved",
    "crm_graph.moved_evidence",
    "crm_graph.alias",
    "crm_enrichment.moved",
    "crm_contacts.contact_merge",
)


class People:
    """Contacts of one workspace and what is around them."""

    def __init__(
        self,
        client: FlaskClient,
        workspace: WorkspaceUnderTest,
        deliver: EventDeliveries,
        database: Location,
    ) -> None:
        self.client = client
        self.workspace = workspace
        self._deliver = deliver
        self._database = database

    def send(self, path: str, document: Any = None, *, method: str = "POST") -> dict[str, Any]:
        """Send something, and return the answer."""
        headers = self.workspace.headers | {"If-Match": "*"}
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        options: dict[str, Any] = {"json": document, "content_type": kind} if document else {}
        answer = self.client.open(f"{API}/{path}", method=method, headers=headers, **options)
        assert answer.status_code < 300, answer.text
        return dict(answer.json or {})

    def person(self, full: str, **fields: Any) -> str:
        """Create a contact, and return its id."""
        return str(self.send("contacts", {"name": {"full": full}, **fields})["id"])

    def follow(self) -> None:
        """Deliver what was published, until nothing follows any more."""
        for _ in range(4):
            self._deliver()

    def leave_card(self, card: dict[str, Any], email: str) -> None:
        """Leave a visitor's card at another's."""
        details = VisitorDetails(name="Bo Nilsson", email=email)
        with self.workspace.acting_as("qr"):
            assert service(Exchanges).leave_card(
                uuid4(),
                card["slug"],
                details,
                consent_version=CURRENT_CONSENT.version,
                visit=Visit(),
            )

    def held(self) -> dict[str, set[tuple[str, ...]]]:
        """Return what all plugins have."""
        with psycopg.connect(self._database.administrator_url()) as admin:
            return {
                table: {
                    tuple(map(str, row)) for row in admin.execute(f"SELECT {columns} FROM {table}")
                }
                for table, columns in HELD.items()
            }

    def notes(self) -> dict[str, int]:
        """Return how much is noted of merges."""
        with psycopg.connect(self._database.administrator_url()) as admin:
            return {
                table: admin.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
                for table in NOTES
            }


def test_all_plugins_have_again_what_they_had(
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    deliver_events: EventDeliveries,
    database: Location,
) -> None:
    """Cards, exchanges, ties, findings and relationships are whose they were; no note is left."""
    deliver_events.register()
    people = People(client, workspace, deliver_events, database)
    target = people.person(
        "Anna Ek", title="CTO", emails=[{"address": "anna@ek.example"}], organisation="Ek AB"
    )
    source = people.person("Anna E", title="CEO", phones=[{"number": "+46701234567"}])
    friend, child = people.person("Friend"), people.person("Child")
    people.send(f"contacts/{source}/relationships", {"target_id": friend, "type": "friend"})
    people.send(f"contacts/{child}/relationships", {"target_id": source, "type": "child"})
    people.send(f"contacts/{target}/relationships", {"target_id": source, "type": "me"})
    for contact in (target, source):
        card = people.send("qr/cards", {"contact_id": contact})
        people.leave_card(card, f"bo@{contact[-6:]}.example")
    programme = people.send(
        "viral/programmes", {"name": "Friends", "starts_at": "2026-01-01T00:00:00Z"}
    )
    people.send("viral/links", {"programme_id": programme["id"]})
    people.follow()
    people.send(f"contacts/{source}", {"title": "Chief executive officer"}, method="PATCH")
    people.follow()
    before = people.held()
    assert all(before[table] for table in HELD if table != "crm_enrichment.known")
    people.send(f"contacts/{target}/merge", {"merged_ids": [source]})
    people.follow()
    merged = people.held()
    assert merged != before
    assert not any(source in row for table, rows in merged.items() for row in rows), merged
    people.send(f"contacts/{source}/unmerge")
    people.follow()
    after = people.held()
    for table in HELD:
        assert before[table] <= after[table], table
    assert {table for table in HELD if after[table] != before[table]} <= {
        "crm_enrichment.proposal",  # what was asked of the contact while it was more
        "crm_contacts.fingerprint",  # what it said then, under which a copy is known
    }
    assert people.notes() == dict.fromkeys(NOTES, 0)
