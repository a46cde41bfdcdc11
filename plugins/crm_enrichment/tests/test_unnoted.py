"""Decisions that have changed a contact, and are noted only a moment later, or never."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from crm_contacts.contract import ChangeSource, ContactChanges, Contacts, Email
from crm_enrichment.contract import ProposalApplied
from meishi.sdk.context import service
from meishi.testing.types import PublishedEvents, WorkspaceUnderTest

from .conftest import ENRICHMENT, EnrichmentClient
from .test_following import at_lindqvist

ADDRESS = "anna.lindqvist@lindqvist.example"


class Deciders:
    """Somebody whose decision has changed a contact, and who then died."""

    def __init__(self, workspace: WorkspaceUnderTest, enrichment: EnrichmentClient) -> None:
        self._workspace = workspace
        self._enrichment = enrichment

    def change(self, proposal: dict[str, Any], **changes: Any) -> None:
        """Change a contact for a proposal, as its decision does, and note nothing."""
        with self._workspace.acting_as("crm_enrichment"):
            service(Contacts).update(
                UUID(proposal["contact_id"]),
                ContactChanges(**changes),
                source=ChangeSource.ENRICHMENT,
                source_id=UUID(proposal["id"]),
            )
        self._enrichment.follow()

    def bring_in(self, contact_id: str, **changes: Any) -> None:
        """Change a contact as an import does."""
        with self._workspace.acting_as("crm_enrichment"):
            service(Contacts).update(
                UUID(contact_id), ContactChanges(**changes), source=ChangeSource.IMPORT
            )
        self._enrichment.follow()


@pytest.fixture
def deciders(workspace: WorkspaceUnderTest, enrichment: EnrichmentClient) -> Deciders:
    """Whoever decides."""
    return Deciders(workspace, enrichment)


def marked(enrichment: EnrichmentClient, contact_id: str) -> list[str]:
    """Return the proposals whose values a contact shows as taken over."""
    return [item["proposal_id"] for item in enrichment.known(contact_id).get("applied", ())]


def test_what_is_being_taken_over_waits_until_that_is_noted(
    enrichment: EnrichmentClient, deciders: Deciders, published_events: PublishedEvents
) -> None:
    """Whoever follows the change in between does not take it for somebody's own word."""
    anna = enrichment.contact(**at_lindqvist(0))
    bo = enrichment.contact(**at_lindqvist(1))
    enrichment.follow()
    guess = enrichment.about(bo, "organisation")["confidence"]
    proposal = enrichment.about(anna, "organisation")
    deciders.change(proposal, organisation=proposal["value"])
    assert enrichment.about(anna, "organisation")["version"] == 1
    assert enrichment.about(bo, "organisation")["confidence"] == guess
    enrichment.decide(proposal, "reject", 409)
    applied = enrichment.decide(enrichment.about(anna, "organisation"), "apply")
    assert (applied["state"], applied["replaced"]) == ("applied", None)
    assert len(published_events(ProposalApplied)) == 1
    enrichment.follow()
    assert enrichment.read(anna)["version"] == 2
    assert marked(enrichment, anna) == [proposal["id"]]
    enrichment.decide(applied, "revert")
    assert enrichment.read(anna)["organisation"] is None


def test_what_is_being_taken_over_of_a_list_is_finished(
    enrichment: EnrichmentClient, deciders: Deciders
) -> None:
    """It stands there once, and goes when that is taken back; what came after it stays."""
    anna = enrichment.contact(phones=[{"number": "+46701234567"}])
    document = {"text": f"Anna Lindqvist\n{ADDRESS}", "contact_id": anna}
    path = f"{ENRICHMENT}/extractions"
    made = enrichment.client.post(path, json=document, headers=enrichment.headers)
    assert made.status_code == 201, made.text
    enrichment.follow()
    proposal = enrichment.about(anna, "email")
    deciders.change(proposal, emails=(Email(address=ADDRESS),))
    other = {"address": "a@other.example"}
    enrichment.edit(anna, emails=[{"address": ADDRESS}, other])
    enrichment.follow()
    enrichment.decide(enrichment.about(anna, "email"), "apply")
    emails = [item["address"] for item in enrichment.read(anna)["emails"]]
    assert emails == [ADDRESS, other["address"]]
    enrichment.decide(enrichment.about(anna, "email", "applied"), "revert")
    assert [item["address"] for item in enrichment.read(anna)["emails"]] == [other["address"]]


