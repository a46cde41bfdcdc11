"""What was found about private contacts: it is not there for those whom they are kept from."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm_enrichment.contract import ProposalNotFound, Proposals, ProposalState
from crm_enrichment.service import showing
from meishi.sdk.context import Actor, service
from meishi.testing.browsing import Browser
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.members import join
from meishi.testing.types import EventDeliveries, Host, Location

from .conftest import CONTACTS, ENRICHMENT, EnrichmentClient, body

PROPOSALS = f"{ENRICHMENT}/proposals"


@pytest.fixture
def bob(
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    database: Location,
    deliver_events: EventDeliveries,
) -> EnrichmentClient:
    """The web API as another member has it."""
    theirs = join(workspace, database, "Bob")
    found = EnrichmentClient(client, theirs.headers, deliver_events)
    found.user_id = str(theirs.owner_id)
    return found


def share(
    enrichment: EnrichmentClient, workspace: WorkspaceUnderTest, contact: str, **sharing: Any
) -> None:
    """Let the owner of the workspace decide who sees a contact; private, if nothing is said."""
    document = {"owner_id": str(workspace.owner_id), "visibility": "private"} | sharing
    headers = workspace.headers | {"If-Match": "*"}
    done = enrichment.client.put(f"{CONTACTS}/{contact}/sharing", json=document, headers=headers)
    assert done.status_code == 200, done.text
    enrichment.follow()


def total(who: EnrichmentClient, **query: str) -> int:
    """Return how many proposals a list counts."""
    found = who.client.get(PROPOSALS, query_string={"total": "true", **query}, headers=who.headers)
    assert found.status_code == 200, found.text
    return int(body(found)["total"])


def test_no_list_shows_or_counts_what_was_found_of_them(
    enrichment: EnrichmentClient, bob: EnrichmentClient, workspace: WorkspaceUnderTest
) -> None:
    """Whatever it is filtered by; the owner sees it, and so does everybody once it is shared."""
    secret = enrichment.contact(title="CEO")
    enrichment.contact(title="Head of Sales")
    enrichment.follow()
    assert len(bob.proposals()) == len(enrichment.proposals())
    share(enrichment, workspace, secret)
    all_of_them = enrichment.proposals()
    theirs = bob.proposals()
    assert {item["contact_id"] for item in all_of_them} - {
        item["contact_id"] for item in theirs
    } == {secret}
    assert bob.proposals(contact_id=secret) == []
    assert bob.proposals(field="seniority", state="proposed") == [
        item for item in all_of_them
        if item["field"] == "seniority" and item["contact_id"] != secret
    ]  # fmt: skip
    assert (total(bob), total(enrichment)) == (len(theirs), len(all_of_them))
    assert total(bob, **{"filter[contact_id][eq]": secret}) == 0
    share(enrichment, workspace, secret, shared_with=[{"user_id": bob.user_id, "access": "read"}])
    assert bob.proposals() == all_of_them
    share(enrichment, workspace, secret)
    headers = workspace.headers | {"If-Match": "*"}
    gone = enrichment.client.delete(f"{CONTACTS}/{secret}", headers=headers)
    assert gone.status_code == 204
    assert bob.proposals() == theirs


def test_nobody_decides_what_they_do_not_see(
    enrichment: EnrichmentClient, bob: EnrichmentClient, workspace: WorkspaceUnderTest, app: Flask
) -> None:
    """It is answered as if there was no such proposal, by itself, among many, and on pages."""
    secret = enrichment.contact(title="CEO", phones=[{"number": "+46701234567"}])
    enrichment.follow()
    applied = enrichment.about(secret, "country")
    enrichment.decide(applied, "apply")
    waiting = enrichment.about(secret, "seniority")
    share(enrichment, workspace, secret)
    for proposal, decision in ((waiting, "apply"), (waiting, "reject"), (applied, "revert")):
        problem = bob.decide(proposal, decision, 404)
        assert problem["type"] == "urn:meishi:problem:proposal-not-found"
        unknown = bob.decide({"id": str(uuid4())}, decision, 404)
        assert problem.keys() == unknown.keys()
    assert bob.client.get(f"{PROPOSALS}/{waiting['id']}", headers=bob.headers).status_code == 404
    browser = Browser(app.test_client())
    browser.sign_in(workspace.host, UUID(bob.user_id))
    page = browser.get("/enrichment").text
    assert secret not in page
    assert "CEO" not in page
    form = {"decision": "apply", "proposal": [waiting["id"]], "next": "/enrichment"}
    browser.send("/enrichment/decide", form, page="/contacts/new")
    assert "There is no proposal" in browser.get("/enrichment").text
    panel = browser.get(f"/contacts/{secret}?_panel=crm_enrichment.proposals").text
    assert panel.strip() == ""
    assert enrichment.about(secret, "seniority")["version"] == waiting["version"]
    assert enrichment.known(secret)["country"] == "SE"


@pytest.mark.inside
def test_other_modules_are_told_nothing_in_the_name_of_members(
    enrichment: EnrichmentClient, bob: EnrichmentClient, workspace: WorkspaceUnderTest, host: Host
) -> None:
    """The contract keeps it from who acts; the system sees all, and decides nothing."""
    secret = enrichment.contact(title="CEO", phones=[{"number": "+46701234567"}])
    enrichment.follow()
    enrichment.decide(enrichment.about(secret, "country"), "apply")
    waiting = UUID(enrichment.about(secret, "seniority")["id"])
    share(enrichment, workspace, secret)
    actor = Actor(
        user_id=UUID(bob.user_id),
        permissions=frozenset({"contacts.read", "enrichment.read", "enrichment.write"}),
    )
    with host.scope(workspace=workspace.id, actor=actor, plugin="crm_enrichment"):
        assert service(Proposals).known((UUID(secret),)) == ()
        with pytest.raises(ProposalNotFound):
            service(Proposals).get(waiting)
        done = service(Proposals).apply_many((waiting,))
        assert [item.code for item in done.refused] == ["proposal-not-found"]
        assert done.decided == ()
    with workspace.acting_as("crm_enrichment"):
        assert len(service(Proposals).known((UUID(secret),))) == 1
        assert service(Proposals).get(waiting).state is ProposalState.PROPOSED


@pytest.mark.inside
def test_pages_are_read_on_behind_what_is_hidden(
    enrichment: EnrichmentClient,
    bob: EnrichmentClient,
    workspace: WorkspaceUnderTest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Pages are full as long as that is not far; page by page, all are there, each once."""
    contacts = [enrichment.contact(title="Head of Sales") for _ in range(6)]
    enrichment.follow()
    for contact in (contacts[1], contacts[2], contacts[4]):
        share(enrichment, workspace, contact)
    expected = [item["id"] for item in bob.proposals()]
    assert len(expected) == 6

    def pages(limit: int) -> list[list[str]]:
        found: list[list[str]] = []
        query: dict[str, str] = {"limit": str(limit)}
        while True:
            page = body(bob.client.get(PROPOSALS, query_string=query, headers=bob.headers))
            found.append([item["id"] for item in page["items"]])
            if page["next_after"] is None:
                return found
            query["after"] = page["next_after"]

    for limit in range(1, 8):
        found = pages(limit)
        assert [item for page in found for item in page] == expected
        assert {len(page) for page in found[:-1]} <= {limit}
    monkeypatch.setattr(showing, "_READINGS", 1)
    for limit in range(1, 8):
        assert [item for page in pages(limit) for item in page] == expected


