"""People who ask what was found about them, or to be forgotten."""

from __future__ import annotations

import json
from uuid import UUID

import psycopg
import pytest

from crm_contacts.contract import ContactErased
from crm_enrichment.service import people
from crm_enrichment.subscribers import on_contact_erased
from meishi.sdk.plugin import DataSubject
from meishi.testing.types import Location, WorkspaceUnderTest

from .conftest import ENRICHMENT, EnrichmentClient, body

#: What is asked of the plugin by the host; its tables are looked at afterwards.
pytestmark = pytest.mark.inside

TABLES = ("proposal", "known", "employment", "field_lock")


def held(plugin_database: Location, contact: str) -> int:
    """Return how many rows there are about a contact."""
    with psycopg.connect(plugin_database.administrator_url()) as admin:
        return sum(
            admin.execute(
                f"SELECT count(*) FROM crm_enrichment.{table} WHERE contact_id = %s", [contact]
            ).fetchall()[0][0]
            for table in TABLES
        )


def known_contact(enrichment: EnrichmentClient) -> str:
    """Return a contact about which each table has something."""
    contact = enrichment.contact(
        emails=[{"address": "anna@lindqvist.example"}], phones=[{"number": "+46701234567"}]
    )
    enrichment.follow()
    enrichment.decide(enrichment.about(contact, "country"), "apply")
    enrichment.edit(contact, title="Gardener")
    enrichment.follow()
    return contact


def test_people_see_what_was_found_about_them(
    enrichment: EnrichmentClient, workspace: WorkspaceUnderTest
) -> None:
    """Each value with where it comes from and what became of it."""
    contact = known_contact(enrichment)
    enrichment.contact(title="CEO")
    enrichment.follow()
    with workspace.acting_as("crm_enrichment"):
        found = list(people.export(DataSubject(contact_ids=(UUID(contact),))))
    bodies = [json.loads(record.body) for record in found]
    assert {body["contact_id"] for body in bodies} == {contact}
    assert {"anna@lindqvist.example", "+46701234567"} == {body["quote"] for body in bodies}


def test_nothing_is_left_of_who_is_forgotten(
    enrichment: EnrichmentClient, workspace: WorkspaceUnderTest, plugin_database: Location
) -> None:
    """Asked again it finds nothing; of others everything stays."""
    contact, other = known_contact(enrichment), known_contact(enrichment)
    before = held(plugin_database, other)
    assert held(plugin_database, contact) == before > len(TABLES)
    subject = DataSubject(contact_ids=(UUID(contact),))
    erased = []
    for _ in range(2):
        with workspace.acting_as("crm_enrichment"):
            erased.append(people.erase(subject).erased)
    assert erased == [before, 0]
    assert (held(plugin_database, contact), held(plugin_database, other)) == (0, before)


def text(enrichment: EnrichmentClient, words: str, contact: str | None = None) -> str:
    """Have a text read, and return the id of what was read."""
    document = {"text": words, "contact_id": contact}
    path = f"{ENRICHMENT}/extractions"
    made = enrichment.client.post(path, json=document, headers=enrichment.headers)
    assert made.status_code == 201, made.text
    return str(body(made)["id"])


def test_texts_that_speak_of_people_are_shown_and_forgotten(
    enrichment: EnrichmentClient, workspace: WorkspaceUnderTest
) -> None:
    """Those about their contacts, and those about nobody that name their address or number."""
    contact, other = enrichment.contact(), enrichment.contact(name={"full": "Bo Ek"})
    theirs = {
        text(enrichment, "Anna Lindqvist\nGardener", contact): "Anna Lindqvist\nGardener",
        text(enrichment, "Mail Anna@Lindqvist.example"): "Mail Anna@Lindqvist.example",
        text(enrichment, "Call +46 (70) 123-45 67."): "Call +46 (70) 123-45 67.",
        text(enrichment, "T: 070/123 45 67"): "T: 070/123 45 67",
    }
    others = [
        text(enrichment, "Bo Ek\nask anna@lindqvist.example", other),
        text(enrichment, "Bo Ek\nbo@ek.example"),
    ]
    subject = DataSubject(
        contact_ids=(UUID(contact),), emails=("anna@lindqvist.example",), phones=("+46701234567",)
    )
    with workspace.acting_as("crm_enrichment"):
        found = [item for item in people.export(subject) if item.kind == "extraction"]
    assert {str(item.id): json.loads(item.body)["text"] for item in found} == theirs
    with workspace.acting_as("crm_enrichment"):
        assert people.erase(subject).erased >= len(theirs)
    for extraction, status in [(each, 404) for each in theirs] + [(each, 200) for each in others]:
        path = f"{ENRICHMENT}/extractions/{extraction}"
        assert enrichment.client.get(path, headers=enrichment.headers).status_code == status


def test_an_erased_contact_is_forgotten_even_if_nobody_asked_us(
    enrichment: EnrichmentClient, workspace: WorkspaceUnderTest, plugin_database: Location
) -> None:
    """The event does what the request has not."""
    contact = known_contact(enrichment)
    with workspace.acting_as("crm_enrichment"):
        on_contact_erased([ContactErased(contact_id=UUID(contact))])
    assert held(plugin_database, contact) == 0
