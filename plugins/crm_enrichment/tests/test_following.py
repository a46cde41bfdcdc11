"""What follows when contacts come, change, are merged and go."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any
from uuid import UUID

import pytest

from crm_enrichment.contract import Enrichment, Field
from crm_enrichment.subscribers import on_contact_merged, on_contact_unmerged
from meishi.sdk.context import service
from meishi.sdk.database import execute
from meishi.sdk.plugin import MergeReport, UnmergeReport
from meishi.testing.types import WorkspaceUnderTest

from .conftest import CONTACTS, EnrichmentClient

Wants = Callable[..., None]
ATTRIBUTES = {"country", "time_zone", "phone_type", "email_type", "seniority", "department"}
TITLES = ("CEO", "Head of Sales", "Vertriebsleiterin", "Gardener", None)
FIRMS = ("Lindqvist AB", "lindqvist ab", "Other Ltd", None, None)


def at_lindqvist(number: int, organisation: str | None = None) -> dict[str, Any]:
    """Return a contact of one domain."""
    return {
        "name": {"full": f"Person {number}"},
        "emails": [{"address": f"p{number}@lindqvist.example"}],
        "organisation": organisation,
    }


def state_of(enrichment: EnrichmentClient, contacts: list[str]) -> dict[str, Any]:
    """Return what waits and what was taken over, without when and by whom it was found."""
    return {
        contact: (
            sorted(
                (item["field"], item["value"], item["provider"], item["source"], item["confidence"])
                for item in enrichment.proposals(contact_id=contact, state="proposed")
            ),
            {name: enrichment.known(contact).get(name) for name in sorted(ATTRIBUTES)},
        )
        for contact in contacts
    }


@pytest.mark.parametrize("mode", ["propose", "apply"])
@pytest.mark.parametrize("seed", [1, 2])
def test_who_begins_late_ends_where_all_others_are(
    enrichment: EnrichmentClient, workspace: WorkspaceUnderTest, wants: Wants, mode: str, seed: int
) -> None:
    """Contacts that come and change one by one, or that were all there before: it is the same.

    In a workspace that takes over by itself this holds but for the contact's own fields: what was
    written there before counts as the contact's own word after.
    """
    wants(mode=mode, threshold=0.85)
    random, contacts = Random(seed), list[str]()
    for number in range(6):
        fields = at_lindqvist(number, random.choice(FIRMS) if mode == "propose" else "Firm")
        number_text = random.choice(["+46701234567", "+498912345678", "070 1"])
        phones = [{"number": number_text}]
        contacts.append(enrichment.contact(**fields, phones=phones, title=random.choice(TITLES)))
        enrichment.follow()
        enrichment.edit(random.choice(contacts), title=random.choice(TITLES[:4]))
        enrichment.follow()
    gone = contacts.pop()
    headers = {**workspace.headers, "If-Match": "*"}
    assert enrichment.client.delete(f"{CONTACTS}/{gone}", headers=headers).status_code == 204
    enrichment.follow()
    early = state_of(enrichment, contacts)
    assert any(waiting or any(known.values()) for waiting, known in early.values())
    with workspace.acting_as("crm_enrichment"):
        service(Enrichment).forget(tuple(UUID(contact) for contact in (*contacts, gone)))
    after: UUID | None = None
    while True:
        with workspace.acting_as("crm_enrichment"):
            after = service(Enrichment).follow_page(after)
        if after is None:
            break
    assert state_of(enrichment, contacts) == early


def test_colleagues_say_where_somebody_works(enrichment: EnrichmentClient) -> None:
    """What waits becomes surer as more people type the same; what we wrote is no evidence."""
    anna = enrichment.contact(**at_lindqvist(0))
    enrichment.follow()
    assert enrichment.waiting(anna)["organisation"] == "Lindqvist"
    confidences = []
    for number in range(1, 4):
        enrichment.contact(**at_lindqvist(number, "Lindqvist AB"))
        enrichment.follow()
        proposal = enrichment.about(anna, "organisation")
        assert (proposal["value"], proposal["method"]) == ("Lindqvist AB", "evidence")
        confidences.append(proposal["confidence"])
    assert confidences == sorted({*confidences})
    enrichment.decide(enrichment.about(anna, "organisation"), "apply")
    enrichment.follow()
    bo = enrichment.contact(**at_lindqvist(9))
    enrichment.contact(**at_lindqvist(10, "Other Ltd"))
    enrichment.follow()
    share = enrichment.about(bo, "organisation")["confidence"]
    assert share == round(0.95 * 3 / 4, 2)


def test_a_workspace_takes_over_what_is_sure(enrichment: EnrichmentClient, wants: Wants) -> None:
    """Into the contact, too; what is less sure waits, and nobody's word is replaced."""
    wants(mode="apply", threshold=0.9)
    for number in range(3):
        enrichment.contact(**at_lindqvist(number, "Lindqvist AB"))
    enrichment.follow()
    anna = enrichment.contact(**at_lindqvist(4), title="Vertriebsleiterin")
    enrichment.follow()
    typed = enrichment.contact(**at_lindqvist(5, "My own"))
    enrichment.follow()
    assert enrichment.read(anna)["organisation"] == "Lindqvist AB"
    assert enrichment.read(typed)["organisation"] == "My own"
    known = enrichment.known(anna)
    assert [item["verified"] for item in known["applied"]] == [False, False]
    assert known["email_type"] == "business"
    assert {*enrichment.waiting(anna)} == {"seniority", "department"}
    applied = enrichment.about(anna, "organisation", "applied")
    assert (applied["decided_by"], applied["replaced"]) == (None, None)
    enrichment.decide(applied, "revert")
    enrichment.follow()
    assert enrichment.read(anna)["organisation"] is None
    assert "organisation" not in enrichment.waiting(anna)