def test_texts_about_them_are_kept_from_others_too(
    enrichment: EnrichmentClient, bob: EnrichmentClient, workspace: WorkspaceUnderTest
) -> None:
    """Whoever knows the address of what was read of a text reads it no more."""
    secret = enrichment.contact()
    made = enrichment.client.post(
        f"{ENRICHMENT}/extractions",
        json={"text": "Anna Lindqvist\nCEO, Ek AB", "contact_id": secret},
        headers=enrichment.headers,
    )
    path = made.headers["Location"]
    assert bob.client.get(path, headers=bob.headers).status_code == 200
    share(enrichment, workspace, secret)
    assert bob.client.get(path, headers=bob.headers).status_code == 404
    assert bob.client.post(f"{path}/run", headers=bob.headers).status_code == 404
    assert enrichment.client.get(path, headers=enrichment.headers).status_code == 200
    document = {"text": "CEO", "contact_id": secret}
    refused = bob.client.post(f"{ENRICHMENT}/extractions", json=document, headers=bob.headers)
    assert refused.status_code == 422
    assert bob.run(secret)["missing"] == 1


def test_private_contacts_are_no_evidence_for_others(
    enrichment: EnrichmentClient, bob: EnrichmentClient, workspace: WorkspaceUnderTest
) -> None:
    """Whom they work for is concluded of no colleague, as long as they are private."""
    secret = enrichment.contact(
        emails=[{"address": "anna@lq.example"}], organisation="Lindqvist & Daughters"
    )
    colleague = bob.contact(emails=[{"address": "bo@lq.example"}])
    enrichment.follow()
    assert bob.waiting(colleague)["organisation"] == "Lindqvist & Daughters"
    share(enrichment, workspace, secret)
    assert bob.waiting(colleague)["organisation"] == "LQ"
    share(enrichment, workspace, secret, visibility="workspace")
    assert bob.waiting(colleague)["organisation"] == "Lindqvist & Daughters"
