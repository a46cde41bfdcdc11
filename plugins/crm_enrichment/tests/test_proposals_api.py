"""Proposals over the web API: what is found waits, and people decide."""

from __future__ import annotations

from crm_enrichment.contract import Field, ProposalApplied, ProposalCreated, ProposalReverted
from meishi.testing.types import PublishedEvents, WorkspaceUnderTest

from .conftest import ENRICHMENT, EnrichmentClient, body

ANNA = {
    "emails": [{"address": "Anna@mail.lindqvist-arkitekter.example"}],
    "phones": [{"number": "+46 70 123 45 67"}],
    "title": "Vertriebsleiterin",
}


def test_a_new_contact_is_asked_about(
    enrichment: EnrichmentClient, published_events: PublishedEvents
) -> None:
    """All that its address, number and title say waits, and the contact stays as it is."""
    contact = enrichment.contact(**ANNA)
    enrichment.follow()
    assert enrichment.waiting(contact) == {
        "organisation": "Lindqvist Arkitekter",
        "email_type": "business",
        "country": "SE",
        "time_zone": "Europe/Stockholm",
        "phone_type": "mobile",
        "seniority": "head",
        "department": "sales",
    }
    assert enrichment.read(contact)["organisation"] is None
    assert enrichment.known(contact) == {}
    assert len(published_events(ProposalCreated)) == 7


def test_what_is_applied_stands_in_the_contact_and_is_marked(
    enrichment: EnrichmentClient, published_events: PublishedEvents
) -> None:
    """A field of the contact is written; what it has no place for is an attribute of ours."""
    contact = enrichment.contact(**ANNA)
    enrichment.follow()
    applied = enrichment.decide(enrichment.about(contact, "organisation"), "apply")
    assert (applied["state"], applied["version"]) == ("applied", 2)
    enrichment.decide(enrichment.about(contact, "country"), "apply")
    assert enrichment.read(contact)["organisation"] == "Lindqvist Arkitekter"
    known = enrichment.known(contact)
    assert known["country"] == "SE"
    assert known["seniority"] is None
    marks = {item["field"]: (item["source"], item["verified"]) for item in known["applied"]}
    assert marks["organisation"] == ("email:lindqvist-arkitekter.example", True)
    fields = [getattr(event, "field", None) for event in published_events(ProposalApplied)]
    assert fields == [Field.ORGANISATION, Field.COUNTRY]


def test_the_contact_tells_what_was_taken_over_and_where_a_change_came_from(
    enrichment: EnrichmentClient,
) -> None:
    """Its history names the proposal, its timeline the field and who had found that."""
    contact = enrichment.contact(**ANNA)
    enrichment.follow()
    proposal = enrichment.about(contact, "organisation")
    enrichment.decide(proposal, "apply")
    enrichment.decide(enrichment.about(contact, "organisation", "applied"), "revert")
    for _ in range(2):  # events of a service come first, then what hears them
        enrichment.follow()
    changes = enrichment.read(f"{contact}/history")["items"]
    assert [(item["source"], item["source_id"]) for item in changes[:2]] == [
        ("enrichment", proposal["id"]), ("enrichment", proposal["id"]),
    ]  # fmt: skip
    told = enrichment.read(f"{contact}/timeline")["items"]
    found = {item["kind"]: item["details"] for item in told if item["plugin"] == "crm_enrichment"}
    assert list(found) == ["proposal_reverted", "proposal_applied"]
    assert found["proposal_applied"][0] == {"name": "field", "value": "organisation"}


def test_what_was_applied_is_taken_back(
    enrichment: EnrichmentClient, published_events: PublishedEvents
) -> None:
    """The value before is there again, the mark is gone, and it is not proposed once more."""
    contact = enrichment.contact(**ANNA)
    enrichment.follow()
    for field in ("organisation", "country"):
        proposal = enrichment.about(contact, field)
        enrichment.decide(proposal, "apply")
        assert enrichment.decide(proposal, "revert")["state"] == "reverted"
    enrichment.follow()
    assert enrichment.read(contact)["organisation"] is None
    assert enrichment.known(contact) == {}
    assert not {"organisation", "country"} & {*enrichment.waiting(contact)}
    assert len(published_events(ProposalReverted)) == 2