def test_what_its_provider_no_longer_says_does_not_stay(
    enrichment: EnrichmentClient, wants: Wants
) -> None:
    """Neither what waits nor what nobody has accepted; what somebody has accepted stays."""
    wants(mode="apply", threshold=0.85)
    anna, bo = (enrichment.contact(title="CEO") for _ in range(2))
    enrichment.follow()
    wants(mode="propose")
    eva = enrichment.contact(title="CEO")
    cia = enrichment.contact(title="CEO")
    enrichment.follow()
    enrichment.decide(enrichment.about(cia, "seniority"), "apply")
    for contact in (anna, eva, cia):
        enrichment.edit(contact, title="Gardener")
    enrichment.follow()
    assert enrichment.known(anna) == {}
    assert enrichment.waiting(eva) == {}
    assert enrichment.known(bo)["seniority"] == "c_level"
    assert enrichment.known(cia)["seniority"] == "c_level"


def test_a_workspace_that_wants_nothing_is_left_alone(
    enrichment: EnrichmentClient, wants: Wants
) -> None:
    """Nothing is found, and a run is refused with what to do."""
    wants(mode="off")
    contact = enrichment.contact(title="CEO")
    enrichment.follow()
    assert enrichment.proposals() == []
    refused = enrichment.run(contact, status=409)
    assert "change the setting" in refused["detail"]


def test_what_is_known_goes_with_a_merge(
    enrichment: EnrichmentClient, workspace: WorkspaceUnderTest
) -> None:
    """To the contact that stays, once; what was decided stays decided."""
    kept = enrichment.contact(phones=[{"number": "+46701234567"}])
    merged = enrichment.contact(phones=[{"number": "+46701234567"}], title="CEO")
    enrichment.follow()
    enrichment.decide(enrichment.about(merged, "seniority"), "apply")
    enrichment.decide(enrichment.about(merged, "department"), "reject")
    path = f"{CONTACTS}/{kept}/merge"
    done = enrichment.client.post(path, json={"merged_ids": [merged]}, headers=workspace.headers)
    assert done.status_code == 200, done.text
    enrichment.follow()
    assert enrichment.proposals(contact_id=merged) == []
    assert enrichment.known(kept)["seniority"] == "c_level"
    assert enrichment.waiting(kept) == {
        "country": "SE",
        "time_zone": "Europe/Stockholm",
        "phone_type": "mobile",
    }
    with workspace.acting_as("crm_enrichment"):
        report = on_contact_merged(UUID(merged), UUID(kept))
    assert report == MergeReport(moved={"proposal": 0})