def test_what_is_being_taken_back_is_finished(
    enrichment: EnrichmentClient, deciders: Deciders
) -> None:
    """What it had replaced holds again, and is nobody's own word."""
    anna = enrichment.contact(**at_lindqvist(0))
    enrichment.follow()
    first = enrichment.decide(enrichment.about(anna, "organisation"), "apply")
    enrichment.follow()
    for number in range(1, 4):
        enrichment.contact(**at_lindqvist(number, "Lindqvist AB"))
    enrichment.follow()
    second = enrichment.decide(enrichment.about(anna, "organisation"), "apply")
    enrichment.follow()
    assert second["replaced"] == first["value"] != second["value"]
    deciders.change(second, organisation=first["value"])
    assert enrichment.about(anna, "organisation", "applied")["id"] == second["id"]
    enrichment.decide(second, "revert")
    enrichment.follow()
    assert enrichment.read(anna)["version"] == 4
    assert marked(enrichment, anna) == [first["id"]]
    bo = enrichment.contact(**at_lindqvist(9))
    enrichment.follow()
    assert enrichment.about(bo, "organisation")["confidence"] == 0.95


def test_what_was_changed_since_is_not_being_taken_back(
    enrichment: EnrichmentClient, deciders: Deciders
) -> None:
    """Where something else stands by now, nothing is marked that the contact does not say."""
    anna = enrichment.contact(**at_lindqvist(0))
    enrichment.follow()
    proposal = enrichment.decide(enrichment.about(anna, "organisation"), "apply")
    deciders.change(proposal, organisation=None)
    assert marked(enrichment, anna) == [proposal["id"]]
    deciders.bring_in(anna, organisation="Other AB")
    assert marked(enrichment, anna) == []
    enrichment.decide(proposal, "revert", 409)
    assert enrichment.read(anna)["organisation"] == "Other AB"


def test_what_others_have_said_since_is_not_being_taken_over(
    enrichment: EnrichmentClient, deciders: Deciders
) -> None:
    """The same value once more is the word of whoever it came from last."""
    anna = enrichment.contact(**at_lindqvist(0))
    enrichment.follow()
    proposal = enrichment.about(anna, "organisation")
    deciders.change(proposal, organisation=proposal["value"])
    deciders.bring_in(anna, organisation="Other AB")
    deciders.bring_in(anna, organisation=proposal["value"])
    assert "organisation" not in enrichment.waiting(anna)


@pytest.mark.parametrize("source", [ChangeSource.IMPORT, ChangeSource.MERGE])
def test_what_others_write_is_a_word_of_its_own(
    enrichment: EnrichmentClient, workspace: WorkspaceUnderTest, source: ChangeSource
) -> None:
    """A proposal of the same waits no more, and what has replaced a value is not taken back."""
    anna = enrichment.contact(**at_lindqvist(0))
    enrichment.follow()
    proposal = enrichment.about(anna, "organisation")
    changes = ContactChanges(organisation=proposal["value"])
    with workspace.acting_as("crm_enrichment"):
        service(Contacts).update(UUID(anna), changes, source=source, source_id=UUID(anna))
    enrichment.follow()
    assert "organisation" not in enrichment.waiting(anna)
    assert enrichment.decide(proposal, "apply", 409)["type"].endswith("proposal-decided")


def test_what_was_typed_over_is_not_taken_back(
    enrichment: EnrichmentClient, deciders: Deciders
) -> None:
    """The newest change of a decision tells whether it is being taken over, or taken back."""
    anna = enrichment.contact(**at_lindqvist(0))
    enrichment.follow()
    proposal = enrichment.decide(enrichment.about(anna, "organisation"), "apply")
    enrichment.edit(anna, organisation="My own")
    enrichment.follow()
    enrichment.decide(proposal, "revert", 409)
    assert enrichment.read(anna)["organisation"] == "My own"
    assert marked(enrichment, anna) == []