def test_what_somebody_has_changed_since_is_not_taken_back(enrichment: EnrichmentClient) -> None:
    """Their word stands, before and after we have heard of it; the mark is gone then."""
    contact = enrichment.contact(**ANNA)
    enrichment.follow()
    proposal = enrichment.about(contact, "organisation")
    enrichment.decide(proposal, "apply")
    enrichment.edit(contact, organisation="Lindqvist AB")
    refused = enrichment.decide(proposal, "revert", status=409)
    assert refused["type"].endswith("field-taken")
    assert "theirs and stays" in refused["detail"]
    enrichment.follow()
    enrichment.decide(proposal, "revert", status=409)
    assert enrichment.read(contact)["organisation"] == "Lindqvist AB"
    assert enrichment.known(contact) == {}


def test_a_rejected_value_is_not_proposed_again(enrichment: EnrichmentClient) -> None:
    """Not from the same source; from another one it is."""
    contact = enrichment.contact(**ANNA)
    enrichment.follow()
    enrichment.decide(enrichment.about(contact, "country"), "reject")
    enrichment.run(contact)
    assert "country" not in enrichment.waiting(contact)
    enrichment.edit(contact, phones=[{"number": "+46 70 765 43 21"}])
    enrichment.follow()
    assert enrichment.waiting(contact)["country"] == "SE"


def test_what_is_decided_is_not_decided_again(enrichment: EnrichmentClient) -> None:
    """Each state takes its own turns alone, and says why not another."""
    contact = enrichment.contact(**ANNA)
    enrichment.follow()
    proposal = enrichment.about(contact, "country")
    enrichment.decide(proposal, "revert", status=409)
    enrichment.decide(proposal, "reject")
    for decision in ("apply", "reject", "revert"):
        refused = enrichment.decide(proposal, decision, status=409)
        assert refused["type"].endswith("proposal-decided")
        assert "is rejected" in refused["detail"]
    nobody = {"id": "0193e9c4-0000-7000-8000-000000000000"}
    for decision in ("apply", "reject", "revert"):
        enrichment.decide(nobody, decision, status=404)


def test_what_somebody_has_typed_meanwhile_is_not_replaced(enrichment: EnrichmentClient) -> None:
    """Nor once we have heard of it: then nothing waits any more."""
    contact = enrichment.contact(**ANNA)
    enrichment.follow()
    proposal = enrichment.about(contact, "organisation")
    enrichment.edit(contact, organisation="Lindqvist AB")
    refused = enrichment.decide(proposal, "apply", status=409)
    assert refused["type"].endswith("field-taken")
    enrichment.follow()
    assert "organisation" not in enrichment.waiting(contact)
    assert enrichment.about(contact, "organisation", "superseded")["id"] == proposal["id"]


def test_what_somebody_has_added_meanwhile_is_not_added_twice(enrichment: EnrichmentClient) -> None:
    """Nor is it lost when what was found is taken back: it is theirs, however they wrote it."""
    note = "--\nAnna Lindqvist\nanna@northwind.example\nT: +44 20 7946 0123"
    contact = enrichment.contact(note=note)
    enrichment.follow()
    found = [enrichment.about(contact, field) for field in ("email", "phone")]
    typed = {
        "emails": [{"address": "Anna@Northwind.example"}],
        "phones": [{"number": "+44 2079460123"}],
    }
    enrichment.edit(contact, **typed)
    for proposal in found:
        refused = enrichment.decide(proposal, "apply", status=409)
        assert refused["type"].endswith("field-taken")
    read = enrichment.read(contact)
    assert [item["address"] for item in read["emails"]] == ["Anna@Northwind.example"]
    assert [item["number"] for item in read["phones"]] == ["+44 2079460123"]
    enrichment.follow()
    assert not {"email", "phone"} & {*enrichment.waiting(contact)}