def test_nothing_waits_for_a_contact_that_is_gone(
    enrichment: EnrichmentClient, workspace: WorkspaceUnderTest
) -> None:
    """Once it is back, it waits again."""
    contact = enrichment.contact(title="CEO")
    enrichment.follow()
    proposal = enrichment.about(contact, "seniority")
    headers = {**workspace.headers, "If-Match": "*"}
    enrichment.client.delete(f"{CONTACTS}/{contact}", headers=headers)
    enrichment.decide(proposal, "apply", status=409)
    enrichment.follow()
    assert enrichment.waiting(contact) == {}
    enrichment.client.post(f"{CONTACTS}/{contact}/restore", headers=workspace.headers)
    enrichment.follow()
    assert enrichment.waiting(contact)["seniority"] == "c_level"


def test_locks_are_kept_once(enrichment: EnrichmentClient, workspace: WorkspaceUnderTest) -> None:
    """However often somebody types, and whoever tells it again."""
    contact = UUID(enrichment.contact(title="CEO"))
    for _ in range(2):
        with workspace.acting_as("crm_enrichment"):
            service(Enrichment).lock(((contact, Field.TITLE), (contact, Field.TITLE)))
    enrichment.run(str(contact))
    assert "seniority" in enrichment.waiting(str(contact))


def test_what_was_found_goes_back_when_a_merge_is_taken_back(
    enrichment: EnrichmentClient, workspace: WorkspaceUnderTest
) -> None:
    """Decisions, what stands in the contact, and what people have typed: each is whose it was."""
    kept = enrichment.contact(phones=[{"number": "+46701234567"}], title="CTO")
    merged = enrichment.contact(phones=[{"number": "+46701234568"}], title="CEO")
    enrichment.follow()
    enrichment.decide(enrichment.about(kept, "seniority"), "apply")
    enrichment.decide(enrichment.about(merged, "seniority"), "apply")
    enrichment.decide(enrichment.about(merged, "department"), "reject")
    enrichment.edit(merged, title="Chief executive officer")
    enrichment.follow()
    before = [
        (enrichment.known(found), enrichment.waiting(found), decided(enrichment, found))
        for found in (kept, merged)
    ]
    path = f"{CONTACTS}/{kept}/merge"
    done = enrichment.client.post(path, json={"merged_ids": [merged]}, headers=workspace.headers)
    assert done.status_code == 200, done.text
    enrichment.follow()
    assert enrichment.proposals(contact_id=merged) == []
    back = enrichment.client.post(f"{CONTACTS}/{merged}/unmerge", headers=workspace.headers)
    assert back.status_code == 200, back.text
    enrichment.follow()
    after = [
        (enrichment.known(found), enrichment.waiting(found), decided(enrichment, found))
        for found in (kept, merged)
    ]
    assert after == before


@pytest.mark.inside
def test_what_people_have_typed_stays_theirs(
    enrichment: EnrichmentClient, workspace: WorkspaceUnderTest
) -> None:
    """Also after a merge that was taken back; what is given back again finds nothing to do."""
    kept, merged = (UUID(enrichment.contact(title=title)) for title in ("CTO", "CEO"))
    enrichment.edit(str(merged), title="Chief executive officer")
    enrichment.follow()
    with workspace.acting_as("crm_enrichment"):
        on_contact_merged(merged, kept)
        assert execute("SELECT contact_id, field FROM crm_enrichment.field_lock") == []
        on_contact_unmerged((merged,), kept)
        rows = execute("SELECT contact_id, field FROM crm_enrichment.field_lock")
        report = on_contact_unmerged((merged,), kept)
    assert rows == [(merged, "title")]
    assert report == UnmergeReport(returned={"proposal": 0}, kept={"proposal": 0})


def decided(enrichment: EnrichmentClient, contact: str) -> set[tuple[str, str]]:
    """Return the fields of a contact about which somebody has decided, and how."""
    return {
        (item["field"], item["state"])
        for item in enrichment.proposals(contact_id=contact)
        if item["state"] in {"applied", "rejected"}
    }
