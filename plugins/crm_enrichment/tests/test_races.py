"""Several people decide at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier, Event
from uuid import UUID, uuid4

import pytest
from flask import Flask

from crm_contacts.contract import Contacts
from crm_enrichment.contract import Enrichment, ProposalApplied, Proposals
from crm_enrichment.policy import Plan
from crm_enrichment.service.storing import store
from meishi.sdk.context import Actor, service
from meishi.testing.types import PublishedEvents, WorkspaceUnderTest

from .conftest import ENRICHMENT, EnrichmentClient


def at_once(app: Flask, workspace: WorkspaceUnderTest, wanted: list[tuple[str, str]]) -> list[int]:
    """Decide on proposals in as many threads, and return the answers' status codes in order."""
    barrier = Barrier(len(wanted))

    def decide(each: tuple[str, str]) -> int:
        barrier.wait()
        path = f"{ENRICHMENT}/proposals/{each[0]}/{each[1]}"
        return app.test_client().post(path, headers=workspace.headers).status_code

    with ThreadPoolExecutor(len(wanted)) as pool:
        return sorted(pool.map(decide, wanted))


@pytest.mark.parametrize("field", ["organisation", "country"])
def test_of_two_who_apply_one_does(
    app: Flask,
    enrichment: EnrichmentClient,
    workspace: WorkspaceUnderTest,
    published_events: PublishedEvents,
    field: str,
) -> None:
    """The other is told so; there is one effect and one event, and the contact changes once."""
    for turn in range(3):
        contact = enrichment.contact(
            emails=[{"address": f"a{turn}@lindqvist.example"}],
            phones=[{"number": "+46701234567"}],
        )
        enrichment.follow()
        proposal = enrichment.about(contact, field)
        assert at_once(app, workspace, [(proposal["id"], "apply")] * 3) == [200, 409, 409]
        assert enrichment.read(contact)["version"] == (2 if field == "organisation" else 1)
        assert enrichment.about(contact, field, "applied")["version"] == 2
        assert len(published_events(ProposalApplied)) == turn + 1


def test_a_proposal_is_either_applied_or_rejected(
    app: Flask, enrichment: EnrichmentClient, workspace: WorkspaceUnderTest
) -> None:
    """Whoever comes second is refused, and the contact says what the proposal says of itself."""
    contact = enrichment.contact(phones=[{"number": "+46701234567"}])
    enrichment.follow()
    proposal = enrichment.about(contact, "country")
    wanted = [(proposal["id"], "apply"), (proposal["id"], "reject")]
    assert at_once(app, workspace, wanted) == [200, 409]
    (decided,) = enrichment.proposals(contact_id=contact, field="country")
    country = enrichment.known(contact).get("country")
    assert country == ("SE" if decided["state"] == "applied" else None)


def test_fields_of_one_contact_are_applied_at_once(
    app: Flask, enrichment: EnrichmentClient, workspace: WorkspaceUnderTest
) -> None:
    """Each waits for the other instead of failing."""
    contact = enrichment.contact(
        emails=[{"address": "a@lindqvist.example"}], phones=[{"number": "+46701234567"}]
    )
    enrichment.follow()
    wanted = [
        (item["id"], "apply") for item in enrichment.proposals(contact_id=contact, state="proposed")
    ]
    assert at_once(app, workspace, wanted) == [200] * len(wanted)
    assert enrichment.waiting(contact) == {}


@pytest.mark.inside
def test_who_accepts_what_is_just_superseded_can_take_it_back(
    enrichment: EnrichmentClient, workspace: WorkspaceUnderTest
) -> None:
    """What was planned while a proposal waited does not undo what somebody has decided since."""
    contact = enrichment.contact(phones=[{"number": "+46701234567"}])
    enrichment.follow()
    proposal = enrichment.about(contact, "country")
    enrichment.decide(proposal, "apply")
    with workspace.acting_as("crm_enrichment"):
        (found,) = service(Contacts).find((UUID(contact),))
        planned = Plan(found, superseded=[UUID(proposal["id"])])
        store([planned], datetime.now(UTC), uuid4, None)
    assert enrichment.about(contact, "country", "applied")["value"] == "SE"
    enrichment.decide(proposal, "revert")
    assert enrichment.known(contact).get("country") is None


def test_who_follows_a_contact_hinders_nobody_who_decides(
    app: Flask, enrichment: EnrichmentClient, workspace: WorkspaceUnderTest
) -> None:
    """What a decision is just changing is nobody's own word, whenever the contact is read."""
    for turn in range(6):
        contact = enrichment.contact(emails=[{"address": f"a{turn}@lindqvist.example"}])
        enrichment.follow()
        proposal = enrichment.about(contact, "organisation")
        for decision, state in (("apply", "applied"), ("revert", "reverted")):
            barrier, decided = Barrier(2), Event()

            def follow(
                contact: str = contact, barrier: Barrier = barrier, decided: Event = decided
            ) -> None:
                barrier.wait()
                while not decided.is_set():
                    with workspace.acting_as("crm_enrichment"):
                        service(Enrichment).follow((UUID(contact),))

            with ThreadPoolExecutor(1) as pool:
                following = pool.submit(follow)
                barrier.wait()
                try:
                    answers = at_once(app, workspace, [(proposal["id"], decision)])
                finally:
                    decided.set()
                following.result()
            assert answers == [200]
            assert enrichment.about(contact, "organisation", state)["id"] == proposal["id"]
            marks = enrichment.known(contact).get("applied", [])
            assert [item["value"] for item in marks] == ["Lindqvist"] * (decision == "apply")


@pytest.mark.parametrize("decision", ["apply_many", "reject_many"])
def test_two_who_decide_on_many_do_not_hinder_each_other(
    enrichment: EnrichmentClient, workspace: WorkspaceUnderTest, decision: str
) -> None:
    """In whatever order they chose them: each waits for the other, and neither has to give up."""
    for number in range(20):
        enrichment.contact(emails=[{"address": f"anna@lindqvist{number}.example"}])
    enrichment.follow()
    chosen = [UUID(item["id"]) for item in enrichment.proposals(field="organisation")]
    barrier = Barrier(2)

    def decide(wanted: list[UUID]) -> int:
        actor = Actor(user_id=workspace.owner_id)
        barrier.wait()
        with workspace.host.scope(workspace=workspace.id, plugin="crm_enrichment", actor=actor):
            return len(getattr(service(Proposals), decision)(tuple(wanted)).decided)

    with ThreadPoolExecutor(2) as pool:
        decided = list(pool.map(decide, [chosen, chosen[::-1]]))
    assert sum(decided) == len(chosen) == 20