def test_a_field_that_somebody_has_emptied_is_theirs(enrichment: EnrichmentClient) -> None:
    """Nothing is proposed for it again."""
    contact = enrichment.contact(**ANNA, organisation="Lindqvist AB")
    enrichment.follow()
    enrichment.edit(contact, organisation=None)
    enrichment.follow()
    enrichment.run(contact)
    assert "organisation" not in enrichment.waiting(contact)


def test_proposals_are_listed_in_pages(
    enrichment: EnrichmentClient, workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest
) -> None:
    """Newest first, without gap and overlap, by each filter; elsewhere nothing is seen."""
    contact = enrichment.contact(**ANNA)
    enrichment.contact(title="CEO")
    enrichment.follow()
    seen: list[str] = []
    path = f"{ENRICHMENT}/proposals?limit=4&total=true"
    while path:
        page = body(enrichment.client.get(path, headers=workspace.headers))
        seen += [item["id"] for item in page["items"]]
        path = page["next_after"] and f"{ENRICHMENT}/proposals?limit=4&after={page['next_after']}"
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 9
    assert len(enrichment.proposals(contact_id=contact)) == 7
    assert len(enrichment.proposals(field="seniority")) == 2
    assert len(enrichment.proposals(provider="crm_enrichment.phone")) == 3
    assert enrichment.proposals(state="applied") == []
    other = enrichment.client.get(f"{ENRICHMENT}/proposals", headers=other_workspace.headers)
    assert body(other)["items"] == []


def test_one_proposal_has_an_entity_tag(
    enrichment: EnrichmentClient, workspace: WorkspaceUnderTest
) -> None:
    """Who has it is answered without it."""
    contact = enrichment.contact(title="CEO")
    enrichment.follow()
    path = f"{ENRICHMENT}/proposals/{enrichment.about(contact, 'seniority')['id']}"
    found = enrichment.client.get(path, headers=workspace.headers)
    headers = {**workspace.headers, "If-None-Match": found.headers["ETag"]}
    assert enrichment.client.get(path, headers=headers).status_code == 304
    assert (body(found)["quote"], body(found)["source"]) == ("CEO", "title")


def test_a_run_says_what_it_has_come_to(
    enrichment: EnrichmentClient, workspace: WorkspaceUnderTest
) -> None:
    """How many contacts, proposals, and what was not there; the report stays."""
    contact = enrichment.contact(title="CEO")
    nobody = "0193e9c4-0000-7000-8000-000000000000"
    report = enrichment.run(contact, nobody)
    counts = (report["contacts"], report["missing"], report["proposed"], report["applied"])
    assert counts == (1, 1, 2, 0)
    assert report["failed"] == []
    again = enrichment.client.get(f"{ENRICHMENT}/runs/{report['id']}", headers=workspace.headers)
    assert body(again) == report
    assert enrichment.about(contact, "seniority")["run_id"] == report["id"]
    assert enrichment.run(contact)["proposed"] == 0


NOTE = """Met at the fair.

Best regards,
Anna Lindqvist
Lindqvist Arkitekter AB
Phone: +46 18 12 34 56
anna.lindqvist@lindqvist.example
"""


def test_a_list_becomes_longer_and_shorter_again(enrichment: EnrichmentClient) -> None:
    """What stood there stays; what somebody has taken out meanwhile is not taken back."""
    contact = enrichment.contact(note=NOTE, emails=[{"address": "own@example.org"}])
    enrichment.follow()
    email, phone = (enrichment.about(contact, field) for field in ("email", "phone"))
    for proposal in (email, phone):
        enrichment.decide(proposal, "apply")
    found = enrichment.read(contact)
    addresses = [item["address"] for item in found["emails"]]
    assert addresses == ["own@example.org", "anna.lindqvist@lindqvist.example"]
    assert [item["normalised"] for item in found["phones"]] == ["+4618123456"]
    enrichment.follow()
    enrichment.decide(email, "revert")
    addresses = [item["address"] for item in enrichment.read(contact)["emails"]]
    assert addresses == ["own@example.org"]
    enrichment.edit(contact, phones=[])
    enrichment.follow()
    assert not {"email", "phone"} & {*enrichment.waiting(contact)}
    enrichment.decide(phone, "revert", status=409)
