from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from meishi.testing.types import Host, WorkspaceUnderTest

from .conftest import EXTRACTIONS, NOTE, Reading


def test_text_is_read_at_once_and_nobody_outside_is_asked(reading: Reading) -> None:
    """Each value comes with the passage that says it; the language model is not asked."""
    reading.answers()
    made = reading.read()
    found = {item["part"]: item for item in made["extracts"]}
    assert found["organisation"]["value"] == "Northwind Robotics Ltd"
    assert found["email"]["value"] == "anna.lindqvist@northwind.example"
    assert all(NOTE[item["start"] : item["end"]] == item["quote"] for item in found.values())
    assert {item["method"] for item in found.values()} == {"rules"}
    assert made["read_by_model"] is False
    assert reading.get(f"{EXTRACTIONS}/{made['id']}") == made
    assert reading.endpoint.asked == []


def test_what_a_text_says_of_a_contact_waits_as_proposals(reading: Reading) -> None:
    """Nothing is overwritten; the quote says why. A second text takes nothing back."""
    contact = reading.contact(emails=[{"address": "anna.lindqvist@northwind.example"}])
    reading.read(contact_id=contact)
    waiting = reading.waiting(contact)
    assert {field: item["value"] for field, item in waiting.items()} == {
        "organisation": "Northwind Robotics Ltd",
        "title": "Gardener of Ideas",
        "phone": "+44 20 7946 0123",
    }
    assert waiting["organisation"]["quote"] == "Northwind Robotics Ltd"
    assert waiting["organisation"]["source"] == "text"
    assert reading.get(f"/api/v1/contacts/{contact}")["organisation"] is None
    reading.read("see www.northwind.example", contact_id=contact)
    assert set(reading.waiting(contact)) == {"organisation", "title", "phone", "link"}


def test_contact_must_be_there(reading: Reading, other_workspace: WorkspaceUnderTest) -> None:
    """A text is about a contact of the workspace, or about nobody in particular."""
    contact = reading.contact()
    document = {"text": NOTE, "contact_id": contact}
    theirs = reading.client.post(EXTRACTIONS, json=document, headers=other_workspace.headers)
    assert theirs.status_code == 422
    assert theirs.json is not None
    assert theirs.json["type"].endswith("enrichment-contact-unknown")


def test_text_of_another_workspace_is_not_shown(
    reading: Reading, other_workspace: WorkspaceUnderTest
) -> None:
    """Who has sent a text, and their workspace, see it; nobody else."""
    path = f"{EXTRACTIONS}/{reading.read()['id']}"
    assert reading.client.get(path, headers=other_workspace.headers).status_code == 404
    assert reading.client.post(f"{path}/run", headers=other_workspace.headers).status_code == 404


@pytest.mark.parametrize("text", ["", " \n", "x" * 16_385, "ä" * 8_193])
def test_text_that_is_none_or_too_long_is_refused(reading: Reading, text: str) -> None:
    """A text has 1 octet to 16 KiB."""
    refused = reading.client.post(EXTRACTIONS, json={"text": text}, headers=reading.headers)
    assert refused.status_code == 422


def test_texts_are_forgotten_after_a_day(
    reading: Reading, plugin_host: Host, workspace: WorkspaceUnderTest
) -> None:
    """A text is there for a day, and then neither shown nor stored."""
    made = reading.read()
    with plugin_host.scope(workspace=workspace.id, plugin="crm_enrichment") as scope:
        scope.work.execute("UPDATE crm_enrichment.extraction SET expires_at = now()")
    found = reading.client.get(f"{EXTRACTIONS}/{made['id']}", headers=reading.headers)
    assert found.status_code == 404
    reading.run_jobs(at=datetime.now(UTC).replace(minute=41) + timedelta(hours=1))
    with plugin_host.scope(workspace=workspace.id, plugin="crm_enrichment") as scope:
        assert scope.work.execute("SELECT count(*) FROM crm_enrichment.extraction") == [(0,)]


def test_signature_in_a_note_waits_as_proposals(reading: Reading) -> None:
    """Whoever saves a note with a signature finds what it says; somebody else's says nothing."""
    hers, his = reading.contact(note=NOTE), reading.contact(name={"full": "Bo Ek"}, note=NOTE)
    reading.run_jobs()
    found = {}
    for contact in (hers, his):
        page = reading.get(f"/api/v1/enrichment/proposals?filter[contact_id][eq]={contact}")
        found[contact] = {
            item["field"]: item["quote"]
            for item in page["items"]
            if item["provider"] == "crm_enrichment.signature"
        }
    assert found[hers]["organisation"] == "Northwind Robotics Ltd"
    assert found[hers]["email"] == "anna.lindqvist@northwind.example"
    assert found[his] == {}
